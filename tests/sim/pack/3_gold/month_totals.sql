/* claimlake
description: One row per month of treatment and status.
kind: keyed
key: [month, status]
clock: day
aggregation: month
*/
SELECT month,                                                -- of treatment
       status,                                               -- open, paid or denied
       COUNT(*) AS claims,                                   -- that were not refused [claims]
       CAST(SUM(amount) AS DECIMAL(18,2)) AS amount,         -- of them together [USD]
       month < SUBSTR(CAST(CURRENT_DATE AS VARCHAR), 1, 7) AS closed  -- the month is over
FROM silver.claims
GROUP BY month, status
