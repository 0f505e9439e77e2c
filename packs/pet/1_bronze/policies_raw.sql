/* claimlake
description: One row per version of a policy term that arrived; every value is the text that came.
kind: append
owner: policy-data@example.com
*/
SELECT policy_id, policy_number, customer_id, pet_id, plan_name, monthly_premium,
       annual_deductible, coverage_limit, reimbursement_percentage, effective_date,
       expiration_date, status, payment_method, payment_frequency, waiting_period_days,
       includes_wellness, includes_dental, includes_behavioral, cancellation_date,
       renewal_count, created_at, updated_at,
       _ingestion_timestamp, _source_file, _batch_id, _source_position, _rescued_data
FROM raw.policies
