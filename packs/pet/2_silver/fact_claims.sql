/* claimlake
description: One row per claim, in its newest version.
kind: keyed
key: claim_id
latest_by:
  - "TRY_CAST(REPLACE(REPLACE(updated_at, 'T', ' '), 'Z', '') AS TIMESTAMP)"
  - _ingestion_timestamp
  - _source_file
  - _source_position
owner: claims-data@example.com
sla: {fresh: 1s, warn_after: 10s}
tags: {phi: [diagnosis_code, treatment_notes]}
*/
WITH
-- The newest version of each claim_id. Few keys came more than once: only their rows are sorted.
repeated AS (
    SELECT claim_id
    FROM bronze.claims_raw
    WHERE claim_id IS NOT NULL
    GROUP BY claim_id
    HAVING COUNT(*) > 1
),
newest AS (
    SELECT claim_id, claim_number, policy_id, pet_id, customer_id, provider_id, claim_type,
           claim_category, service_date, submitted_date, claim_amount, deductible_applied,
           covered_amount, paid_amount, status, denial_reason, processing_days, diagnosis_code,
           treatment_notes, invoice_number, is_emergency, is_recurring, updated_at,
           _ingestion_timestamp, _source_file, _source_position
    FROM bronze.claims_raw AS arrived
    WHERE NOT EXISTS (SELECT 1 FROM repeated WHERE repeated.claim_id = arrived.claim_id)
    UNION ALL
    SELECT claim_id, claim_number, policy_id, pet_id, customer_id, provider_id, claim_type,
           claim_category, service_date, submitted_date, claim_amount, deductible_applied,
           covered_amount, paid_amount, status, denial_reason, processing_days, diagnosis_code,
           treatment_notes, invoice_number, is_emergency, is_recurring, updated_at,
           _ingestion_timestamp, _source_file, _source_position
    FROM (
        SELECT claim_id, claim_number, policy_id, pet_id, customer_id, provider_id, claim_type,
               claim_category, service_date, submitted_date, claim_amount, deductible_applied,
               covered_amount, paid_amount, status, denial_reason, processing_days,
               diagnosis_code, treatment_notes, invoice_number, is_emergency, is_recurring,
               updated_at, _ingestion_timestamp, _source_file, _source_position,
               ROW_NUMBER() OVER (
                   PARTITION BY claim_id
                   ORDER BY TRY_CAST(REPLACE(REPLACE(updated_at, 'T', ' '), 'Z', '') AS TIMESTAMP) DESC,
                            _ingestion_timestamp DESC, _source_file DESC,
                            _source_position DESC) AS version
        FROM bronze.claims_raw
        WHERE claim_id IN (SELECT claim_id FROM repeated)
    ) AS versions
    WHERE version = 1
),
typed AS (
    -- Read strictly, so that every engine reads the same: a date is YYYY-MM-DD with or without a time
    -- after a T, a number has no exponent, an amount is below ten billion. All else is null.
    SELECT claim_id, claim_number, policy_id, pet_id, customer_id, provider_id,
           TRIM(claim_type) AS claim_type, TRIM(claim_category) AS claim_category,
           CASE WHEN (service_date LIKE '____-__-__' OR service_date LIKE '____-__-__T%')
                     AND service_date NOT LIKE '-%'
                THEN TRY_CAST(SUBSTR(service_date, 1, 10) AS DATE) END AS service_date,
           CASE WHEN (submitted_date LIKE '____-__-__' OR submitted_date LIKE '____-__-__T%')
                     AND submitted_date NOT LIKE '-%'
                THEN TRY_CAST(SUBSTR(submitted_date, 1, 10) AS DATE) END AS submitted_date,
           CAST(TRY_CAST(claim_amount AS DECIMAL(12,2)) AS DECIMAL(18,2)) AS claim_amount,
           CAST(TRY_CAST(deductible_applied AS DECIMAL(12,2)) AS DECIMAL(18,2)) AS deductible_applied,
           CAST(TRY_CAST(covered_amount AS DECIMAL(12,2)) AS DECIMAL(18,2)) AS covered_amount,
           CAST(TRY_CAST(paid_amount AS DECIMAL(12,2)) AS DECIMAL(18,2)) AS paid_amount,
           TRIM(status) AS status,
           denial_reason, processing_days, diagnosis_code, treatment_notes, invoice_number,
           COALESCE(is_emergency, FALSE) AS is_emergency,
           COALESCE(is_recurring, FALSE) AS is_recurring,
           CASE WHEN updated_at LIKE '____-__-__%' AND updated_at NOT LIKE '-%'
                THEN TRY_CAST(REPLACE(REPLACE(updated_at, 'T', ' '), 'Z', '') AS TIMESTAMP)
           END AS updated_at,
           _ingestion_timestamp, _source_file, _source_position
    FROM newest
),
measured AS (
    SELECT claim_id, claim_number, policy_id, pet_id, customer_id, provider_id, claim_type,
           claim_category, service_date, submitted_date, claim_amount, deductible_applied,
           covered_amount, paid_amount, status, denial_reason, processing_days, diagnosis_code,
           treatment_notes, invoice_number, is_emergency, is_recurring, updated_at,
           _ingestion_timestamp, _source_file, _source_position,
           CAST(EXTRACT(DAY FROM CAST(submitted_date AS TIMESTAMP) - CAST(service_date AS TIMESTAMP))
                AS INTEGER) AS days_to_submit
    FROM typed
)
SELECT claim_id,                          -- business key
       claim_number,                      -- as printed on letters; not unique
       policy_id,                         -- under which term it is claimed
       pet_id,                            -- who was treated
       customer_id,                       -- who claims
       provider_id,                       -- who treated
       claim_type,                        -- what was done
       claim_category,                    -- Preventive, Dental, Surgery, Emergency, Diagnostic,
                                          -- Illness or Chronic
       service_date,                      -- day of treatment; null if it is no date
       submitted_date,                    -- day the claim reached us; null if it is no date
       days_to_submit,                    -- submitted_date − service_date [days]
       claim_amount,                      -- billed [USD]
       deductible_applied,                -- taken off before reimbursement [USD]
       covered_amount,                    -- what the policy covers of it [USD]
       paid_amount,                       -- paid or to be paid to the customer [USD]
       CAST(claim_amount - paid_amount AS DECIMAL(18,2)) AS customer_out_of_pocket,
                                          -- claim_amount − paid_amount [USD]
       CASE WHEN claim_amount > 0
            THEN ROUND(CAST(paid_amount AS DOUBLE) / CAST(claim_amount AS DOUBLE) * 100 * 100) / 100
            ELSE CAST(0 AS DOUBLE)
       END AS reimbursement_rate,         -- paid_amount ÷ claim_amount × 100, 0 where nothing is
                                          -- claimed [%]
       CASE WHEN claim_amount < 100 THEN 'Small (<$100)' WHEN claim_amount < 500 THEN 'Medium ($100-$500)'
            WHEN claim_amount < 2000 THEN 'Large ($500-$2000)' WHEN claim_amount >= 2000 THEN 'Major (>$2000)'
       END AS claim_size_category,        -- under 100 Small, under 500 Medium, under 2,000 Large,
                                          -- else Major
       status,                            -- Submitted, Under Review, Approved, Partially Approved,
                                          -- Denied or Paid
       COALESCE(status IN ('Approved', 'Partially Approved', 'Paid'), FALSE) AS is_approved,
                                          -- Approved, Partially Approved or Paid
       COALESCE(status IN ('Approved', 'Partially Approved', 'Paid', 'Denied'), FALSE) AS is_decided,
                                          -- approved or Denied; pending claims are neither
       denial_reason,                     -- null unless Denied
       processing_days,                   -- from submission to decision; null until decided [days]
       diagnosis_code,                    -- as the provider wrote it
       treatment_notes,                   -- as the provider wrote them
       invoice_number,                    -- of the provider
       is_emergency,                      -- no answer is no
       is_recurring,                      -- no answer is no
       COALESCE(claim_amount > 5000 OR (claim_amount >= 500 AND claim_amount = FLOOR(claim_amount / 100) * 100)
                OR days_to_submit > 90, FALSE) AS is_flagged, -- worth a second look: over 5,000
                                          -- USD, or a round hundred from 500 USD, or submitted
                                          -- after more than 90 days
       CAST(YEAR(service_date) AS INTEGER) AS service_year, -- of service_date
       CAST(MONTH(service_date) AS INTEGER) AS service_month, -- of service_date, 1 to 12
       CAST(QUARTER(service_date) AS INTEGER) AS service_quarter, -- of service_date, 1 to 4
       SUBSTR(CAST(service_date AS VARCHAR(10)), 1, 7) AS service_year_month,
                                          -- of service_date, YYYY-MM
       updated_at,                        -- when this version was made (UTC)
       _ingestion_timestamp,              -- when this version arrived (UTC)
       _source_file,                      -- in which file
       _source_position                   -- where in it
FROM measured
