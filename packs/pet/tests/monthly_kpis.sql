/* claimlake
model: gold.monthly_kpis
as_of: 2026-02-10
*/

/* claimlake
test: A month earns the days of each term that fall into it, up to today
description: >-
  365.00 a year over 365 days is 1.00 a day: 15 days of December from the 17th on, 31 of January, 9 of
  February before today. Paid by earned is 30 of 15, 31 of 31 and 0 of 9. Frequency is claims by policy
  years: 1 × 365 ÷ 15, 2 × 365 ÷ 31 and 1 × 365 ÷ 9.
*/
INSERT INTO silver.dim_policies (policy_id, customer_id, status, is_in_force, annual_premium, term_days, effective_date, expiration_date, end_date) VALUES
    ('P-1', 'K-1', 'Active', TRUE, 365.00, 365, '2025-12-17', '2026-12-17', '2026-12-17');
INSERT INTO silver.fact_claims (claim_id, customer_id, pet_id, service_date, service_year_month, claim_amount, paid_amount, status, is_approved, is_decided) VALUES
    ('C-1', 'K-1', 'A-1', '2025-12-31', '2025-12', 100.00, 30.00, 'Paid',      TRUE,  TRUE),
    ('C-2', 'K-1', 'A-1', '2026-01-01', '2026-01', 10.00,  31.00, 'Paid',      TRUE,  TRUE),
    ('C-3', 'K-1', 'A-1', '2026-01-31', '2026-01', 30.00,  0.00,  'Denied',    FALSE, TRUE),
    ('C-4', 'K-1', 'A-1', '2026-02-01', '2026-02', 10.00,  NULL,  'Submitted', FALSE, FALSE),
    ('C-5', 'K-1', 'A-1', NULL,         NULL,      10.00,  10.00, 'Paid',      TRUE,  TRUE);
INSERT INTO expected (year_month, month_start, is_complete, total_claims, unique_customers, unique_pets, total_claim_amount, total_paid_amount, avg_claim_amount, earned_premium, loss_ratio, frequency, severity) VALUES
    ('2025-12', '2025-12-01', TRUE,  1, 1, 1, 100.00, 30.00, 100, 15.00, 200, 24.333, 30),
    ('2026-01', '2026-01-01', TRUE,  2, 1, 1, 40.00,  31.00, 20,  31.00, 100, 23.548, 31),
    ('2026-02', '2026-02-01', FALSE, 1, 1, 1, 10.00,  0.00,  10,  9.00,  0,   40.556, 0);

/* claimlake
test: Where nothing is earned and nothing decided the ratios are 0
*/
INSERT INTO silver.fact_claims (claim_id, service_date, service_year_month, claim_amount, paid_amount, status, is_approved, is_decided) VALUES
    ('C-1', '2026-01-05', '2026-01', 100.00, NULL, 'Submitted', FALSE, FALSE);
INSERT INTO expected (year_month, earned_premium, loss_ratio, frequency, severity, approval_rate, denial_rate, straight_through_rate, median_decision_days, claims_growth_pct) VALUES
    ('2026-01', 0.00, 0, 0, 0, 0, 0, 0, NULL, NULL);

/* claimlake
test: Rates are of decided claims, pending ones are in neither
description: >-
  Of six claims four are decided, three of them approved. They took 1, 1, 1 and 10 days: half of them
  within 1, nine of ten within 10, three of four within one day.
*/
INSERT INTO silver.fact_claims (claim_id, service_date, service_year_month, status, is_approved, is_decided, processing_days) VALUES
    ('C-1', '2026-01-05', '2026-01', 'Approved',           TRUE,  TRUE,  1),
    ('C-2', '2026-01-05', '2026-01', 'Partially Approved', TRUE,  TRUE,  1),
    ('C-3', '2026-01-05', '2026-01', 'Paid',               TRUE,  TRUE,  1),
    ('C-4', '2026-01-05', '2026-01', 'Denied',             FALSE, TRUE,  10),
    ('C-5', '2026-01-05', '2026-01', 'Submitted',          FALSE, FALSE, NULL),
    ('C-6', '2026-01-05', '2026-01', 'Under Review',       FALSE, FALSE, 3);
INSERT INTO expected (year_month, total_claims, approved_claims, denied_claims, approval_rate, denial_rate, avg_processing_days, median_decision_days, p90_decision_days, straight_through_rate) VALUES
    ('2026-01', 6, 3, 1, 75, 25, 3.25, 1, 10, 75);

/* claimlake
test: No claim decided within a day is no straight-through rate
*/
INSERT INTO silver.fact_claims (claim_id, service_date, service_year_month, status, is_approved, is_decided, processing_days) VALUES
    ('C-1', '2026-01-05', '2026-01', 'Paid', TRUE, TRUE, 2),
    ('C-2', '2026-01-05', '2026-01', 'Paid', TRUE, TRUE, 3);
INSERT INTO expected (year_month, median_decision_days, p90_decision_days, straight_through_rate) VALUES
    ('2026-01', 2, 3, 0);

/* claimlake
test: Customers are new in the month of their first term and churn in that of their last
description: >-
  K-1 began in January and is in force. K-2 began in December and ended on 15 January. K-3 ended in
  January too, but a new term of theirs is in force. K-4 has only a term still to begin, K-5 one that
  waits for its approval.
*/
INSERT INTO silver.dim_policies (policy_id, customer_id, status, is_in_force, effective_date, end_date) VALUES
    ('P-1', 'K-1', 'Active',    TRUE,  '2026-01-01', '2027-01-01'),
    ('P-2', 'K-2', 'Cancelled', FALSE, '2025-12-31', '2026-01-15'),
    ('P-3', 'K-3', 'Expired',   FALSE, '2025-01-20', '2026-01-20'),
    ('P-4', 'K-3', 'Active',    TRUE,  '2026-01-20', '2027-01-20'),
    ('P-5', 'K-4', 'Active',    FALSE, '2026-03-01', '2027-03-01'),
    ('P-6', 'K-5', 'Pending',   FALSE, '2026-01-01', '2027-01-01');
INSERT INTO silver.fact_claims (claim_id, service_date, service_year_month) VALUES
    ('C-1', '2025-12-05', '2025-12'), ('C-2', '2026-01-05', '2026-01'), ('C-3', '2026-02-05', '2026-02');
INSERT INTO expected (year_month, new_customers, churned_customers) VALUES
    ('2025-12', 1, 0), ('2026-01', 1, 1), ('2026-02', 0, 0);

/* claimlake
test: A term that begins today is in force, so its customer is new and nobody has churned
*/
INSERT INTO silver.dim_policies (policy_id, customer_id, status, is_in_force, effective_date, end_date) VALUES
    ('P-1', 'K-1', 'Active',  TRUE,  '2026-02-10', '2027-02-10'),
    ('P-2', 'K-2', 'Expired', FALSE, '2025-02-10', '2026-02-10'),
    ('P-3', 'K-2', 'Active',  TRUE,  '2026-02-10', '2027-02-10');
INSERT INTO silver.fact_claims (claim_id, service_date, service_year_month) VALUES ('C-1', '2026-02-05', '2026-02');
INSERT INTO expected (year_month, new_customers, churned_customers) VALUES ('2026-02', 1, 0);

/* claimlake
test: Growth is against the month before, and null where that has no claims
*/
INSERT INTO silver.fact_claims (claim_id, service_date, service_year_month, paid_amount) VALUES
    ('C-1', '2025-10-05', '2025-10', 10.00),
    ('C-2', '2025-12-05', '2025-12', 40.00),
    ('C-3', '2025-12-06', '2025-12', 40.00),
    ('C-4', '2026-01-05', '2026-01', 20.00);
INSERT INTO expected (year_month, claims_growth_pct, paid_growth_pct) VALUES
    ('2025-10', NULL, NULL), ('2025-12', NULL, NULL), ('2026-01', -50, -75);
