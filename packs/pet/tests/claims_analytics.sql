/* claimlake
model: gold.claims_analytics
as_of: 2026-01-31
*/

/* claimlake
test: The network saves 15 % of what is billed, to the cent, and nothing outside of it
description: 15 % of 100.10 are 15.015, half a cent goes up; of 0.03 they are 0.0045.
*/
INSERT INTO silver.dim_vet_providers (provider_id, is_in_network) VALUES ('in', TRUE), ('out', FALSE);
INSERT INTO silver.fact_claims (claim_id, provider_id, claim_amount) VALUES
    ('C-1', 'in', 100.10), ('C-2', 'in', 0.03), ('C-3', 'out', 100.10), ('C-4', NULL, 100.10);
INSERT INTO expected (claim_id, network_savings, is_in_network) VALUES
    ('C-1', 15.02, TRUE), ('C-2', 0.00, TRUE), ('C-3', 0.00, FALSE), ('C-4', 0.00, NULL);

/* claimlake
test: Each claim is there once with its own policy, pet and provider, or without them
*/
INSERT INTO silver.dim_policies (policy_id, plan_name, plan_tier) VALUES ('P-1', 'Basic', 1), ('P-2', 'Premium', 3);
INSERT INTO silver.dim_pets (pet_id, species, breed, life_stage) VALUES ('A-1', 'Dog', 'Pug', 'Adult');
INSERT INTO silver.dim_vet_providers (provider_id, provider_name, provider_type) VALUES ('V-1', 'Paws', 'Mobile Vet');
INSERT INTO silver.fact_claims (claim_id, policy_id, pet_id, provider_id, service_year_month, paid_amount) VALUES
    ('C-1', 'P-1', 'A-1', 'V-1', '2026-01', 12.34),
    ('C-2', 'P-2', 'A-1', NULL,  '2026-01', NULL),
    ('C-3', 'P-9', 'A-9', 'V-9', '2025-12', 1);
INSERT INTO expected (claim_id, plan_name, plan_tier, species, breed, life_stage, provider_name, provider_type, service_year_month, paid_amount, _aggregation_type) VALUES
    ('C-1', 'Basic',   1,    'Dog', 'Pug', 'Adult', 'Paws', 'Mobile Vet', '2026-01', 12.34, 'claim'),
    ('C-2', 'Premium', 3,    'Dog', 'Pug', 'Adult', NULL,   NULL,         '2026-01', NULL,  'claim'),
    ('C-3', NULL,      NULL, NULL,  NULL,  NULL,    NULL,   NULL,         '2025-12', 1,     'claim');
