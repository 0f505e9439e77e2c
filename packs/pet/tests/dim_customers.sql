/* claimlake
model: silver.dim_customers
as_of: 2026-01-31
*/

/* claimlake
test: The newest version wins, however late an older one arrives
*/
INSERT INTO bronze.customers_raw (customer_id, last_name, updated_at, _ingestion_timestamp, _source_file, _source_position) VALUES
    ('K-1', 'New', '2026-01-20', '2026-01-20 08:00:00+00', 'customers.csv', 1),
    ('K-1', 'Old', '2026-01-02', '2026-01-25 08:00:00+00', 'late.csv', 1);
INSERT INTO expected (customer_id, last_name) VALUES ('K-1', 'New');

/* claimlake
test: Of versions with one time the last to arrive wins, then the last in its file
*/
INSERT INTO bronze.customers_raw (customer_id, last_name, updated_at, _ingestion_timestamp, _source_file, _source_position) VALUES
    ('K-1', 'Second batch', '2026-01-20', '2026-01-21 08:00:00+00', 'a.csv', 1),
    ('K-1', 'First batch',  '2026-01-20', '2026-01-20 08:00:00+00', 'b.csv', 9),
    ('K-2', 'Line 2',       '2026-01-20', '2026-01-20 08:00:00+00', 'a.csv', 2),
    ('K-2', 'Line 3',       '2026-01-20', '2026-01-20 08:00:00+00', 'a.csv', 3);
INSERT INTO expected (customer_id, last_name) VALUES ('K-1', 'Second batch'), ('K-2', 'Line 3');

/* claimlake
test: A time that cannot be read loses to any that can
*/
INSERT INTO bronze.customers_raw (customer_id, last_name, updated_at, _ingestion_timestamp) VALUES
    ('K-1', 'Dated',   '2020-01-01',  '2026-01-20 08:00:00+00'),
    ('K-1', 'Undated', 'last Monday', '2026-01-25 08:00:00+00');
INSERT INTO expected (customer_id, last_name) VALUES ('K-1', 'Dated');

/* claimlake
test: Contact data gets one form
*/
INSERT INTO bronze.customers_raw (customer_id, first_name, last_name, email, phone, state, zip_code, marketing_opt_in) VALUES
    ('K-1', ' Ada ', 'Lovelace', ' Ada@Example.COM ', '(212) 555-0199',   ' ny ', '501',        'True'),
    ('K-2', 'Alan',  NULL,       'not an address',    '1-212-555-0199',   'NY',   '10001-1234', 'maybe'),
    ('K-3', 'Grace', 'Hopper',   NULL,                '+44 20 7946 0958', NULL,   NULL,         NULL),
    ('K-4', 'Edsger', 'Dijkstra', 'a@b.c',             '555-0199',         NULL,   NULL,         'False');
INSERT INTO expected (customer_id, full_name, email, is_valid_email, phone_clean, phone_e164, state, zip_code, marketing_opt_in) VALUES
    ('K-1', 'Ada Lovelace', 'ada@example.com', TRUE,  '2125550199',   '+12125550199',  'NY', '00501', TRUE),
    ('K-2', 'Alan',         'not an address',  FALSE, '12125550199',  '+12125550199',  'NY', '10001', FALSE),
    ('K-3', 'Grace Hopper', NULL,              FALSE, '442079460958', '+442079460958', NULL, NULL,    FALSE),
    ('K-4', 'Edsger Dijkstra', 'a@b.c',           FALSE, '5550199',      NULL,            NULL, NULL,    FALSE);

/* claimlake
test: Age is days from birth divided by 365, tenure counts completed months
description: >-
  2025-01-31 is 365 days ago and 2025-02-01 is 364. From 1986-02-10 it is 40 years less ten days, with
  ten leap days between: 14,600 days, which are 40 times 365.
*/
INSERT INTO bronze.customers_raw (customer_id, date_of_birth, customer_since) VALUES
    ('K-1', '2025-01-31', '2025-12-31'),
    ('K-2', '2025-02-01', '2026-01-01'),
    ('K-3', '1986-02-10', '2025-02-01T10:00:00'),
    ('K-4', '10.02.1986', '2026-02-30');
INSERT INTO expected (customer_id, age, tenure_months, customer_since) VALUES
    ('K-1', 1,    1,    '2025-12-31'),
    ('K-2', 0,    0,    '2026-01-01'),
    ('K-3', 40,   11,   '2025-02-01'),
    ('K-4', NULL, NULL, NULL);

/* claimlake
test: A month that began on the 31st is not complete at the end of a short one
as_of: 2026-02-28
*/
INSERT INTO bronze.customers_raw (customer_id, customer_since) VALUES
    ('K-1', '2026-01-31'),
    ('K-2', '2026-01-28');
INSERT INTO expected (customer_id, tenure_months) VALUES ('K-1', 0), ('K-2', 1);

/* claimlake
test: Each failed rule costs its weight of those that apply
description: >-
  All rules together weigh 13. K-2 fails one: 12 of 13 are 92.31. Of K-3 the state and the ZIP code are
  empty, so 11 apply, and one of them fails: 10 of 11 are 90.91.
*/
INSERT INTO bronze.customers_raw (customer_id, first_name, last_name, email, phone, state, zip_code, date_of_birth, customer_since, preferred_contact) VALUES
    ('K-1', 'A', 'B', 'a@example.com', '2125550199', 'NY', '10001', '1990-01-01', '2020-01-01', 'Email'),
    ('K-2', 'A', 'B', 'nobody',        '2125550199', 'NY', '10001', '1990-01-01', '2020-01-01', 'Email'),
    ('K-3', 'A', 'B', 'nobody',        NULL,         NULL, NULL,    '1990-01-01', '2020-01-01', 'Email'),
    ('K-4', 'A', 'B', 'a@example.com', '2125550199', 'NY', '10001', '2026-01-31', '2020-01-01', 'Fax');
INSERT INTO expected (customer_id, _is_valid, _quality_score, _dq) VALUES
    ('K-1', TRUE,  100,   NULL),
    ('K-2', FALSE, 92.31, '[email_format]'),
    ('K-3', FALSE, 90.91, '[email_format]'),
    ('K-4', FALSE, 84.62, '[birth_in_past, contact_known]');

/* claimlake
test: A customer without an id is refused
*/
INSERT INTO bronze.customers_raw (customer_id, first_name, last_name, date_of_birth, customer_since) VALUES
    (NULL, 'No', 'Body', '1990-01-01', '2020-01-01');
INSERT INTO refused (full_name, rules) VALUES ('No Body', 'customer_id_present');
