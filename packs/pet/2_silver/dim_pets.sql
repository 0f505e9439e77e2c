/* claimlake
description: One row per pet, in its newest version.
kind: keyed
key: pet_id
latest_by:
  - "TRY_CAST(REPLACE(REPLACE(updated_at, 'T', ' '), 'Z', '') AS TIMESTAMP)"
  - _ingestion_timestamp
  - _source_file
  - _source_position
clock: day
owner: crm-data@example.com
tags: {phi: [pre_existing_conditions, has_pre_existing]}
*/
WITH
-- The newest version of each pet_id. Few keys came more than once: only their rows are sorted.
repeated AS (
    SELECT pet_id
    FROM bronze.pets_raw
    WHERE pet_id IS NOT NULL
    GROUP BY pet_id
    HAVING COUNT(*) > 1
),
newest AS (
    SELECT pet_id, customer_id, pet_name, species, breed, gender, date_of_birth, weight_lbs,
           color, microchip_id, is_neutered, pre_existing_conditions, vaccination_status,
           adoption_date, is_active, created_at, updated_at, _ingestion_timestamp, _source_file,
           _source_position
    FROM bronze.pets_raw AS arrived
    WHERE NOT EXISTS (SELECT 1 FROM repeated WHERE repeated.pet_id = arrived.pet_id)
    UNION ALL
    SELECT pet_id, customer_id, pet_name, species, breed, gender, date_of_birth, weight_lbs,
           color, microchip_id, is_neutered, pre_existing_conditions, vaccination_status,
           adoption_date, is_active, created_at, updated_at, _ingestion_timestamp, _source_file,
           _source_position
    FROM (
        SELECT pet_id, customer_id, pet_name, species, breed, gender, date_of_birth, weight_lbs,
               color, microchip_id, is_neutered, pre_existing_conditions, vaccination_status,
               adoption_date, is_active, created_at, updated_at, _ingestion_timestamp,
               _source_file, _source_position,
               ROW_NUMBER() OVER (
                   PARTITION BY pet_id
                   ORDER BY TRY_CAST(REPLACE(REPLACE(updated_at, 'T', ' '), 'Z', '') AS TIMESTAMP) DESC,
                            _ingestion_timestamp DESC, _source_file DESC,
                            _source_position DESC) AS version
        FROM bronze.pets_raw
        WHERE pet_id IN (SELECT pet_id FROM repeated)
    ) AS versions
    WHERE version = 1
),
typed AS (
    -- Read strictly, so that every engine reads the same: a date is YYYY-MM-DD with or without a time
    -- after a T, a number has no exponent, an amount is below ten billion. All else is null.
    SELECT pet_id, customer_id, TRIM(pet_name) AS pet_name, TRIM(species) AS species,
           TRIM(breed) AS breed, gender,
           CASE WHEN (date_of_birth LIKE '____-__-__' OR date_of_birth LIKE '____-__-__T%')
                     AND date_of_birth NOT LIKE '-%'
                THEN TRY_CAST(SUBSTR(date_of_birth, 1, 10) AS DATE) END AS date_of_birth,
           CASE WHEN LOWER(REPLACE(weight_lbs, '_', 'e')) NOT LIKE '%e%'
                THEN TRY_CAST(TRIM(weight_lbs) AS DECIMAL(9,2))
           END AS weight_lbs,
           color, microchip_id,
           CASE WHEN LOWER(TRIM(is_neutered)) IN ('true', 't', 'yes', 'y', '1') THEN TRUE
                WHEN LOWER(TRIM(is_neutered)) IN ('false', 'f', 'no', 'n', '0') THEN FALSE
           END AS is_neutered,
           pre_existing_conditions, vaccination_status,
           CASE WHEN (adoption_date LIKE '____-__-__' OR adoption_date LIKE '____-__-__T%')
                     AND adoption_date NOT LIKE '-%'
                THEN TRY_CAST(SUBSTR(adoption_date, 1, 10) AS DATE) END AS adoption_date,
           COALESCE(LOWER(TRIM(is_active)) IN ('true', 't', 'yes', 'y', '1'), FALSE)
               AS is_active,
           CASE WHEN created_at LIKE '____-__-__%' AND created_at NOT LIKE '-%'
                THEN TRY_CAST(REPLACE(REPLACE(created_at, 'T', ' '), 'Z', '') AS TIMESTAMP)
           END AS created_at,
           CASE WHEN updated_at LIKE '____-__-__%' AND updated_at NOT LIKE '-%'
                THEN TRY_CAST(REPLACE(REPLACE(updated_at, 'T', ' '), 'Z', '') AS TIMESTAMP)
           END AS updated_at,
           _ingestion_timestamp, _source_file, _source_position
    FROM newest
),
aged AS (
    SELECT pet_id, customer_id, pet_name, species, breed, gender, date_of_birth, weight_lbs, color,
           microchip_id, is_neutered, pre_existing_conditions, vaccination_status, adoption_date,
           is_active, created_at, updated_at, _ingestion_timestamp, _source_file, _source_position,
           CAST(FLOOR(EXTRACT(DAY FROM CAST(CURRENT_DATE AS TIMESTAMP) - CAST(date_of_birth AS TIMESTAMP))
                      / CAST(365 AS DOUBLE)) AS INTEGER) AS age_years,
           CAST((YEAR(CURRENT_DATE) - YEAR(date_of_birth)) * 12 + MONTH(CURRENT_DATE) - MONTH(date_of_birth)
                - CASE WHEN DAY(CURRENT_DATE) < DAY(date_of_birth) THEN 1 ELSE 0 END AS INTEGER) AS age_months
    FROM typed
)
SELECT pet_id,                            -- business key
       customer_id,                       -- its owner
       CASE WHEN pet_name NOT LIKE '% %' THEN UPPER(SUBSTR(pet_name, 1, 1)) || LOWER(SUBSTR(pet_name, 2))
            WHEN pet_name LIKE '% % % % %' THEN pet_name
            ELSE NULLIF(CONCAT_WS(' ',
                NULLIF(UPPER(SUBSTR(SPLIT_PART(pet_name, ' ', 1), 1, 1))
                       || LOWER(SUBSTR(SPLIT_PART(pet_name, ' ', 1), 2)), ''),
                NULLIF(UPPER(SUBSTR(SPLIT_PART(pet_name, ' ', 2), 1, 1))
                       || LOWER(SUBSTR(SPLIT_PART(pet_name, ' ', 2), 2)), ''),
                NULLIF(UPPER(SUBSTR(SPLIT_PART(pet_name, ' ', 3), 1, 1))
                       || LOWER(SUBSTR(SPLIT_PART(pet_name, ' ', 3), 2)), ''),
                NULLIF(UPPER(SUBSTR(SPLIT_PART(pet_name, ' ', 4), 1, 1))
                       || LOWER(SUBSTR(SPLIT_PART(pet_name, ' ', 4), 2)), '')), '')
       END AS pet_name,                   -- each word with a capital letter; more than four words
                                          -- stay as they came
       UPPER(SUBSTR(species, 1, 1)) || LOWER(SUBSTR(species, 2)) AS species,
                                          -- Dog, Cat, Bird or Exotic
       CASE WHEN breed NOT LIKE '% %' THEN UPPER(SUBSTR(breed, 1, 1)) || LOWER(SUBSTR(breed, 2))
            WHEN breed LIKE '% % % % %' THEN breed
            ELSE NULLIF(CONCAT_WS(' ',
                NULLIF(UPPER(SUBSTR(SPLIT_PART(breed, ' ', 1), 1, 1))
                       || LOWER(SUBSTR(SPLIT_PART(breed, ' ', 1), 2)), ''),
                NULLIF(UPPER(SUBSTR(SPLIT_PART(breed, ' ', 2), 1, 1))
                       || LOWER(SUBSTR(SPLIT_PART(breed, ' ', 2), 2)), ''),
                NULLIF(UPPER(SUBSTR(SPLIT_PART(breed, ' ', 3), 1, 1))
                       || LOWER(SUBSTR(SPLIT_PART(breed, ' ', 3), 2)), ''),
                NULLIF(UPPER(SUBSTR(SPLIT_PART(breed, ' ', 4), 1, 1))
                       || LOWER(SUBSTR(SPLIT_PART(breed, ' ', 4), 2)), '')), '')
       END AS breed,                      -- each word with a capital letter; more than four words
                                          -- stay as they came
       gender,                            -- Male or Female
       date_of_birth,                     -- null if it is no date
       age_years,                         -- days from birth to today ÷ 365, rounded down [years]
       age_months,                        -- completed calendar months since birth [months]
       CASE WHEN age_years < 1 THEN 'Puppy/Kitten' WHEN age_years < 7 THEN 'Adult'
            WHEN age_years < 10 THEN 'Senior' WHEN age_years >= 10 THEN 'Geriatric'
       END AS life_stage,                 -- under 1 Puppy/Kitten, under 7 Adult, under 10 Senior,
                                          -- else Geriatric; null without a birthday
       weight_lbs,                        -- as it came [lb]
       CAST(weight_lbs * 0.453592 AS DECIMAL(9,2)) AS weight_kg, -- weight_lbs × 0.453592 [kg]
       color,                             -- as it came
       microchip_id,                      -- null where there is no chip
       microchip_id IS NOT NULL AS has_microchip, -- a chip number is known
       is_neutered,                       -- null where it is not known
       pre_existing_conditions,           -- null where there are none
       pre_existing_conditions IS NOT NULL AS has_pre_existing, -- some condition is known
       vaccination_status,                -- Up to Date, Overdue or Unknown
       adoption_date,                     -- null if it is no date
       is_active,                         -- the pet is alive and with its owner; no answer is no
       created_at,                        -- when the record was made (UTC)
       updated_at,                        -- when this version was made (UTC)
       _ingestion_timestamp,              -- when this version arrived (UTC)
       _source_file,                      -- in which file
       _source_position                   -- where in it
FROM aged
