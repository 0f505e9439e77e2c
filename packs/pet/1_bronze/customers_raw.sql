/* claimlake
description: One row per version of a customer that arrived; every value is the text that came.
kind: append
owner: crm-data@example.com
tags: {pii: [first_name, last_name, email, phone, address_line1, zip_code, date_of_birth]}
*/
SELECT customer_id, first_name, last_name, email, phone, address_line1, city, state, zip_code,
       country, date_of_birth, customer_since, preferred_contact, marketing_opt_in,
       referral_source, customer_segment, lifetime_value, created_at, updated_at,
       _ingestion_timestamp, _source_file, _batch_id, _source_position, _rescued_data
FROM raw.customers
