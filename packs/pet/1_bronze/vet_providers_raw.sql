/* claimlake
description: One row per version of a provider that arrived; every value is the text that came.
kind: append
owner: provider-data@example.com
*/
SELECT provider_id, provider_name, provider_type, address, city, state, zip_code, phone, email,
       is_in_network, average_rating, total_reviews, accepts_emergency, operating_hours,
       specialties, license_number, created_at,
       _ingestion_timestamp, _source_file, _batch_id, _source_position, _rescued_data
FROM raw.vet_providers
