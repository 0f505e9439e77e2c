/* claimlake
description: >-
  Claims of each provider, as counts and sums: what gold.provider_performance divides and holds against
  the other providers of a type.
kind: keyed
key: provider_id
aggregation: provider
owner: provider-data@example.com
*/
SELECT provider_id,                       -- who treated
       COUNT(*) AS total_claims,          -- claims of all statuses [claims]
       COUNT(DISTINCT customer_id) AS unique_customers, -- distinct customers [customers]
       COUNT(claim_amount) AS claims_with_amount, -- claims whose amount is known [claims]
       CAST(COALESCE(SUM(claim_amount), 0) AS DECIMAL(18,2)) AS total_billed, -- Σ claim_amount [USD]
       CAST(COALESCE(SUM(paid_amount), 0) AS DECIMAL(18,2)) AS total_paid, -- Σ paid_amount [USD]
       COUNT(processing_days) AS claims_with_days, -- claims whose days to a decision are known [claims]
       CAST(COALESCE(SUM(processing_days), 0) AS BIGINT) AS processing_days, -- Σ processing_days [days]
       COUNT(CASE WHEN status = 'Denied' THEN 1 END) AS denied_claims, -- claims Denied [claims]
       COUNT(CASE WHEN is_decided THEN 1 END) AS decided_claims, -- claims approved or Denied [claims]
       COUNT(CASE WHEN is_emergency THEN 1 END) AS emergency_visits, -- claims of emergencies [claims]
       COUNT(CASE WHEN is_flagged THEN 1 END) AS flagged_claims
                                          -- claims worth a second look, see silver.fact_claims [claims]
FROM silver.fact_claims
WHERE provider_id IS NOT NULL
GROUP BY provider_id
