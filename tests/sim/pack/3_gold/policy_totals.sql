/* claimlake
description: One row per policy with its claims.
kind: keyed
key: policy_id
aggregation: customer
*/
SELECT policies.policy_id,                                   -- business key
       policies.plan,                                        -- of the newest version
       COUNT(claims.claim_id) AS claims,                     -- that were not refused [claims]
       CAST(COALESCE(SUM(claims.amount), 0) AS DECIMAL(18,2)) AS amount  -- of them together [USD]
FROM silver.policies AS policies
LEFT JOIN silver.claims AS claims ON claims.policy_id = policies.policy_id
GROUP BY policies.policy_id, policies.plan
