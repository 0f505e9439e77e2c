/* claimlake
description: One row per version of a pet that arrived; every value is the text that came.
kind: append
owner: crm-data@example.com
tags: {phi: [pre_existing_conditions]}
*/
SELECT pet_id, customer_id, pet_name, species, breed, gender, date_of_birth, weight_lbs, color,
       microchip_id, is_neutered, pre_existing_conditions, vaccination_status, adoption_date,
       is_active, created_at, updated_at,
       _ingestion_timestamp, _source_file, _batch_id, _source_position, _rescued_data
FROM raw.pets
