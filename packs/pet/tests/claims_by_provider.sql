/* claimlake
model: gold.claims_by_provider
*/

/* claimlake
test: A provider counts its claims, and each customer once
*/
INSERT INTO silver.fact_claims (claim_id, provider_id, customer_id, claim_amount, paid_amount, status, is_decided, is_emergency, is_flagged, processing_days) VALUES
    ('C-1', 'V-1', 'K-1', 100.00, 50.00, 'Paid',      TRUE,  TRUE,  TRUE,  2),
    ('C-2', 'V-1', 'K-1', 200.00, 0.00,  'Denied',    TRUE,  FALSE, FALSE, 5),
    ('C-3', 'V-1', 'K-2', NULL,   NULL,  'Submitted', FALSE, FALSE, FALSE, NULL),
    ('C-4', NULL,  'K-2', 150.00, 10.00, 'Paid',      TRUE,  FALSE, FALSE, 1);
INSERT INTO expected (provider_id, total_claims, unique_customers, claims_with_amount, total_billed, total_paid, claims_with_days, processing_days, denied_claims, decided_claims, emergency_visits, flagged_claims) VALUES
    ('V-1', 3, 2, 2, 300.00, 50.00, 2, 7, 1, 2, 1, 1);
