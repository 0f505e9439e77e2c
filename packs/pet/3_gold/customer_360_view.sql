/* claimlake
description: One row per customer with pets, cover, claims, value, risk of leaving and what to do next.
kind: keyed
key: customer_id
clock: day
aggregation: customer
owner: cdp@example.com
sla: {fresh: 1s, by: "06:00 America/New_York"}
tags: {pii: [full_name, email, phone_clean, phone_e164, zip_code, date_of_birth, age]}
*/
WITH
pets AS (
    SELECT customer_id, COUNT(*) AS total_pets,
           COUNT(CASE WHEN species = 'Dog' THEN 1 END) AS dog_count,
           COUNT(CASE WHEN species = 'Cat' THEN 1 END) AS cat_count,
           COUNT(CASE WHEN species = 'Bird' THEN 1 END) AS bird_count,
           COUNT(CASE WHEN species = 'Exotic' THEN 1 END) AS exotic_count,
           COUNT(species) AS species_count,
           COUNT(CASE WHEN is_active THEN 1 END) AS active_pets,
           AVG(CAST(age_years AS DOUBLE)) AS avg_pet_age,
           MIN(breed) AS first_breed, MAX(breed) AS last_breed,
           COUNT(CASE WHEN has_pre_existing THEN 1 END) AS pets_with_conditions
    FROM silver.dim_pets
    GROUP BY customer_id
),
-- A list is built only where there may be three breeds: lists of all customers would fill the memory.
breeds AS (
    SELECT customer_id, ARRAY_SORT(ARRAY_AGG(breed)) AS pet_breeds_list
    FROM (SELECT DISTINCT customer_id, breed
          FROM silver.dim_pets
          WHERE breed IS NOT NULL
              AND customer_id IN (SELECT customer_id FROM silver.dim_pets GROUP BY customer_id HAVING COUNT(*) > 2)) AS pairs
    GROUP BY customer_id
),
policies AS (
    SELECT customer_id, COUNT(*) AS total_policies,
           COUNT(CASE WHEN is_in_force THEN 1 END) AS active_policies,
           SUM(CASE WHEN is_in_force THEN annual_premium ELSE 0 END) AS total_annual_premium,
           SUM(earned_premium) AS earned_premium,
           MAX(CASE WHEN is_in_force THEN plan_tier ELSE 0 END) AS highest_plan_tier,
           MIN(effective_date) AS first_policy_date, MAX(effective_date) AS latest_policy_date,
           AVG(CAST(renewal_count AS DOUBLE)) AS avg_renewal_count,
           COUNT(CASE WHEN is_in_force AND includes_wellness THEN 1 END) AS wellness_coverage_count,
           COUNT(CASE WHEN is_in_force AND includes_dental THEN 1 END) AS dental_coverage_count,
           MIN(days_until_renewal) AS min_days_until_renewal,
           COUNT(CASE WHEN status = 'Cancelled' THEN 1 END) AS cancelled_policies,
           MAX(CAST(created_at AS DATE)) AS last_policy_contact
    FROM silver.dim_policies
    GROUP BY customer_id
),
claims AS (
    SELECT customer_id, COUNT(*) AS total_claims, SUM(claim_amount) AS total_claim_amount,
           SUM(paid_amount) AS total_paid_amount, COUNT(claim_amount) AS amounts,
           MAX(claim_amount) AS max_claim_amount,
           COUNT(CASE WHEN status = 'Denied' THEN 1 END) AS denied_claims,
           COUNT(CASE WHEN is_emergency THEN 1 END) AS emergency_claims,
           AVG(processing_days) AS avg_processing_days,
           MIN(service_date) AS first_claim_date, MAX(service_date) AS last_claim_date,
           MAX(submitted_date) AS last_claim_contact,
           MAX(CASE WHEN claim_category = 'Chronic' THEN 1 ELSE 0 END) AS has_chronic,
           MAX(CASE WHEN claim_category = 'Dental' THEN 1 ELSE 0 END) AS has_dental,
           MAX(CASE WHEN claim_category = 'Diagnostic' THEN 1 ELSE 0 END) AS has_diagnostic,
           MAX(CASE WHEN claim_category = 'Emergency' THEN 1 ELSE 0 END) AS has_emergency,
           MAX(CASE WHEN claim_category = 'Illness' THEN 1 ELSE 0 END) AS has_illness,
           MAX(CASE WHEN claim_category = 'Preventive' THEN 1 ELSE 0 END) AS has_preventive,
           MAX(CASE WHEN claim_category = 'Surgery' THEN 1 ELSE 0 END) AS has_surgery,
           MAX(CASE WHEN claim_category NOT IN ('Chronic', 'Dental', 'Diagnostic', 'Emergency', 'Illness',
                                                'Preventive', 'Surgery') THEN 1 ELSE 0 END) AS has_other
    FROM silver.fact_claims
    GROUP BY customer_id
),
joined AS (
    SELECT customers.customer_id, customers.full_name, customers.email, customers.is_valid_email,
           customers.phone_clean, customers.phone_e164, customers.city, customers.state,
           customers.zip_code, customers.date_of_birth, customers.age, customers.customer_since,
           customers.tenure_months, customers.preferred_contact, customers.marketing_opt_in,
           customers.referral_source, customers.customer_segment,
           COALESCE(pets.total_pets, 0) AS total_pets, COALESCE(pets.dog_count, 0) AS dog_count,
           COALESCE(pets.cat_count, 0) AS cat_count, COALESCE(pets.active_pets, 0) AS active_pets,
           pets.avg_pet_age,
           SPLIT(NULLIF(CONCAT_WS(',',
               CASE WHEN pets.bird_count > 0 THEN 'Bird' END, CASE WHEN pets.cat_count > 0 THEN 'Cat' END,
               CASE WHEN pets.dog_count > 0 THEN 'Dog' END,
               CASE WHEN pets.exotic_count > 0 THEN 'Exotic' END,
               CASE WHEN pets.species_count > pets.bird_count + pets.cat_count + pets.dog_count
                                              + pets.exotic_count THEN 'Other' END), ''), ',')
               AS pet_species_list,
           CASE WHEN pets.total_pets > 2 THEN breeds.pet_breeds_list
                ELSE SPLIT(CONCAT_WS(';;', pets.first_breed, NULLIF(pets.last_breed, pets.first_breed)), ';;')
           END AS pet_breeds_list,
           COALESCE(pets.pets_with_conditions, 0) AS pets_with_conditions,
           COALESCE(policies.total_policies, 0) AS total_policies,
           COALESCE(policies.active_policies, 0) AS active_policies,
           CAST(COALESCE(policies.total_annual_premium, 0) AS DECIMAL(18,2)) AS total_annual_premium,
           CAST(COALESCE(policies.earned_premium, 0) AS DECIMAL(18,2)) AS earned_premium,
           COALESCE(policies.highest_plan_tier, 0) AS highest_plan_tier,
           policies.first_policy_date, policies.latest_policy_date,
           COALESCE(policies.avg_renewal_count, 0) AS avg_renewal_count,
           COALESCE(policies.wellness_coverage_count, 0) AS wellness_coverage_count,
           COALESCE(policies.dental_coverage_count, 0) AS dental_coverage_count,
           policies.min_days_until_renewal,
           COALESCE(policies.cancelled_policies, 0) AS cancelled_policies,
           COALESCE(claims.total_claims, 0) AS total_claims,
           CAST(COALESCE(claims.total_claim_amount, 0) AS DECIMAL(18,2)) AS total_claim_amount,
           CAST(COALESCE(claims.total_paid_amount, 0) AS DECIMAL(18,2)) AS total_paid_amount,
           CASE WHEN claims.amounts > 0
                THEN CAST(claims.total_claim_amount AS DOUBLE) / claims.amounts END AS avg_claim_amount,
           claims.max_claim_amount, COALESCE(claims.denied_claims, 0) AS denied_claims,
           COALESCE(claims.emergency_claims, 0) AS emergency_claims,
           claims.avg_processing_days, claims.first_claim_date, claims.last_claim_date,
           CAST(COALESCE(claims.has_chronic + claims.has_dental + claims.has_diagnostic + claims.has_emergency
                         + claims.has_illness + claims.has_preventive + claims.has_surgery
                         + claims.has_other, 0) AS BIGINT) AS unique_claim_categories,
           SPLIT(NULLIF(CONCAT_WS(',',
               CASE WHEN claims.has_chronic = 1 THEN 'Chronic' END,
               CASE WHEN claims.has_dental = 1 THEN 'Dental' END,
               CASE WHEN claims.has_diagnostic = 1 THEN 'Diagnostic' END,
               CASE WHEN claims.has_emergency = 1 THEN 'Emergency' END,
               CASE WHEN claims.has_illness = 1 THEN 'Illness' END,
               CASE WHEN claims.has_other = 1 THEN 'Other' END,
               CASE WHEN claims.has_preventive = 1 THEN 'Preventive' END,
               CASE WHEN claims.has_surgery = 1 THEN 'Surgery' END), ''), ',')
               AS claim_categories_list,
           CAST(customers.updated_at AS DATE) AS last_record_contact,
           policies.last_policy_contact, claims.last_claim_contact
    FROM silver.dim_customers AS customers
    LEFT JOIN pets ON pets.customer_id = customers.customer_id
    LEFT JOIN breeds ON breeds.customer_id = customers.customer_id
    LEFT JOIN policies ON policies.customer_id = customers.customer_id
    LEFT JOIN claims ON claims.customer_id = customers.customer_id
),
rated AS (
    SELECT customer_id, full_name, email, is_valid_email, phone_clean, phone_e164, city, state,
           zip_code, date_of_birth, age, customer_since, tenure_months, preferred_contact,
           marketing_opt_in, referral_source, customer_segment, total_pets, dog_count, cat_count,
           active_pets, avg_pet_age, pet_species_list, pet_breeds_list, pets_with_conditions,
           total_policies, active_policies, total_annual_premium, earned_premium, highest_plan_tier,
           first_policy_date, latest_policy_date, avg_renewal_count, wellness_coverage_count,
           dental_coverage_count, min_days_until_renewal, cancelled_policies, total_claims,
           total_claim_amount, total_paid_amount, avg_claim_amount, max_claim_amount, denied_claims,
           emergency_claims, avg_processing_days, first_claim_date, last_claim_date,
           unique_claim_categories, claim_categories_list, last_record_contact, last_policy_contact,
           last_claim_contact,
           CASE WHEN earned_premium > 0
                THEN ROUND(CAST(total_paid_amount AS DOUBLE) / CAST(earned_premium AS DOUBLE) * 100 * 100) / 100
                ELSE CAST(0 AS DOUBLE) END AS loss_ratio,
           CASE WHEN total_policies = 0 THEN 'Prospect' WHEN active_policies = 0 THEN 'Churned'
                WHEN min_days_until_renewal < 30 THEN 'High' WHEN min_days_until_renewal < 60 THEN 'Medium'
                ELSE 'Low' END AS churn_risk
    FROM joined
)
SELECT customer_id,                       -- business key
       full_name,                         -- first and last name
       email,                             -- lower case
       is_valid_email,                    -- has the form local@domain.tld
       phone_clean,                       -- digits of the telephone number
       phone_e164,                        -- telephone number in E.164; null if it is none
       city,                              -- of the address
       state,                             -- two capital letters
       zip_code,                          -- five digits
       date_of_birth,                     -- null if not known
       age,                               -- days from birth to today ÷ 365, rounded down [years]
       customer_since,                    -- first contract or registration
       tenure_months,                     -- completed calendar months since customer_since [months]
       preferred_contact,                 -- Email, Phone or SMS
       marketing_opt_in,                  -- may be written to
       referral_source,                   -- how the customer found us
       customer_segment,                  -- as the CRM says
       total_pets,                        -- pets of the customer [pets]
       dog_count,                         -- of them dogs [pets]
       cat_count,                         -- of them cats [pets]
       active_pets,                       -- of them alive and with the customer [pets]
       avg_pet_age,                       -- mean of age_years; null without pets [years]
       pet_species_list,                  -- distinct species, sorted, unknown ones as Other; null
                                          -- without pets
       pet_breeds_list,                   -- distinct breeds, sorted; null without pets
       pets_with_conditions,              -- pets with a pre-existing condition [pets]
       total_policies,                    -- terms of all statuses, past ones too [policies]
       active_policies,                   -- terms in force today; the reference counted by status alone
                                          -- [policies]
       total_annual_premium,              -- Σ annual premium of terms in force; the reference took all
                                          -- terms [USD per year]
       CASE WHEN active_policies > 0 THEN CAST(total_annual_premium AS DOUBLE) / active_policies
       END AS avg_annual_premium,         -- total_annual_premium ÷ active_policies; null with none in
                                          -- force [USD per year]
       earned_premium,                    -- Σ earned premium of all terms up to today: annual premium ×
                                          -- days covered ÷ days of term; not in the reference [USD]
       highest_plan_tier,                 -- greatest plan_tier in force, 0 with none; the reference took
                                          -- all terms
       first_policy_date,                 -- earliest effective_date of all terms
       latest_policy_date,                -- latest effective_date of all terms
       avg_renewal_count,                 -- mean of renewal_count of all terms, 0 without any [renewals]
       wellness_coverage_count,           -- terms in force with wellness [policies]
       dental_coverage_count,             -- terms in force with dental [policies]
       min_days_until_renewal,            -- days until the nearest expiration in force; null with none
                                          -- in force [days]
       total_claims,                      -- claims of all statuses [claims]
       total_claim_amount,                -- Σ claim_amount [USD]
       total_paid_amount,                 -- Σ paid_amount [USD]
       avg_claim_amount,                  -- total_claim_amount ÷ claims; null without claims [USD]
       max_claim_amount,                  -- greatest claim_amount; null without claims [USD]
       denied_claims,                     -- claims Denied [claims]
       emergency_claims,                  -- claims of emergencies [claims]
       avg_processing_days,               -- mean of processing_days of decided claims; null without
                                          -- [days]
       first_claim_date,                  -- earliest service_date
       last_claim_date,                   -- latest service_date
       unique_claim_categories,           -- distinct claim categories, unknown ones count as one
                                          -- [categories]
       claim_categories_list,             -- distinct claim categories, sorted, unknown ones as Other; null
                                          -- without claims
       loss_ratio,                        -- total_paid_amount ÷ earned_premium × 100, 0 where nothing is
                                          -- earned, never null; the reference divided by one year's
                                          -- premium of all terms [%]
       CASE WHEN total_pets > 0 THEN ROUND(CAST(total_claims AS DOUBLE) / total_pets * 100) / 100
            ELSE CAST(0 AS DOUBLE)
       END AS claims_per_pet,             -- total_claims ÷ total_pets, 0 without pets [claims per pet]
       CASE WHEN loss_ratio > 150 THEN 'High Risk' WHEN loss_ratio > 100 THEN 'Medium Risk'
            WHEN loss_ratio > 50 THEN 'Low Risk' ELSE 'Very Low Risk'
       END AS customer_risk_score,        -- loss_ratio over 150 High Risk, over 100 Medium Risk, over 50
                                          -- Low Risk, else Very Low Risk
       CASE WHEN total_annual_premium > 1000 THEN 'Platinum' WHEN total_annual_premium > 500 THEN 'Gold'
            WHEN total_annual_premium > 200 THEN 'Silver' ELSE 'Bronze'
       END AS customer_value_tier,        -- total_annual_premium over 1,000 Platinum, over 500 Gold,
                                          -- over 200 Silver, else Bronze
       CAST(earned_premium - total_paid_amount AS DECIMAL(18,2))
           AS lifetime_value,             -- earned_premium − total_paid_amount; not in the reference
                                          -- [USD]
       CAST(total_claims AS DOUBLE) * 10 + avg_renewal_count * 20 + COALESCE(tenure_months, 0) * 2
           + CASE WHEN marketing_opt_in THEN 10 ELSE 0 END
           AS engagement_score,           -- total_claims × 10 + avg_renewal_count × 20 + tenure_months ×
                                          -- 2 + 10 if marketing_opt_in [points]
       churn_risk,                        -- no policy ever Prospect; none in force Churned; nearest
                                          -- renewal in under 30 days High, under 60 Medium, else Low;
                                          -- the reference took any expiration date, past ones too
       SPLIT(NULLIF(CONCAT_WS(', ',
           CASE WHEN total_policies > 0 AND active_policies = 0 THEN 'No policy in force' END,
           CASE WHEN min_days_until_renewal < 60 THEN 'Renewal due within 60 days' END,
           CASE WHEN cancelled_policies > 0 THEN 'Has cancelled before' END,
           CASE WHEN denied_claims > 0 THEN 'Had a claim denied' END,
           CASE WHEN avg_processing_days > 10 THEN 'Waits over 10 days for decisions' END,
           CASE WHEN total_policies > 0 AND active_pets = 0 THEN 'No active pet left' END,
           CASE WHEN active_policies > 0 AND total_claims = 0 THEN 'Pays without having claimed' END), ''), ', ')
           AS churn_drivers,              -- reasons to expect that the customer leaves or has left, most
                                          -- direct first: none in force; renewal in under 60 days; a
                                          -- term cancelled; a claim denied; decisions take over 10 days
                                          -- on average; no active pet; in force without a claim. Null
                                          -- where there is none
       CASE WHEN total_policies = 0 THEN 'Offer a first policy'
            WHEN active_policies = 0 THEN 'Win back with a new offer'
            WHEN min_days_until_renewal < 30 THEN 'Call about the renewal'
            WHEN min_days_until_renewal < 60 THEN 'Send the renewal offer'
            WHEN loss_ratio > 150 THEN 'Review the price at renewal'
            WHEN highest_plan_tier < 3 AND loss_ratio < 80 THEN 'Offer a higher plan'
            WHEN wellness_coverage_count = 0 THEN 'Offer wellness cover'
            WHEN dental_coverage_count = 0 THEN 'Offer dental cover'
            WHEN total_pets > active_policies THEN 'Offer cover for the other pets'
            ELSE 'Keep in touch'
       END AS next_best_action,           -- first that holds: no policy ever; none in force; renewal in
                                          -- under 30 days, under 60; loss_ratio over 150; then the
                                          -- offers in the order of gold.cross_sell_recommendations
       CASE WHEN last_claim_contact >= COALESCE(last_policy_contact, last_claim_contact)
                 AND last_claim_contact >= COALESCE(last_record_contact, last_claim_contact)
            THEN last_claim_contact
            WHEN last_policy_contact >= COALESCE(last_record_contact, last_policy_contact)
            THEN last_policy_contact
            ELSE last_record_contact
       END AS last_contact                -- latest of: a claim submitted, a policy made, the customer's
                                          -- record changed
FROM rated
