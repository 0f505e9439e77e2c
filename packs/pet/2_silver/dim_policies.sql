/* claimlake
description: One row per policy term, in its newest version, with what has been earned of its premium.
kind: keyed
key: policy_id
latest_by:
  - "TRY_CAST(REPLACE(REPLACE(updated_at, 'T', ' '), 'Z', '') AS TIMESTAMP)"
  - _ingestion_timestamp
  - _source_file
  - _source_position
clock: day
owner: policy-data@example.com
*/
WITH
-- The newest version of each policy_id. Few keys came more than once: only their rows are sorted.
repeated AS (
    SELECT policy_id
    FROM bronze.policies_raw
    WHERE policy_id IS NOT NULL
    GROUP BY policy_id
    HAVING COUNT(*) > 1
),
newest AS (
    SELECT policy_id, policy_number, customer_id, pet_id, plan_name, monthly_premium,
           annual_deductible, coverage_limit, reimbursement_percentage, effective_date,
           expiration_date, status, payment_method, payment_frequency, waiting_period_days,
           includes_wellness, includes_dental, includes_behavioral, cancellation_date,
           renewal_count, created_at, updated_at, _ingestion_timestamp, _source_file,
           _source_position
    FROM bronze.policies_raw AS arrived
    WHERE NOT EXISTS (SELECT 1 FROM repeated WHERE repeated.policy_id = arrived.policy_id)
    UNION ALL
    SELECT policy_id, policy_number, customer_id, pet_id, plan_name, monthly_premium,
           annual_deductible, coverage_limit, reimbursement_percentage, effective_date,
           expiration_date, status, payment_method, payment_frequency, waiting_period_days,
           includes_wellness, includes_dental, includes_behavioral, cancellation_date,
           renewal_count, created_at, updated_at, _ingestion_timestamp, _source_file,
           _source_position
    FROM (
        SELECT policy_id, policy_number, customer_id, pet_id, plan_name, monthly_premium,
               annual_deductible, coverage_limit, reimbursement_percentage, effective_date,
               expiration_date, status, payment_method, payment_frequency, waiting_period_days,
               includes_wellness, includes_dental, includes_behavioral, cancellation_date,
               renewal_count, created_at, updated_at, _ingestion_timestamp, _source_file,
               _source_position,
               ROW_NUMBER() OVER (
                   PARTITION BY policy_id
                   ORDER BY TRY_CAST(REPLACE(REPLACE(updated_at, 'T', ' '), 'Z', '') AS TIMESTAMP) DESC,
                            _ingestion_timestamp DESC, _source_file DESC,
                            _source_position DESC) AS version
        FROM bronze.policies_raw
        WHERE policy_id IN (SELECT policy_id FROM repeated)
    ) AS versions
    WHERE version = 1
),
typed AS (
    -- Read strictly, so that every engine reads the same: a date is YYYY-MM-DD with or without a time
    -- after a T, a number has no exponent, an amount is below ten billion. All else is null.
    SELECT policy_id, policy_number, customer_id, pet_id, TRIM(plan_name) AS plan_name,
           CASE WHEN LOWER(REPLACE(monthly_premium, '_', 'e')) NOT LIKE '%e%'
                THEN CAST(TRY_CAST(TRIM(monthly_premium) AS DECIMAL(12,2)) AS DECIMAL(18,2))
           END AS monthly_premium,
           CASE WHEN LOWER(REPLACE(annual_deductible, '_', 'e')) NOT LIKE '%e%'
                THEN CAST(TRY_CAST(TRIM(annual_deductible) AS DECIMAL(12,2)) AS DECIMAL(18,2))
           END AS annual_deductible,
           CASE WHEN LOWER(REPLACE(coverage_limit, '_', 'e')) NOT LIKE '%e%'
                THEN CAST(TRY_CAST(TRIM(coverage_limit) AS DECIMAL(12,2)) AS DECIMAL(18,2))
           END AS coverage_limit,
           CASE WHEN LOWER(REPLACE(reimbursement_percentage, '_', 'e')) NOT LIKE '%e%'
                THEN CAST(FLOOR(TRY_CAST(TRIM(reimbursement_percentage) AS DECIMAL(9,2))) AS INTEGER)
           END AS reimbursement_percentage,
           CASE WHEN (effective_date LIKE '____-__-__' OR effective_date LIKE '____-__-__T%')
                     AND effective_date NOT LIKE '-%'
                THEN TRY_CAST(SUBSTR(effective_date, 1, 10) AS DATE) END AS effective_date,
           CASE WHEN (expiration_date LIKE '____-__-__' OR expiration_date LIKE '____-__-__T%')
                     AND expiration_date NOT LIKE '-%'
                THEN TRY_CAST(SUBSTR(expiration_date, 1, 10) AS DATE) END AS expiration_date,
           TRIM(status) AS status, payment_method, payment_frequency,
           CASE WHEN LOWER(REPLACE(waiting_period_days, '_', 'e')) NOT LIKE '%e%'
                THEN CAST(FLOOR(TRY_CAST(TRIM(waiting_period_days) AS DECIMAL(9,2))) AS INTEGER)
           END AS waiting_period_days,
           COALESCE(LOWER(TRIM(includes_wellness)) IN ('true', 't', 'yes', 'y', '1'), FALSE)
               AS includes_wellness,
           COALESCE(LOWER(TRIM(includes_dental)) IN ('true', 't', 'yes', 'y', '1'), FALSE)
               AS includes_dental,
           COALESCE(LOWER(TRIM(includes_behavioral)) IN ('true', 't', 'yes', 'y', '1'), FALSE)
               AS includes_behavioral,
           CASE WHEN (cancellation_date LIKE '____-__-__' OR cancellation_date LIKE '____-__-__T%')
                     AND cancellation_date NOT LIKE '-%'
                THEN TRY_CAST(SUBSTR(cancellation_date, 1, 10) AS DATE) END AS cancellation_date,
           CASE WHEN LOWER(REPLACE(renewal_count, '_', 'e')) NOT LIKE '%e%'
                THEN CAST(FLOOR(TRY_CAST(TRIM(renewal_count) AS DECIMAL(9,2))) AS INTEGER)
           END AS renewal_count,
           CASE WHEN created_at LIKE '____-__-__%' AND created_at NOT LIKE '-%'
                THEN TRY_CAST(REPLACE(REPLACE(created_at, 'T', ' '), 'Z', '') AS TIMESTAMP)
           END AS created_at,
           CASE WHEN updated_at LIKE '____-__-__%' AND updated_at NOT LIKE '-%'
                THEN TRY_CAST(REPLACE(REPLACE(updated_at, 'T', ' '), 'Z', '') AS TIMESTAMP)
           END AS updated_at,
           _ingestion_timestamp, _source_file, _source_position
    FROM newest
),
termed AS (
    SELECT policy_id, policy_number, customer_id, pet_id, plan_name, monthly_premium,
           CAST(monthly_premium * 12 AS DECIMAL(18,2)) AS annual_premium, annual_deductible,
           coverage_limit, reimbursement_percentage, effective_date, expiration_date,
           CASE WHEN status = 'Cancelled' AND cancellation_date < expiration_date
                THEN cancellation_date ELSE expiration_date END AS end_date,
           status, payment_method, payment_frequency, waiting_period_days, includes_wellness,
           includes_dental, includes_behavioral, cancellation_date, renewal_count,
           created_at, updated_at, _ingestion_timestamp, _source_file, _source_position
    FROM typed
),
measured AS (
    SELECT policy_id, policy_number, customer_id, pet_id, plan_name, monthly_premium, annual_premium,
           annual_deductible, coverage_limit, reimbursement_percentage, effective_date,
           expiration_date, end_date, status, payment_method, payment_frequency,
           waiting_period_days, includes_wellness, includes_dental, includes_behavioral,
           cancellation_date, renewal_count, created_at, updated_at,
           _ingestion_timestamp, _source_file, _source_position,
           CAST(EXTRACT(DAY FROM CAST(expiration_date AS TIMESTAMP) - CAST(effective_date AS TIMESTAMP))
                AS INTEGER) AS term_days,
           CAST(EXTRACT(DAY FROM CAST(CASE WHEN end_date < CURRENT_DATE THEN end_date ELSE CURRENT_DATE END
                                      AS TIMESTAMP) - CAST(effective_date AS TIMESTAMP))
                AS INTEGER) AS days_to_date,
           COALESCE(status = 'Active' AND effective_date <= CURRENT_DATE
                    AND CURRENT_DATE <= expiration_date, FALSE) AS is_in_force
    FROM termed
)
SELECT policy_id,                         -- business key
       policy_number,                     -- as printed on the policy; not unique
       customer_id,                       -- who holds it
       pet_id,                            -- whom it covers
       plan_name,                         -- Basic, Standard, Premium or Unlimited
       CASE plan_name WHEN 'Basic' THEN 1 WHEN 'Standard' THEN 2 WHEN 'Premium' THEN 3
                      WHEN 'Unlimited' THEN 4 ELSE 0 END AS plan_tier, -- 1 Basic to 4 Unlimited, 0
                                          -- any other
       monthly_premium,                   -- null if it is no number [USD]
       annual_premium,                    -- monthly_premium × 12 [USD]
       annual_deductible,                 -- per year of cover [USD]
       coverage_limit,                    -- per year of cover [USD]
       reimbursement_percentage,          -- of what is covered after the deductible [%]
       effective_date,                    -- first day of cover
       expiration_date,                   -- end of the term
       end_date,                          -- where cancelled the earlier of cancellation_date and
                                          -- expiration_date, else expiration_date
       term_days,                         -- days from effective_date to expiration_date [days]
       CASE WHEN days_to_date > 0 THEN days_to_date ELSE 0 END AS days_covered,
                                          -- days from effective_date to the earlier of end_date and
                                          -- today, at least 0 [days]
       status,                            -- Active, Cancelled, Expired or Pending, as the policy
                                          -- system says
       status = 'Active' AS is_active,    -- by status alone; see is_in_force
       is_in_force,                       -- status Active and effective_date ≤ today ≤
                                          -- expiration_date; departs from the reference, which took
                                          -- the status alone
       CAST((YEAR(CURRENT_DATE) - YEAR(effective_date)) * 12 + MONTH(CURRENT_DATE) - MONTH(effective_date)
            - CASE WHEN DAY(CURRENT_DATE) < DAY(effective_date) THEN 1 ELSE 0 END AS INTEGER)
           AS policy_age_months,          -- completed calendar months since effective_date [months]
       CASE WHEN is_in_force THEN
            CAST(EXTRACT(DAY FROM CAST(expiration_date AS TIMESTAMP) - CAST(CURRENT_DATE AS TIMESTAMP)) AS INTEGER)
       END AS days_until_renewal,         -- expiration_date − today; null unless in force [days]
       CASE WHEN term_days > 0 AND days_to_date > 0 THEN
            CAST(CAST(ROUND(CAST(annual_premium * 100 AS DOUBLE) * days_to_date / term_days) AS DECIMAL(18,0)) * 0.01
                 AS DECIMAL(18,2))
            ELSE CAST(0 AS DECIMAL(18,2))
       END AS earned_premium,             -- annual_premium × days_covered ÷ term_days, to the cent
                                          -- [USD]
       payment_method,                    -- as it came
       payment_frequency,                 -- Monthly or Annual
       waiting_period_days,               -- from effective_date, without cover [days]
       includes_wellness,                 -- add-on; no answer is no
       includes_dental,                   -- add-on; no answer is no
       includes_behavioral,               -- add-on; no answer is no
       cancellation_date,                 -- null unless cancelled
       renewal_count,                     -- how often this cover was renewed before [renewals]
       created_at,                        -- when the record was made (UTC)
       updated_at,                        -- when this version was made (UTC)
       _ingestion_timestamp,              -- when this version arrived (UTC)
       _source_file,                      -- in which file
       _source_position                   -- where in it
FROM measured
