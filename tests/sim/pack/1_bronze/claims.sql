/* claimlake
description: One row per claim row that arrived.
kind: append
*/
SELECT claim_id, policy_id, amount, status, service_date, revision,
       _ingestion_timestamp, _source_file, _batch_id, _source_position, _rescued_data
FROM raw.claims
