/* claimlake
description: One row per policy, in its newest version.
kind: keyed
key: policy_id
latest_by: [revision, _ingestion_timestamp, _source_file, _source_position]
*/
SELECT policy_id,         -- business key
       plan,              -- as it came
       revision           -- which version it is
FROM (
    SELECT policy_id, plan, revision,
           ROW_NUMBER() OVER (
               PARTITION BY policy_id
               ORDER BY revision DESC, _ingestion_timestamp DESC, _source_file DESC,
                        _source_position DESC) AS version
    FROM bronze.policies
) AS versions
WHERE version = 1
