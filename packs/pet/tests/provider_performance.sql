/* claimlake
model: gold.provider_performance
*/

/* claimlake
test: Tiers ask for a rating and for few denials among what is decided
description: >-
  One of ten denied is 10 %, two of ten are 20 %. Pending claims are in neither, so one denied of nine
  decided and one pending is 11.11 %.
*/
INSERT INTO silver.dim_vet_providers (provider_id, provider_type, average_rating) VALUES
    ('preferred',    'Mobile Vet', 4.5), ('rating short', 'Mobile Vet', 4.49), ('denial 10',   'Mobile Vet', 5.0),
    ('denial 20',    'Mobile Vet', 5.0), ('rating 4.0',   'Mobile Vet', 4.0),  ('rating 3.99', 'Mobile Vet', 3.99),
    ('unrated',      'Mobile Vet', NULL), ('pending',     'Mobile Vet', 4.5);
INSERT INTO silver.fact_claims (claim_id, provider_id, claim_amount, status, is_decided)
    SELECT p || n, p, 10.00, CASE WHEN n <= denied THEN 'Denied' WHEN n <= 9 OR p <> 'pending' THEN 'Paid' ELSE 'Submitted' END,
           n <= 9 OR p <> 'pending'
    FROM (VALUES ('preferred', 0), ('rating short', 0), ('denial 10', 1), ('denial 20', 2), ('rating 4.0', 1),
                 ('rating 3.99', 0), ('unrated', 0), ('pending', 1)) AS providers(p, denied),
         (VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10)) AS numbers(n);
INSERT INTO expected (provider_id, total_claims, decided_claims, denial_rate, provider_tier) VALUES
    ('preferred',    10, 10, 0,     'Preferred'),
    ('rating short', 10, 10, 0,     'Standard'),
    ('denial 10',    10, 10, 10,    'Standard'),
    ('denial 20',    10, 10, 20,    'Review Required'),
    ('rating 4.0',   10, 10, 10,    'Standard'),
    ('rating 3.99',  10, 10, 0,     'Review Required'),
    ('unrated',      10, 10, 0,     'Review Required'),
    ('pending',      10, 9,  11.11, 'Standard');

/* claimlake
test: Sums, means and shares of one provider, and where nothing is decided
*/
INSERT INTO silver.dim_vet_providers (provider_id, provider_type, average_rating) VALUES
    ('V-1', 'Mobile Vet', 4.0), ('V-2', 'Mobile Vet', 4.5), ('no claims', 'Mobile Vet', 5.0);
INSERT INTO silver.fact_claims (claim_id, provider_id, customer_id, claim_amount, paid_amount, status, is_decided, is_emergency, is_flagged, processing_days) VALUES
    ('C-1', 'V-1', 'K-1', 100.00, 50.00, 'Paid',      TRUE,  TRUE,  TRUE,  2),
    ('C-2', 'V-1', 'K-1', 200.00, 0.00,  'Denied',    TRUE,  FALSE, FALSE, 5),
    ('C-3', 'V-1', 'K-2', NULL,   NULL,  'Submitted', FALSE, FALSE, FALSE, NULL),
    ('C-4', 'V-2', 'K-2', 150.00, NULL,  'Submitted', FALSE, FALSE, FALSE, NULL),
    ('C-5', NULL,  'K-2', 150.00, 10.00, 'Paid',      TRUE,  FALSE, FALSE, 1);
INSERT INTO expected (provider_id, total_claims, unique_customers, total_billed, total_paid, avg_claim_amount, avg_cost_per_visit, avg_processing_days, denied_claims, emergency_visits, denial_rate, flagged_claims, flagged_share, provider_tier) VALUES
    ('V-1', 3, 2, 300.00, 50.00, 150, 100, 3.5,  1, 1, 50, 1, 33.33, 'Review Required'),
    ('V-2', 1, 1, 150.00, 0.00,  150, 150, NULL, 0, 0, 0,  0, 0,     'Preferred');

/* claimlake
test: Severity is measured against providers of the same type
description: >-
  Of 100 and 300 the mean is 200 and the standard deviation 100: one is one below, the other one above.
  Who is alone, or like all others, is at 0.
*/
INSERT INTO silver.dim_vet_providers (provider_id, provider_type) VALUES
    ('V-1', 'Mobile Vet'), ('V-2', 'Mobile Vet'), ('V-3', 'Emergency Hospital');
INSERT INTO silver.fact_claims (claim_id, provider_id, claim_amount) VALUES
    ('C-1', 'V-1', 100.00), ('C-2', 'V-2', 300.00), ('C-3', 'V-3', 9000.00);
INSERT INTO expected (provider_id, severity_z_score) VALUES ('V-1', -1), ('V-2', 1), ('V-3', 0);

/* claimlake
test: A provider whose type is not known is there too
*/
INSERT INTO silver.dim_vet_providers (provider_id, provider_type) VALUES ('V-1', NULL), ('V-2', 'Mobile Vet');
INSERT INTO silver.fact_claims (claim_id, provider_id, claim_amount) VALUES ('C-1', 'V-1', 100.00), ('C-2', 'V-2', 300.00);
INSERT INTO expected (provider_id, total_billed, severity_z_score) VALUES ('V-1', 100.00, 0), ('V-2', 300.00, 0);
