/* claimlake
description: One row per claim category and species.
kind: view
*/
SELECT claim_category,                    -- Preventive, Dental, Surgery, Emergency, Diagnostic, Illness
                                          -- or Chronic
       species,                           -- Dog, Cat, Bird or Exotic
       COUNT(*) AS claim_count,           -- claims of all statuses [claims]
       CAST(SUM(claim_amount) AS DECIMAL(18,2))
           AS total_amount,               -- Σ claim_amount [USD]
       CAST(SUM(claim_amount) AS DOUBLE) / COUNT(*)
           AS avg_amount,                 -- total_amount ÷ claim_count [USD]
       CAST(SUM(paid_amount) AS DECIMAL(18,2))
           AS total_paid,                 -- Σ paid_amount [USD]
       AVG(processing_days)
           AS avg_processing_days         -- mean days to a decision; null without decisions [days]
FROM gold.claims_analytics
GROUP BY claim_category, species
