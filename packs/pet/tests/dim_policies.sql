/* claimlake
model: silver.dim_policies
as_of: 2026-01-31
*/
INSERT INTO silver.dim_customers (customer_id) VALUES ('K-1');
INSERT INTO silver.dim_pets (pet_id) VALUES ('A-1');

/* claimlake
test: In force are Active terms from their first to their last day
*/
INSERT INTO bronze.policies_raw (policy_id, customer_id, pet_id, status, effective_date, expiration_date) VALUES
    ('begins today',    'K-1', 'A-1', 'Active',    '2026-01-31', '2027-01-31'),
    ('begins tomorrow', 'K-1', 'A-1', 'Active',    '2026-02-01', '2027-02-01'),
    ('ends today',      'K-1', 'A-1', 'Active',    '2025-01-31', '2026-01-31'),
    ('ended yesterday', 'K-1', 'A-1', 'Active',    '2025-01-30', '2026-01-30'),
    ('pending',         'K-1', 'A-1', 'Pending',   '2025-07-01', '2026-07-01'),
    ('cancelled',       'K-1', 'A-1', 'Cancelled', '2025-07-01', '2026-07-01'),
    ('no status',       'K-1', 'A-1', NULL,        '2025-07-01', '2026-07-01');
INSERT INTO expected (policy_id, is_in_force, is_active, days_until_renewal) VALUES
    ('begins today',    TRUE,  TRUE,  365),
    ('begins tomorrow', FALSE, TRUE,  NULL),
    ('ends today',      TRUE,  TRUE,  0),
    ('ended yesterday', FALSE, TRUE,  NULL),
    ('pending',         FALSE, FALSE, NULL),
    ('cancelled',       FALSE, FALSE, NULL),
    ('no status',       FALSE, NULL,  NULL);

/* claimlake
test: Premium is earned by the day, up to today or the end of cover
description: >-
  36.50 a month is 438.00 a year. From 2025-07-01 to 2026-01-31 are 214 days of a term of 365, each of
  which earns 1.20: 256.80. Cancelled on 2025-10-01, after 92 days, it has earned 110.40. A leap year's
  term of 366 days earns all of its premium, and no more. One day of 99.96 is 0.2739, to the cent 0.27.
*/
INSERT INTO bronze.policies_raw (policy_id, customer_id, pet_id, status, monthly_premium, effective_date, expiration_date, cancellation_date) VALUES
    ('running',          'K-1', 'A-1', 'Active',    '36.50', '2025-07-01', '2026-07-01', NULL),
    ('cancelled',        'K-1', 'A-1', 'Cancelled', '36.50', '2025-07-01', '2026-07-01', '2025-10-01'),
    ('cancelled late',   'K-1', 'A-1', 'Cancelled', '36.50', '2024-07-01', '2025-07-01', '2025-08-01'),
    ('not cancelled',    'K-1', 'A-1', 'Active',    '36.50', '2025-07-01', '2026-07-01', '2025-10-01'),
    ('over, a leap year','K-1', 'A-1', 'Expired',   '36.50', '2024-01-01', '2025-01-01', NULL),
    ('one day',          'K-1', 'A-1', 'Active',    '8.33',  '2026-01-30', '2027-01-30', NULL),
    ('still to begin',   'K-1', 'A-1', 'Active',    '36.50', '2026-02-01', '2027-02-01', NULL),
    ('backwards',        'K-1', 'A-1', 'Active',    '36.50', '2025-07-01', '2025-06-01', NULL);
INSERT INTO expected (policy_id, annual_premium, end_date, term_days, days_covered, earned_premium) VALUES
    ('running',           438.00, '2026-07-01', 365, 214, 256.80),
    ('cancelled',         438.00, '2025-10-01', 365, 92,  110.40),
    ('cancelled late',    438.00, '2025-07-01', 365, 365, 438.00),
    ('not cancelled',     438.00, '2026-07-01', 365, 214, 256.80),
    ('over, a leap year', 438.00, '2025-01-01', 366, 366, 438.00),
    ('one day',           99.96,  '2027-01-30', 365, 1,   0.27),
    ('still to begin',    438.00, '2027-02-01', 365, 0,   0.00),
    ('backwards',         438.00, '2025-06-01', -30, 0,   0.00);

/* claimlake
test: Plans have tiers, amounts and counts are numbers, months are completed ones
*/
INSERT INTO bronze.policies_raw (policy_id, customer_id, pet_id, plan_name, monthly_premium, coverage_limit, reimbursement_percentage, renewal_count, effective_date) VALUES
    ('P-1', 'K-1', 'A-1', 'Basic',     ' 25.005 ', '5000',   '70.0', '2', '2025-07-31'),
    ('P-2', 'K-1', 'A-1', 'Standard',  '$45',      '15000',  '80',   '0', '2025-07-01'),
    ('P-3', 'K-1', 'A-1', 'Premium',   '1e2',      '30000',  '90',   '',  '2026-01-31'),
    ('P-4', 'K-1', 'A-1', 'Unlimited', '120',      '999999', '100',  '5', '2026-02-01'),
    ('P-5', 'K-1', 'A-1', 'Gold',      '0',        NULL,     NULL,   NULL, NULL);
INSERT INTO expected (policy_id, plan_tier, monthly_premium, annual_premium, reimbursement_percentage, renewal_count, policy_age_months) VALUES
    ('P-1', 1, 25.01,  300.12,  70,   2,    6),
    ('P-2', 2, NULL,   NULL,    80,   0,    6),
    ('P-3', 3, NULL,   NULL,    90,   NULL, 0),
    ('P-4', 4, 120.00, 1440.00, 100,  5,    -1),
    ('P-5', 0, 0.00,   0.00,    NULL, NULL, NULL);

/* claimlake
test: The newest version wins, however late an older one arrives
*/
INSERT INTO bronze.policies_raw (policy_id, customer_id, pet_id, status, updated_at, _ingestion_timestamp) VALUES
    ('P-1', 'K-1', 'A-1', 'Cancelled', '2026-01-20', '2026-01-20 10:00:00+00'),
    ('P-1', 'K-1', 'A-1', 'Active',    '2025-06-30', '2026-01-30 10:00:00+00');
INSERT INTO expected (policy_id, status) VALUES ('P-1', 'Cancelled');

/* claimlake
test: A policy waits for its holder and its pet
*/
INSERT INTO bronze.policies_raw (policy_id, customer_id, pet_id, monthly_premium, effective_date, expiration_date) VALUES
    ('P-1', 'K-2', 'A-1', '25', '2025-07-01', '2026-07-01'),
    ('P-2', 'K-2', 'A-2', '25', '2025-07-01', '2026-07-01'),
    ('P-3', 'K-1', NULL,  '25', '2025-07-01', '2026-07-01');
INSERT INTO refused (policy_id, rules) VALUES
    ('P-1', 'customer_exists'),
    ('P-2', 'customer_exists, pet_exists'),
    ('P-3', 'references_present');
