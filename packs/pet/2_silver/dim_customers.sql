/* claimlake
description: One row per customer, in its newest version, with contact data in one form.
kind: keyed
key: customer_id
latest_by:
  - "TRY_CAST(REPLACE(REPLACE(updated_at, 'T', ' '), 'Z', '') AS TIMESTAMP)"
  - _ingestion_timestamp
  - _source_file
  - _source_position
clock: day
owner: crm-data@example.com
tags:
  pii: [first_name, last_name, full_name, email, phone, phone_clean, phone_e164, address_line1,
        zip_code, date_of_birth, age]
*/
WITH
-- The newest version of each customer_id. Few keys came more than once: only their rows are sorted.
repeated AS (
    SELECT customer_id
    FROM bronze.customers_raw
    WHERE customer_id IS NOT NULL
    GROUP BY customer_id
    HAVING COUNT(*) > 1
),
newest AS (
    SELECT customer_id, first_name, last_name, email, phone, address_line1, city, state, zip_code,
           country, date_of_birth, customer_since, preferred_contact, marketing_opt_in,
           referral_source, customer_segment, lifetime_value, created_at, updated_at,
           _ingestion_timestamp, _source_file, _source_position
    FROM bronze.customers_raw AS arrived
    WHERE NOT EXISTS (SELECT 1 FROM repeated WHERE repeated.customer_id = arrived.customer_id)
    UNION ALL
    SELECT customer_id, first_name, last_name, email, phone, address_line1, city, state, zip_code,
           country, date_of_birth, customer_since, preferred_contact, marketing_opt_in,
           referral_source, customer_segment, lifetime_value, created_at, updated_at,
           _ingestion_timestamp, _source_file, _source_position
    FROM (
        SELECT customer_id, first_name, last_name, email, phone, address_line1, city, state,
               zip_code, country, date_of_birth, customer_since, preferred_contact,
               marketing_opt_in, referral_source, customer_segment, lifetime_value, created_at,
               updated_at, _ingestion_timestamp, _source_file, _source_position,
               ROW_NUMBER() OVER (
                   PARTITION BY customer_id
                   ORDER BY TRY_CAST(REPLACE(REPLACE(updated_at, 'T', ' '), 'Z', '') AS TIMESTAMP) DESC,
                            _ingestion_timestamp DESC, _source_file DESC,
                            _source_position DESC) AS version
        FROM bronze.customers_raw
        WHERE customer_id IN (SELECT customer_id FROM repeated)
    ) AS versions
    WHERE version = 1
),
typed AS (
    -- Read strictly, so that every engine reads the same: a date is YYYY-MM-DD with or without a time
    -- after a T, a number has no exponent, an amount is below ten billion. All else is null.
    SELECT customer_id, TRIM(first_name) AS first_name, TRIM(last_name) AS last_name,
           LOWER(TRIM(email)) AS email, TRIM(phone) AS phone,
           -- The inner TRANSLATE leaves what is not a digit; the outer one takes that away.
           TRANSLATE(phone, TRANSLATE(phone, '0123456789', ''), '') AS phone_clean,
           address_line1, city, UPPER(TRIM(state)) AS state,
           LPAD(TRIM(zip_code), 5, '0') AS zip_code,
           country,
           CASE WHEN (date_of_birth LIKE '____-__-__' OR date_of_birth LIKE '____-__-__T%')
                     AND date_of_birth NOT LIKE '-%'
                THEN TRY_CAST(SUBSTR(date_of_birth, 1, 10) AS DATE) END AS date_of_birth,
           CASE WHEN (customer_since LIKE '____-__-__' OR customer_since LIKE '____-__-__T%')
                     AND customer_since NOT LIKE '-%'
                THEN TRY_CAST(SUBSTR(customer_since, 1, 10) AS DATE) END AS customer_since,
           preferred_contact,
           COALESCE(LOWER(TRIM(marketing_opt_in)) IN ('true', 't', 'yes', 'y', '1'), FALSE)
               AS marketing_opt_in,
           referral_source, customer_segment,
           CASE WHEN LOWER(REPLACE(lifetime_value, '_', 'e')) NOT LIKE '%e%'
                THEN CAST(TRY_CAST(TRIM(lifetime_value) AS DECIMAL(12,2)) AS DECIMAL(18,2))
           END AS lifetime_value,
           CASE WHEN created_at LIKE '____-__-__%' AND created_at NOT LIKE '-%'
                THEN TRY_CAST(REPLACE(REPLACE(created_at, 'T', ' '), 'Z', '') AS TIMESTAMP)
           END AS created_at,
           CASE WHEN updated_at LIKE '____-__-__%' AND updated_at NOT LIKE '-%'
                THEN TRY_CAST(REPLACE(REPLACE(updated_at, 'T', ' '), 'Z', '') AS TIMESTAMP)
           END AS updated_at,
           _ingestion_timestamp, _source_file, _source_position
    FROM newest
)
SELECT customer_id,                       -- business key
       first_name,                        -- without blanks around it
       last_name,                         -- without blanks around it
       CONCAT_WS(' ', first_name, last_name) AS full_name, -- first and last name
       email,                             -- lower case
       COALESCE(NULLIF(REGEXP_EXTRACT(email, '[a-z0-9._%+-]+@[a-z0-9.-]+[.][a-z]{2,}', 0), '') = email, FALSE)
           AS is_valid_email,             -- has the form local@domain.tld
       phone,                             -- as it came
       phone_clean,                       -- its digits
       CASE WHEN LENGTH(phone_clean) = 10 THEN '+1' || phone_clean
            WHEN LENGTH(phone_clean) = 11 AND phone_clean LIKE '1%' THEN '+' || phone_clean
            WHEN phone LIKE '+%' AND LENGTH(phone_clean) BETWEEN 8 AND 15 THEN '+' || phone_clean
       END AS phone_e164,                 -- E.164; null if it is no telephone number
       address_line1,                     -- street and number
       city,                              -- as it came
       state,                             -- two capital letters
       zip_code,                          -- five digits, leading zeros kept
       country,                           -- as it came
       date_of_birth,                     -- null if it is no date
       CAST(FLOOR(EXTRACT(DAY FROM CAST(CURRENT_DATE AS TIMESTAMP) - CAST(date_of_birth AS TIMESTAMP))
                  / CAST(365 AS DOUBLE)) AS INTEGER) AS age, -- days from birth to today ÷ 365,
                                          -- rounded down [years]
       customer_since,                    -- first contract or registration
       CAST((YEAR(CURRENT_DATE) - YEAR(customer_since)) * 12 + MONTH(CURRENT_DATE) - MONTH(customer_since)
            - CASE WHEN DAY(CURRENT_DATE) < DAY(customer_since) THEN 1 ELSE 0 END AS INTEGER)
           AS tenure_months,              -- completed calendar months since then [months]
       preferred_contact,                 -- Email, Phone or SMS
       marketing_opt_in,                  -- may be written to; no answer is no
       referral_source,                   -- how the customer found us
       customer_segment,                  -- as the CRM says
       lifetime_value,                    -- as the CRM says; the computed one is in
                                          -- gold.customer_360_view [USD]
       created_at,                        -- when the record was made (UTC)
       updated_at,                        -- when this version was made (UTC)
       _ingestion_timestamp,              -- when this version arrived (UTC)
       _source_file,                      -- in which file
       _source_position                   -- where in it
FROM typed
