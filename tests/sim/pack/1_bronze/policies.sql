/* claimlake
description: One row per policy row that arrived.
kind: append
*/
SELECT policy_id, plan, revision,
       _ingestion_timestamp, _source_file, _batch_id, _source_position, _rescued_data
FROM raw.policies
