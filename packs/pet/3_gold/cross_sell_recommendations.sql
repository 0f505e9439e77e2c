/* claimlake
description: One row per customer with what else to offer and what it may bring.
kind: keyed
key: customer_id
aggregation: customer
owner: cdp@example.com
tags: {pii: [full_name, email]}
*/
WITH
chances AS (
    SELECT customer_id, full_name, email, total_pets, active_policies, highest_plan_tier,
           wellness_coverage_count, dental_coverage_count, total_annual_premium,
           customer_value_tier, loss_ratio,
           active_policies > 0 AND highest_plan_tier < 3 AND loss_ratio < 80 AS upgrade_opportunity,
           active_policies > 0 AND wellness_coverage_count = 0 AS wellness_opportunity,
           active_policies > 0 AND dental_coverage_count = 0 AS dental_opportunity,
           active_policies > 0 AND total_pets > active_policies AS multi_pet_opportunity
    FROM gold.customer_360_view
),
offers AS (
    SELECT customer_id, full_name, email, total_pets, active_policies, highest_plan_tier,
           wellness_coverage_count, dental_coverage_count, total_annual_premium,
           customer_value_tier, loss_ratio, upgrade_opportunity, wellness_opportunity,
           dental_opportunity, multi_pet_opportunity,
           CASE WHEN upgrade_opportunity THEN 'Plan Upgrade'
                WHEN wellness_opportunity THEN 'Add Wellness Coverage'
                WHEN dental_opportunity THEN 'Add Dental Coverage'
                WHEN multi_pet_opportunity THEN 'Insure Additional Pets'
                ELSE 'Retain & Engage' END AS recommendation,
           CAST(CASE WHEN upgrade_opportunity THEN total_annual_premium * 0.5
                     WHEN wellness_opportunity THEN 120
                     WHEN dental_opportunity THEN 180
                     WHEN multi_pet_opportunity THEN total_annual_premium * 0.8
                     ELSE 0 END AS DECIMAL(18,2)) AS estimated_revenue_opportunity
    FROM chances
)
SELECT customer_id,                       -- business key
       full_name,                         -- first and last name
       email,                             -- lower case
       total_pets,                        -- pets of the customer [pets]
       active_policies,                   -- terms in force [policies]
       highest_plan_tier,                 -- greatest plan_tier in force, 0 with none
       wellness_coverage_count,           -- terms in force with wellness [policies]
       dental_coverage_count,             -- terms in force with dental [policies]
       total_annual_premium,              -- Σ annual premium of terms in force [USD per year]
       customer_value_tier,               -- Platinum, Gold, Silver or Bronze
       loss_ratio,                        -- paid ÷ earned premium × 100 [%]
       upgrade_opportunity,               -- a term in force, highest_plan_tier under 3 and loss_ratio
                                          -- under 80; every offer needs a term in force, which the
                                          -- reference did not ask for here
       wellness_opportunity,              -- a term in force, none with wellness
       dental_opportunity,                -- a term in force, none with dental
       multi_pet_opportunity,             -- a term in force, and more pets than such terms
       recommendation,                    -- the first opportunity that holds, in the order of the
                                          -- columns; none is Retain & Engage
       estimated_revenue_opportunity,     -- upgrade: premium × 0.5; wellness 120; dental 180; more pets:
                                          -- premium × 0.8; else 0 [USD per year]
       CAST(estimated_revenue_opportunity AS DOUBLE) * (100 - loss_ratio) / 100 + 0
           AS priority_score              -- estimated_revenue_opportunity × (100 − loss_ratio) ÷ 100
                                          -- [points]
FROM offers
