/* claimlake
model: gold.claims_by_month
*/

/* claimlake
test: A month counts its claims, and each customer and pet once
description: >-
  K-1 claims twice for one pet and once for another, K-2 once; a claim without a day is in no month. Of
  100, nothing, 20.50 and 9.50 three are known. The month after December is in the next year.
*/
INSERT INTO silver.fact_claims (claim_id, customer_id, pet_id, service_year_month, claim_amount, paid_amount, status, is_approved, is_emergency) VALUES
    ('C-1', 'K-1', 'A-1', '2025-12', 100.00, 80.00, 'Paid',      TRUE,  TRUE),
    ('C-2', 'K-1', 'A-1', '2025-12', NULL,   0.00,  'Denied',    FALSE, FALSE),
    ('C-3', 'K-1', 'A-2', '2025-12', 20.50,  10.25, 'Approved',  TRUE,  FALSE),
    ('C-4', 'K-2', 'A-3', '2025-12', 9.50,   NULL,  'Submitted', FALSE, TRUE),
    ('C-5', 'K-2', 'A-3', NULL,      5.00,   5.00,  'Paid',      TRUE,  TRUE),
    ('C-6', 'K-2', 'A-3', '2026-01', 5.00,   NULL,  NULL,        FALSE, FALSE);
INSERT INTO expected (year_month, next_year_month, total_claims, unique_customers, unique_pets, claims_with_amount, total_claim_amount, total_paid_amount, approved_claims, denied_claims, paying_claims, emergency_claims) VALUES
    ('2025-12', '2026-01', 4, 2, 3, 3, 130.00, 90.25, 2, 1, 2, 2),
    ('2026-01', '2026-02', 1, 1, 1, 1, 5.00,   0.00,  0, 0, 0, 0);
