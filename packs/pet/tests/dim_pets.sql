/* claimlake
model: silver.dim_pets
as_of: 2026-01-31
*/
INSERT INTO silver.dim_customers (customer_id) VALUES ('K-1');

/* claimlake
test: The newest version wins, however late an older one arrives
*/
INSERT INTO bronze.pets_raw (pet_id, customer_id, pet_name, updated_at, _ingestion_timestamp) VALUES
    ('A-1', 'K-1', 'Rex',    '2026-01-20T09:30:00Z', '2026-01-20 10:00:00+00'),
    ('A-1', 'K-1', 'Rexy',   '2026-01-20T09:29:59Z', '2026-01-28 10:00:00+00'),
    ('A-1', 'K-1', 'Rexxie', NULL,                   '2026-01-29 10:00:00+00');
INSERT INTO expected (pet_id, pet_name) VALUES ('A-1', 'Rex');

/* claimlake
test: Life stages change at 365, 7 × 365 and 10 × 365 days
description: >-
  Seven years with two leap days are 2,557 days, so 2019-02-02 is 7 × 365 days ago. Ten years with three
  are 3,653 days, so 2016-02-03 is 10 × 365 days ago.
*/
INSERT INTO bronze.pets_raw (pet_id, customer_id, date_of_birth) VALUES
    ('A-1', 'K-1', '2025-02-01'),
    ('A-2', 'K-1', '2025-01-31'),
    ('A-3', 'K-1', '2019-02-03'),
    ('A-4', 'K-1', '2019-02-02'),
    ('A-5', 'K-1', '2016-02-04'),
    ('A-6', 'K-1', '2016-02-03'),
    ('A-7', 'K-1', NULL);
INSERT INTO expected (pet_id, age_years, age_months, life_stage) VALUES
    ('A-1', 0,    11,   'Puppy/Kitten'),
    ('A-2', 1,    12,   'Adult'),
    ('A-3', 6,    83,   'Adult'),
    ('A-4', 7,    83,   'Senior'),
    ('A-5', 9,    119,  'Senior'),
    ('A-6', 10,   119,  'Geriatric'),
    ('A-7', NULL, NULL, NULL);

/* claimlake
test: Names get capital letters, weights become kilograms, what is not known stays null
*/
INSERT INTO bronze.pets_raw (pet_id, customer_id, pet_name, species, breed, weight_lbs, microchip_id, pre_existing_conditions, is_neutered, is_active) VALUES
    ('A-1', 'K-1', ' BELLA rose ', 'dOG', 'golden retriever',             '10',   'MC123456789', NULL,        'True',  'True'),
    ('A-2', 'K-1', 'max',          'CAT', 'a cat of no known breed here', '1e1',  NULL,          'Arthritis', 'False', 'False'),
    ('A-3', 'K-1', NULL,           NULL,  NULL,                           'many', NULL,          NULL,        '?',     NULL);
INSERT INTO expected (pet_id, pet_name, species, breed, weight_lbs, weight_kg, has_microchip, has_pre_existing, is_neutered, is_active) VALUES
    ('A-1', 'Bella Rose', 'Dog', 'Golden Retriever',             10,   4.54, TRUE,  FALSE, TRUE,  TRUE),
    ('A-2', 'Max',        'Cat', 'a cat of no known breed here', NULL, NULL, FALSE, TRUE,  FALSE, FALSE),
    ('A-3', NULL,         NULL,  NULL,                           NULL, NULL, FALSE, FALSE, NULL,  FALSE);

/* claimlake
test: What cannot be of a pet is flagged
*/
INSERT INTO bronze.pets_raw (pet_id, customer_id, pet_name, species, gender, date_of_birth, adoption_date, weight_lbs) VALUES
    ('A-1', 'K-1', 'Rex', 'Dog',     'Male',    '2020-01-01', '2020-03-01', '20'),
    ('A-2', 'K-1', 'Rex', 'Dog',     'Male',    '2020-01-01', '2020-03-01', '-0.5'),
    ('A-3', 'K-1', 'Rex', 'Unicorn', 'Unknown', '2020-01-01', '2019-12-31', '20'),
    ('A-4', 'K-1', 'Rex', 'Dog',     'Male',    '2026-01-31', '2026-02-01', '351');
INSERT INTO expected (pet_id, _dq) VALUES
    ('A-1', NULL),
    ('A-2', '[weight_positive]'),
    ('A-3', '[species_known, gender_known, born_before_adoption]'),
    ('A-4', '[weight_plausible, birth_in_past]');

/* claimlake
test: A pet waits for its owner
*/
INSERT INTO bronze.pets_raw (pet_id, customer_id, pet_name, date_of_birth, adoption_date) VALUES
    ('A-1', 'K-2', 'Rex', '2020-01-01', '2020-03-01'),
    ('A-2', NULL,  'Rex', '2020-01-01', '2020-03-01'),
    ('A-3', 'K-1', 'Rex', '2020-01-01', '2020-03-01');
INSERT INTO expected (pet_id, _is_valid) VALUES ('A-3', TRUE);
INSERT INTO refused (pet_id, rules) VALUES
    ('A-1', 'customer_exists'),
    ('A-2', 'customer_id_present');
