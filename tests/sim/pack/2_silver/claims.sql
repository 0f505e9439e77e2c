/* claimlake
description: One row per claim, in its newest version.
kind: keyed
key: claim_id
latest_by: [revision, _ingestion_timestamp, _source_file, _source_position]
*/
SELECT claim_id,          -- business key
       policy_id,         -- which must be known
       amount,            -- claimed [USD]
       status,            -- open, paid or denied
       SUBSTR(CAST(service_date AS VARCHAR), 1, 7) AS month,  -- of treatment
       revision           -- which version it is
FROM (
    SELECT claim_id, policy_id, amount, status, service_date, revision,
           ROW_NUMBER() OVER (
               PARTITION BY claim_id
               ORDER BY revision DESC, _ingestion_timestamp DESC, _source_file DESC,
                        _source_position DESC) AS version
    FROM bronze.claims
) AS versions
WHERE version = 1
