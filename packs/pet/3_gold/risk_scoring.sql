/* claimlake
description: One row per customer with a risk score and what makes it up.
kind: keyed
key: customer_id
aggregation: customer
owner: actuarial@example.com
tags: {pii: [full_name]}
*/
WITH
factors AS (
    SELECT customer_id, full_name, total_pets, avg_pet_age, pets_with_conditions, total_claims,
           total_claim_amount, total_paid_amount, emergency_claims, loss_ratio, tenure_months,
           highest_plan_tier,
           CASE WHEN avg_pet_age > 10 THEN 30 WHEN avg_pet_age > 7 THEN 20 WHEN avg_pet_age > 4 THEN 10
                ELSE 5 END AS pet_age_risk,
           CAST(pets_with_conditions * 15 AS INTEGER) AS condition_risk,
           CASE WHEN total_claims > 2 * CASE WHEN tenure_months > 1 THEN tenure_months ELSE 1 END THEN 25
                WHEN total_claims > CASE WHEN tenure_months > 1 THEN tenure_months ELSE 1 END THEN 15
                ELSE 5 END AS claims_frequency_risk,
           CASE WHEN emergency_claims > 3 THEN 20 WHEN emergency_claims > 1 THEN 10 ELSE 0 END AS emergency_risk,
           CASE WHEN loss_ratio > 150 THEN 30 WHEN loss_ratio > 100 THEN 20 WHEN loss_ratio > 70 THEN 10
                ELSE 0 END AS loss_ratio_risk
    FROM gold.customer_360_view
),
summed AS (
    SELECT customer_id, full_name, total_pets, avg_pet_age, pets_with_conditions, total_claims,
           total_claim_amount, total_paid_amount, emergency_claims, loss_ratio, tenure_months,
           highest_plan_tier, pet_age_risk, condition_risk, claims_frequency_risk, emergency_risk,
           loss_ratio_risk,
           pet_age_risk + condition_risk + claims_frequency_risk + emergency_risk + loss_ratio_risk
               AS uncapped_risk_score
    FROM factors
),
scored AS (
    SELECT customer_id, full_name, total_pets, avg_pet_age, pets_with_conditions, total_claims,
           total_claim_amount, total_paid_amount, emergency_claims, loss_ratio, tenure_months,
           highest_plan_tier, pet_age_risk, condition_risk, claims_frequency_risk, emergency_risk,
           loss_ratio_risk, uncapped_risk_score,
           CASE WHEN uncapped_risk_score > 100 THEN 100 ELSE uncapped_risk_score END AS total_risk_score
    FROM summed
)
SELECT customer_id,                       -- business key
       full_name,                         -- first and last name
       total_pets,                        -- pets of the customer [pets]
       avg_pet_age,                       -- mean of age_years; null without pets [years]
       pets_with_conditions,              -- pets with a pre-existing condition [pets]
       total_claims,                      -- claims of all statuses [claims]
       total_claim_amount,                -- Σ claim_amount [USD]
       total_paid_amount,                 -- Σ paid_amount [USD]
       emergency_claims,                  -- claims of emergencies [claims]
       loss_ratio,                        -- paid ÷ earned premium × 100 [%]
       tenure_months,                     -- completed calendar months as a customer [months]
       highest_plan_tier,                 -- greatest plan_tier in force, 0 with none
       pet_age_risk,                      -- avg_pet_age over 10: 30, over 7: 20, over 4: 10, else 5
                                          -- [points]
       condition_risk,                    -- 15 × pets_with_conditions [points]
       claims_frequency_risk,             -- total_claims per month of tenure (at least 1) over 2: 25,
                                          -- over 1: 15, else 5 [points]
       emergency_risk,                    -- emergency_claims over 3: 20, over 1: 10, else 0 [points]
       loss_ratio_risk,                   -- loss_ratio over 150: 30, over 100: 20, over 70: 10, else 0
                                          -- [points]
       uncapped_risk_score,               -- sum of the five factors [points]
       total_risk_score,                  -- sum of the five factors, at most 100; the reference had no
                                          -- limit [points]
       ROUND(CAST(pet_age_risk AS DOUBLE) * 100 / uncapped_risk_score * 100) / 100
           AS pet_age_share,              -- pet_age_risk ÷ uncapped_risk_score × 100 [%]
       ROUND(CAST(condition_risk AS DOUBLE) * 100 / uncapped_risk_score * 100) / 100
           AS condition_share,            -- condition_risk ÷ uncapped_risk_score × 100 [%]
       ROUND(CAST(claims_frequency_risk AS DOUBLE) * 100 / uncapped_risk_score * 100) / 100
           AS claims_frequency_share,     -- claims_frequency_risk ÷ uncapped_risk_score × 100 [%]
       ROUND(CAST(emergency_risk AS DOUBLE) * 100 / uncapped_risk_score * 100) / 100
           AS emergency_share,            -- emergency_risk ÷ uncapped_risk_score × 100 [%]
       ROUND(CAST(loss_ratio_risk AS DOUBLE) * 100 / uncapped_risk_score * 100) / 100
           AS loss_ratio_share,           -- loss_ratio_risk ÷ uncapped_risk_score × 100 [%]
       CASE WHEN total_risk_score > 80 THEN 'Very High' WHEN total_risk_score > 60 THEN 'High'
            WHEN total_risk_score > 40 THEN 'Medium' WHEN total_risk_score > 20 THEN 'Low'
            ELSE 'Very Low'
       END AS risk_category,              -- total_risk_score over 80 Very High, over 60 High, over 40
                                          -- Medium, over 20 Low, else Very Low
       CASE WHEN total_risk_score > 80 THEN 'Review for rate adjustment'
            WHEN total_risk_score > 60 THEN 'Monitor closely'
            WHEN total_risk_score > 40 THEN 'Standard monitoring'
            ELSE 'Candidate for loyalty rewards'
       END AS recommended_action          -- Very High: Review for rate adjustment; High: Monitor
                                          -- closely; Medium: Standard monitoring; else Candidate for
                                          -- loyalty rewards
FROM scored
