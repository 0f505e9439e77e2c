/* claimlake
description: >-
  Claims of each month in which treatment took place, as counts and sums: what gold.monthly_kpis divides.
  Kept apart so that one claim changes one row here and never reads its month again.
kind: keyed
key: year_month
aggregation: month
owner: finance-data@example.com
*/
SELECT service_year_month AS year_month,  -- month of service_date, YYYY-MM
       SUBSTR(CAST(TRY_CAST(service_year_month || '-01' AS DATE) + INTERVAL '1' MONTH AS VARCHAR(10)), 1, 7)
           AS next_year_month,            -- the month after it
       COUNT(*) AS total_claims,          -- claims of all statuses [claims]
       COUNT(DISTINCT customer_id) AS unique_customers, -- distinct customers with a claim [customers]
       COUNT(DISTINCT pet_id) AS unique_pets, -- distinct pets with a claim [pets]
       COUNT(claim_amount) AS claims_with_amount, -- claims whose amount is known [claims]
       CAST(COALESCE(SUM(claim_amount), 0) AS DECIMAL(18,2)) AS total_claim_amount,
                                          -- Σ claim_amount [USD]
       CAST(COALESCE(SUM(paid_amount), 0) AS DECIMAL(18,2)) AS total_paid_amount,
                                          -- Σ paid_amount [USD]
       COUNT(CASE WHEN is_approved THEN 1 END) AS approved_claims,
                                          -- Approved, Partially Approved or Paid [claims]
       COUNT(CASE WHEN status = 'Denied' THEN 1 END) AS denied_claims, -- Denied [claims]
       COUNT(CASE WHEN paid_amount > 0 THEN 1 END) AS paying_claims, -- claims with a payment [claims]
       COUNT(CASE WHEN is_emergency THEN 1 END) AS emergency_claims -- claims of emergencies [claims]
FROM silver.fact_claims
WHERE service_year_month IS NOT NULL
GROUP BY service_year_month
