/* claimlake
description: >-
  How many claims of a month were decided in so many days. Days to a decision are few different
  numbers, so gold.monthly_kpis gets exact percentiles from a few rows.
kind: keyed
key: [year_month, processing_days]
aggregation: month
owner: finance-data@example.com
*/
SELECT service_year_month AS year_month,  -- month of service_date, YYYY-MM
       processing_days,                   -- from submission to decision [days]
       COUNT(*) AS decided_claims         -- decided claims that took so long [claims]
FROM silver.fact_claims
WHERE is_decided AND processing_days IS NOT NULL AND service_year_month IS NOT NULL
GROUP BY service_year_month, processing_days
