/* claimlake
model: silver.fact_claims
*/
INSERT INTO silver.dim_policies (policy_id) VALUES ('P-1');
INSERT INTO silver.dim_pets (pet_id) VALUES ('A-1');
INSERT INTO silver.dim_customers (customer_id) VALUES ('K-1');
INSERT INTO silver.dim_vet_providers (provider_id) VALUES ('V-1');

/* claimlake
test: An older version that arrives later does not win
*/
INSERT INTO bronze.claims_raw (claim_id, policy_id, pet_id, customer_id, claim_amount, status, updated_at, _ingestion_timestamp) VALUES
    ('C-1', 'P-1', 'A-1', 'K-1', 120.00, 'Paid',      '2026-01-09T12:00:00Z', '2026-01-09 13:00:00+00'),
    ('C-1', 'P-1', 'A-1', 'K-1', 130.00, 'Submitted', '2026-01-02T12:00:00Z', '2026-01-15 13:00:00+00');
INSERT INTO expected (claim_id, status, claim_amount) VALUES ('C-1', 'Paid', 120.00);

/* claimlake
test: The same version twice is one claim
*/
INSERT INTO bronze.claims_raw (claim_id, policy_id, pet_id, customer_id, claim_amount, status, updated_at, _source_file, _source_position) VALUES
    ('C-1', 'P-1', 'A-1', 'K-1', 120.00, 'Paid', '2026-01-09', 'a.jsonl', 1),
    ('C-1', 'P-1', 'A-1', 'K-1', 120.00, 'Paid', '2026-01-09', 'b.jsonl', 1);
INSERT INTO expected (claim_id, _source_file) VALUES ('C-1', 'b.jsonl');

/* claimlake
test: A newest version that breaks a rule does not bring an older one back
*/
INSERT INTO bronze.claims_raw (claim_id, policy_id, pet_id, customer_id, claim_amount, status, service_date, submitted_date, updated_at) VALUES
    ('C-1', 'P-1', 'A-1', 'K-1', 120.00, 'Submitted', '2026-01-01', '2026-01-02', '2026-01-02'),
    ('C-1', 'P-1', 'A-1', 'K-1', 120.00, 'Lost',      '2026-01-01', '2026-01-02', '2026-01-09');
INSERT INTO refused (claim_id, rules) VALUES ('C-1', 'status_known');

/* claimlake
test: Sizes change at 100, 500 and 2,000
*/
INSERT INTO bronze.claims_raw (claim_id, policy_id, pet_id, customer_id, status, claim_amount) VALUES
    ('C-1', 'P-1', 'A-1', 'K-1', 'Paid', 99.99),  ('C-2', 'P-1', 'A-1', 'K-1', 'Paid', 100),
    ('C-3', 'P-1', 'A-1', 'K-1', 'Paid', 499.99), ('C-4', 'P-1', 'A-1', 'K-1', 'Paid', 500),
    ('C-5', 'P-1', 'A-1', 'K-1', 'Paid', 1999.99), ('C-6', 'P-1', 'A-1', 'K-1', 'Paid', 2000);
INSERT INTO expected (claim_id, claim_size_category) VALUES
    ('C-1', 'Small (<$100)'), ('C-2', 'Medium ($100-$500)'), ('C-3', 'Medium ($100-$500)'),
    ('C-4', 'Large ($500-$2000)'), ('C-5', 'Large ($500-$2000)'), ('C-6', 'Major (>$2000)');

/* claimlake
test: What the customer bears and what is reimbursed
description: 90 of 120 are 75 %; 100 of 300 are 33.33 %; a claim that is not paid yet has no share.
*/
INSERT INTO bronze.claims_raw (claim_id, policy_id, pet_id, customer_id, status, claim_amount, paid_amount) VALUES
    ('C-1', 'P-1', 'A-1', 'K-1', 'Paid',         120.00, 90.00),
    ('C-2', 'P-1', 'A-1', 'K-1', 'Paid',         300.00, 100.00),
    ('C-3', 'P-1', 'A-1', 'K-1', 'Denied',       300.00, 0),
    ('C-4', 'P-1', 'A-1', 'K-1', 'Under Review', 300.00, NULL);
INSERT INTO expected (claim_id, customer_out_of_pocket, reimbursement_rate, is_approved, is_decided) VALUES
    ('C-1', 30.00,  75,    TRUE,  TRUE),
    ('C-2', 200.00, 33.33, TRUE,  TRUE),
    ('C-3', 300.00, 0,     FALSE, TRUE),
    ('C-4', NULL,   NULL,  FALSE, FALSE);

/* claimlake
test: A claim belongs to the month of its treatment, to the last hour of the year
*/
INSERT INTO bronze.claims_raw (claim_id, policy_id, pet_id, customer_id, status, claim_amount, service_date, submitted_date) VALUES
    ('C-1', 'P-1', 'A-1', 'K-1', 'Paid', 120, '2025-12-31T23:59:59', '2026-01-01'),
    ('C-2', 'P-1', 'A-1', 'K-1', 'Paid', 120, '2026-01-01',          '2026-01-01'),
    ('C-3', 'P-1', 'A-1', 'K-1', 'Paid', 120, '2026-02-30',          '2026-01-05'),
    ('C-4', 'P-1', 'A-1', 'K-1', 'Paid', 120, '2026-01-02',          '2026-01-01');
INSERT INTO expected (claim_id, service_date, service_year, service_quarter, service_month, service_year_month, days_to_submit, _dq) VALUES
    ('C-1', '2025-12-31', 2025, 4,    12,   '2025-12', 1,    NULL),
    ('C-2', '2026-01-01', 2026, 1,    1,    '2026-01', 0,    NULL),
    ('C-3', NULL,         NULL, NULL, NULL, NULL,      NULL, '[service_date_valid]'),
    ('C-4', '2026-01-02', 2026, 1,    1,    '2026-01', -1,   '[submitted_after_service]');

/* claimlake
test: Worth a second look are large, round and late claims
*/
INSERT INTO bronze.claims_raw (claim_id, policy_id, pet_id, customer_id, status, claim_amount, service_date, submitted_date) VALUES
    ('C-1', 'P-1', 'A-1', 'K-1', 'Paid', 5000.01, '2026-01-01', '2026-01-02'),
    ('C-2', 'P-1', 'A-1', 'K-1', 'Paid', 4999.99, '2026-01-01', '2026-01-02'),
    ('C-3', 'P-1', 'A-1', 'K-1', 'Paid', 500.00,  '2026-01-01', '2026-01-02'),
    ('C-4', 'P-1', 'A-1', 'K-1', 'Paid', 400.00,  '2026-01-01', '2026-01-02'),
    ('C-5', 'P-1', 'A-1', 'K-1', 'Paid', 123.00,  '2026-01-01', '2026-04-02'),
    ('C-6', 'P-1', 'A-1', 'K-1', 'Paid', 123.00,  '2026-01-01', '2026-04-01');
INSERT INTO expected (claim_id, days_to_submit, is_flagged) VALUES
    ('C-1', 1, TRUE), ('C-2', 1, FALSE), ('C-3', 1, TRUE), ('C-4', 1, FALSE),
    ('C-5', 91, TRUE), ('C-6', 90, FALSE);

/* claimlake
test: A claim waits for what it refers to, and one that cannot be paid is refused
*/
INSERT INTO bronze.claims_raw (claim_id, policy_id, pet_id, customer_id, provider_id, status, claim_amount, service_date, submitted_date) VALUES
    ('good',           'P-1', 'A-1', 'K-1', 'V-1', 'Paid',   0.01, '2026-01-01', '2026-01-02'),
    ('no provider',    'P-1', 'A-1', 'K-1', NULL,  'Paid',   1,    '2026-01-01', '2026-01-02'),
    ('late policy',    'P-2', 'A-1', 'K-1', 'V-1', 'Paid',   1,    '2026-01-01', '2026-01-02'),
    ('late provider',  'P-1', 'A-1', 'K-1', 'V-2', 'Paid',   1,    '2026-01-01', '2026-01-02'),
    ('late all',       'P-2', 'A-2', 'K-2', 'V-2', 'Paid',   1,    '2026-01-01', '2026-01-02'),
    ('nothing',        'P-1', 'A-1', 'K-1', 'V-1', 'Paid',   0,    '2026-01-01', '2026-01-02'),
    ('no amount',      'P-1', 'A-1', 'K-1', 'V-1', 'Paid',   NULL, '2026-01-01', '2026-01-02'),
    ('no status',      'P-1', 'A-1', 'K-1', 'V-1', NULL,     1,    '2026-01-01', '2026-01-02'),
    ('unknown status', 'P-1', 'A-1', 'K-1', 'V-1', 'paid',   1,    '2026-01-01', '2026-01-02'),
    ('no pet',         'P-1', NULL,  'K-1', 'V-1', 'Paid',   1,    '2026-01-01', '2026-01-02');
INSERT INTO expected (claim_id, _dq) VALUES ('good', NULL), ('no provider', NULL);
INSERT INTO refused (claim_id, rules) VALUES
    ('late policy',    'policy_exists'),
    ('late provider',  'provider_exists'),
    ('late all',       'policy_exists, pet_exists, customer_exists, provider_exists'),
    ('nothing',        'amount_positive'),
    ('no amount',      'amount_present'),
    ('no status',      'status_present'),
    ('unknown status', 'status_known'),
    ('no pet',         'references_present');

/* claimlake
test: A claim that waited is published once its policy is there
*/
INSERT INTO silver.dim_policies (policy_id) VALUES ('P-2');
INSERT INTO bronze.claims_raw (claim_id, policy_id, pet_id, customer_id, provider_id, status, claim_amount, service_date, submitted_date) VALUES
    ('late policy', 'P-2', 'A-1', 'K-1', 'V-1', 'Paid', 1, '2026-01-01', '2026-01-02');
INSERT INTO expected (claim_id, _is_valid) VALUES ('late policy', TRUE);

/* claimlake
test: Payments above what is covered or claimed are flagged
*/
INSERT INTO bronze.claims_raw (claim_id, policy_id, pet_id, customer_id, status, claim_amount, covered_amount, paid_amount, service_date, submitted_date) VALUES
    ('C-1', 'P-1', 'A-1', 'K-1', 'Paid',   100, 100, 100.01, '2026-01-01', '2026-01-02'),
    ('C-2', 'P-1', 'A-1', 'K-1', 'Paid',   100, 101, 100,    '2026-01-01', '2026-01-02'),
    ('C-3', 'P-1', 'A-1', 'K-1', 'Denied', 100, 100, 0.01,   '2026-01-01', '2026-01-02'),
    ('C-4', 'P-1', 'A-1', 'K-1', 'Paid',   100, 100, -1,     '2026-01-01', '2026-01-02');
INSERT INTO expected (claim_id, _dq) VALUES
    ('C-1', '[paid_le_covered, paid_le_claimed]'),
    ('C-2', '[covered_le_claimed]'),
    ('C-3', '[denied_pays_nothing]'),
    ('C-4', '[paid_not_negative]');
