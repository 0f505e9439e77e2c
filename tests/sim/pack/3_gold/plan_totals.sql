/* claimlake
description: One row per plan, from the totals of its policies.
kind: full
aggregation: month
*/
SELECT plan,                                                 -- as it came
       COUNT(*) AS policies,                                 -- of this plan [policies]
       CAST(SUM(amount) AS DECIMAL(18,2)) AS amount          -- of their claims [USD]
FROM gold.policy_totals
GROUP BY plan
