/* claimlake
description: One row per veterinary provider, in its newest version.
kind: keyed
key: provider_id
latest_by:
  - "TRY_CAST(REPLACE(REPLACE(created_at, 'T', ' '), 'Z', '') AS TIMESTAMP)"
  - _ingestion_timestamp
  - _source_file
  - _source_position
owner: provider-data@example.com
*/
WITH
-- The newest version of each provider_id. Few keys came more than once: only their rows are sorted.
repeated AS (
    SELECT provider_id
    FROM bronze.vet_providers_raw
    WHERE provider_id IS NOT NULL
    GROUP BY provider_id
    HAVING COUNT(*) > 1
),
newest AS (
    SELECT provider_id, provider_name, provider_type, address, city, state, zip_code, phone,
           email, is_in_network, average_rating, total_reviews, accepts_emergency,
           operating_hours, specialties, license_number, created_at, _ingestion_timestamp,
           _source_file, _source_position
    FROM bronze.vet_providers_raw AS arrived
    WHERE NOT EXISTS (SELECT 1 FROM repeated WHERE repeated.provider_id = arrived.provider_id)
    UNION ALL
    SELECT provider_id, provider_name, provider_type, address, city, state, zip_code, phone,
           email, is_in_network, average_rating, total_reviews, accepts_emergency,
           operating_hours, specialties, license_number, created_at, _ingestion_timestamp,
           _source_file, _source_position
    FROM (
        SELECT provider_id, provider_name, provider_type, address, city, state, zip_code, phone,
               email, is_in_network, average_rating, total_reviews, accepts_emergency,
               operating_hours, specialties, license_number, created_at, _ingestion_timestamp,
               _source_file, _source_position,
               ROW_NUMBER() OVER (
                   PARTITION BY provider_id
                   ORDER BY TRY_CAST(REPLACE(REPLACE(created_at, 'T', ' '), 'Z', '') AS TIMESTAMP) DESC,
                            _ingestion_timestamp DESC, _source_file DESC,
                            _source_position DESC) AS version
        FROM bronze.vet_providers_raw
        WHERE provider_id IN (SELECT provider_id FROM repeated)
    ) AS versions
    WHERE version = 1
),
typed AS (
    -- Read strictly, so that every engine reads the same: a date is YYYY-MM-DD with or without a time
    -- after a T, a number has no exponent, an amount is below ten billion. All else is null.
    SELECT provider_id, TRIM(provider_name) AS provider_name, provider_type, address, city,
           UPPER(TRIM(state)) AS state, LPAD(TRIM(zip_code), 5, '0') AS zip_code,
           TRIM(phone) AS phone,
           -- The inner TRANSLATE leaves what is not a digit; the outer one takes that away.
           TRANSLATE(phone, TRANSLATE(phone, '0123456789', ''), '') AS phone_clean,
           LOWER(TRIM(email)) AS email,
           COALESCE(LOWER(TRIM(is_in_network)) IN ('true', 't', 'yes', 'y', '1'), FALSE)
               AS is_in_network,
           CASE WHEN LOWER(REPLACE(average_rating, '_', 'e')) NOT LIKE '%e%'
                THEN TRY_CAST(TRIM(average_rating) AS DECIMAL(4,2))
           END AS average_rating,
           CASE WHEN LOWER(REPLACE(total_reviews, '_', 'e')) NOT LIKE '%e%'
                THEN CAST(FLOOR(TRY_CAST(TRIM(total_reviews) AS DECIMAL(9,2))) AS INTEGER)
           END AS total_reviews,
           CASE WHEN LOWER(TRIM(accepts_emergency)) IN ('true', 't', 'yes', 'y', '1') THEN TRUE
                WHEN LOWER(TRIM(accepts_emergency)) IN ('false', 'f', 'no', 'n', '0') THEN FALSE
           END AS accepts_emergency,
           operating_hours, specialties, license_number,
           CASE WHEN created_at LIKE '____-__-__%' AND created_at NOT LIKE '-%'
                THEN TRY_CAST(REPLACE(REPLACE(created_at, 'T', ' '), 'Z', '') AS TIMESTAMP)
           END AS created_at,
           _ingestion_timestamp, _source_file, _source_position
    FROM newest
)
SELECT provider_id,                       -- business key
       CASE WHEN provider_name NOT LIKE '% %' THEN UPPER(SUBSTR(provider_name, 1, 1)) || LOWER(SUBSTR(provider_name, 2))
            WHEN provider_name LIKE '% % % % % % %' THEN provider_name
            ELSE NULLIF(CONCAT_WS(' ',
                NULLIF(UPPER(SUBSTR(SPLIT_PART(provider_name, ' ', 1), 1, 1))
                       || LOWER(SUBSTR(SPLIT_PART(provider_name, ' ', 1), 2)), ''),
                NULLIF(UPPER(SUBSTR(SPLIT_PART(provider_name, ' ', 2), 1, 1))
                       || LOWER(SUBSTR(SPLIT_PART(provider_name, ' ', 2), 2)), ''),
                NULLIF(UPPER(SUBSTR(SPLIT_PART(provider_name, ' ', 3), 1, 1))
                       || LOWER(SUBSTR(SPLIT_PART(provider_name, ' ', 3), 2)), ''),
                NULLIF(UPPER(SUBSTR(SPLIT_PART(provider_name, ' ', 4), 1, 1))
                       || LOWER(SUBSTR(SPLIT_PART(provider_name, ' ', 4), 2)), ''),
                NULLIF(UPPER(SUBSTR(SPLIT_PART(provider_name, ' ', 5), 1, 1))
                       || LOWER(SUBSTR(SPLIT_PART(provider_name, ' ', 5), 2)), ''),
                NULLIF(UPPER(SUBSTR(SPLIT_PART(provider_name, ' ', 6), 1, 1))
                       || LOWER(SUBSTR(SPLIT_PART(provider_name, ' ', 6), 2)), '')), '')
       END AS provider_name,              -- each word with a capital letter; more than six words
                                          -- stay as they came
       provider_type,                     -- General Practice, Emergency Hospital, Specialty Clinic
                                          -- or Mobile Vet
       address,                           -- street and number
       city,                              -- as it came
       state,                             -- two capital letters
       zip_code,                          -- five digits, leading zeros kept
       phone,                             -- as it came
       CASE WHEN LENGTH(phone_clean) = 10 THEN '+1' || phone_clean
            WHEN LENGTH(phone_clean) = 11 AND phone_clean LIKE '1%' THEN '+' || phone_clean
            WHEN phone LIKE '+%' AND LENGTH(phone_clean) BETWEEN 8 AND 15 THEN '+' || phone_clean
       END AS phone_e164,                 -- E.164; null if it is no telephone number
       email,                             -- lower case
       COALESCE(NULLIF(REGEXP_EXTRACT(email, '[a-z0-9._%+-]+@[a-z0-9.-]+[.][a-z]{2,}', 0), '') = email, FALSE)
           AS is_valid_email,             -- has the form local@domain.tld
       is_in_network,                     -- has a contract with us; no answer is no
       CASE WHEN is_in_network THEN 'In-Network' ELSE 'Out-of-Network' END AS network_status,
                                          -- is_in_network in words
       average_rating,                    -- of its reviews, 0 to 5 [stars]
       CASE WHEN average_rating >= 4.5 THEN 'Excellent' WHEN average_rating >= 4.0 THEN 'Good'
            WHEN average_rating >= 3.5 THEN 'Average' ELSE 'Below Average'
       END AS rating_category,            -- from 4.5 Excellent, from 4.0 Good, from 3.5 Average,
                                          -- else Below Average
       total_reviews,                     -- behind average_rating [reviews]
       accepts_emergency,                 -- takes emergencies
       operating_hours,                   -- as it came
       specialties,                       -- null where it has none
       license_number,                    -- as it came
       created_at,                        -- when this version was made (UTC)
       _ingestion_timestamp,              -- when this version arrived (UTC)
       _source_file,                      -- in which file
       _source_position                   -- where in it
FROM typed
