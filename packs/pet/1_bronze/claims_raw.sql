/* claimlake
description: One row per version of a claim that arrived; amounts, counts and flags typed, dates as the text that came.
kind: append
owner: claims-data@example.com
tags: {phi: [diagnosis_code, treatment_notes]}
*/
SELECT claim_id, claim_number, policy_id, pet_id, customer_id, provider_id, claim_type,
       claim_category, service_date, submitted_date, claim_amount, deductible_applied,
       covered_amount, paid_amount, status, denial_reason, processing_days, diagnosis_code,
       treatment_notes, invoice_number, is_emergency, is_recurring, created_at, updated_at,
       _ingestion_timestamp, _source_file, _batch_id, _source_position, _rescued_data
FROM raw.claims
