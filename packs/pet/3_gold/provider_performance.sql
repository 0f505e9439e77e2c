/* claimlake
description: One row per provider that has claims, against the providers of its type.
kind: keyed
key: provider_id
aggregation: provider
owner: provider-data@example.com
*/
WITH
measured AS (
    SELECT providers.provider_id, providers.provider_name, providers.provider_type, providers.city,
           providers.state, providers.is_in_network, providers.average_rating,
           totals.total_claims, totals.unique_customers, totals.total_billed, totals.total_paid,
           totals.denied_claims, totals.decided_claims, totals.emergency_visits, totals.flagged_claims,
           CASE WHEN totals.claims_with_amount > 0
                THEN CAST(totals.total_billed AS DOUBLE) / totals.claims_with_amount
           END AS avg_claim_amount,
           CASE WHEN totals.claims_with_days > 0
                THEN CAST(totals.processing_days AS DOUBLE) / totals.claims_with_days
           END AS avg_processing_days,
           CASE WHEN totals.decided_claims > 0
                THEN ROUND(CAST(totals.denied_claims AS DOUBLE) * 100 / totals.decided_claims * 100) / 100
                ELSE CAST(0 AS DOUBLE) END AS denial_rate
    FROM gold.claims_by_provider AS totals
    JOIN silver.dim_vet_providers AS providers ON providers.provider_id = totals.provider_id
),
peers AS (
    SELECT provider_type, AVG(avg_claim_amount) AS mean, STDDEV_POP(avg_claim_amount) AS spread
    FROM measured
    GROUP BY provider_type
)
SELECT measured.provider_id,              -- business key
       measured.provider_name,            -- each word with a capital letter
       measured.provider_type,            -- General Practice, Emergency Hospital, Specialty Clinic or
                                          -- Mobile Vet
       measured.city,                     -- of the practice
       measured.state,                    -- two capital letters
       measured.is_in_network,            -- has a contract with us
       measured.average_rating,           -- of its reviews, 0 to 5 [stars]
       measured.total_claims,             -- claims of all statuses [claims]
       measured.unique_customers,         -- distinct customers [customers]
       measured.total_billed,             -- Σ claim_amount [USD]
       measured.total_paid,               -- Σ paid_amount [USD]
       measured.avg_claim_amount,         -- total_billed ÷ claims with an amount [USD]
       measured.avg_processing_days,      -- mean of processing_days of decided claims; null without
                                          -- [days]
       measured.denied_claims,            -- claims Denied [claims]
       measured.decided_claims,           -- claims approved or Denied [claims]
       measured.emergency_visits,         -- claims of emergencies [claims]
       measured.denial_rate,              -- denied_claims ÷ decided_claims × 100, 0 without decisions;
                                          -- the reference divided by all claims, pending ones too [%]
       ROUND(CAST(measured.total_billed AS DOUBLE) / measured.total_claims * 100) / 100
           AS avg_cost_per_visit,         -- total_billed ÷ total_claims [USD]
       CASE WHEN measured.average_rating >= 4.5 AND measured.denial_rate < 10 THEN 'Preferred'
            WHEN measured.average_rating >= 4.0 AND measured.denial_rate < 20 THEN 'Standard'
            ELSE 'Review Required'
       END AS provider_tier,              -- rating from 4.5 and denial_rate under 10 Preferred; from 4.0
                                          -- and under 20 Standard; else Review Required
       CASE WHEN peers.spread > 0
            THEN ROUND((measured.avg_claim_amount - peers.mean) / peers.spread * 100) / 100 + 0
            ELSE CAST(0 AS DOUBLE)
       END AS severity_z_score,           -- (avg_claim_amount − mean of the providers of this type) ÷
                                          -- their standard deviation, 0 where they do not differ or the
                                          -- type is not known; not in the reference [standard deviations]
       measured.flagged_claims,           -- claims worth a second look, see silver.fact_claims [claims]
       ROUND(CAST(measured.flagged_claims AS DOUBLE) / measured.total_claims * 100 * 100) / 100
           AS flagged_share               -- flagged_claims ÷ total_claims × 100; not in the reference [%]
FROM measured
LEFT JOIN peers ON peers.provider_type = measured.provider_type
