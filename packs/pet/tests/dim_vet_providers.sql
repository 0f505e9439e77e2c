/* claimlake
model: silver.dim_vet_providers
*/

/* claimlake
test: Ratings have classes from 4.5, 4.0 and 3.5 on
*/
INSERT INTO bronze.vet_providers_raw (provider_id, average_rating) VALUES
    ('V-1', '4.5'), ('V-2', '4.49'), ('V-3', '4.0'), ('V-4', '3.99'), ('V-5', '3.5'), ('V-6', '3.49'),
    ('V-7', NULL);
INSERT INTO expected (provider_id, rating_category) VALUES
    ('V-1', 'Excellent'), ('V-2', 'Good'), ('V-3', 'Good'), ('V-4', 'Average'), ('V-5', 'Average'),
    ('V-6', 'Below Average'), ('V-7', 'Below Average');

/* claimlake
test: Names, addresses and the network get one form
*/
INSERT INTO bronze.vet_providers_raw (provider_id, provider_name, state, zip_code, phone, is_in_network, accepts_emergency, total_reviews) VALUES
    ('V-1', 'HAPPY paws CLINIC',              'tx', '501',   '(512) 555-0100', 'True',  'no', '12.0'),
    ('V-2', 'the vet of the old town square', 'TX', '78701', '12345',          NULL,    NULL, '-1');
INSERT INTO expected (provider_id, provider_name, state, zip_code, phone_e164, is_in_network, network_status, accepts_emergency, total_reviews) VALUES
    ('V-1', 'Happy Paws Clinic',              'TX', '00501', '+15125550100', TRUE,  'In-Network',     FALSE, 12),
    ('V-2', 'the vet of the old town square', 'TX', '78701', NULL,           FALSE, 'Out-of-Network', NULL,  -1);

/* claimlake
test: The newest version is the one that was made last
*/
INSERT INTO bronze.vet_providers_raw (provider_id, city, created_at, _ingestion_timestamp) VALUES
    ('V-1', 'Austin', '2026-01-20', '2026-01-20 10:00:00+00'),
    ('V-1', 'Dallas', '2025-01-20', '2026-01-30 10:00:00+00');
INSERT INTO expected (provider_id, city) VALUES ('V-1', 'Austin');
