/* claimlake
description: One row per claim with the plan, the pet and the provider it belongs to.
kind: keyed
key: claim_id
clock: day
aggregation: claim
owner: claims-data@example.com
tags: {phi: [diagnosis_code]}
*/
SELECT claims.claim_id,                   -- business key
       claims.claim_number,               -- as printed on letters; not unique
       claims.policy_id,                  -- under which term it is claimed
       claims.pet_id,                     -- who was treated
       claims.customer_id,                -- who claims
       claims.provider_id,                -- who treated
       claims.claim_type,                 -- what was done
       claims.claim_category,             -- Preventive, Dental, Surgery, Emergency, Diagnostic, Illness
                                          -- or Chronic
       claims.service_date,               -- day of treatment
       claims.submitted_date,             -- day the claim reached us
       claims.claim_amount,               -- billed [USD]
       claims.deductible_applied,         -- taken off before reimbursement [USD]
       claims.covered_amount,             -- what the policy covers of it [USD]
       claims.paid_amount,                -- paid or to be paid to the customer [USD]
       claims.status,                     -- Submitted, Under Review, Approved, Partially Approved,
                                          -- Denied or Paid
       claims.is_approved,                -- Approved, Partially Approved or Paid
       claims.is_decided,                 -- approved or Denied
       claims.denial_reason,              -- null unless Denied
       claims.processing_days,            -- from submission to decision; null until decided [days]
       claims.diagnosis_code,             -- as the provider wrote it
       claims.invoice_number,             -- of the provider
       claims.is_emergency,               -- treated as an emergency
       claims.is_recurring,               -- part of a lasting illness
       claims.is_flagged,                 -- worth a second look, see silver.fact_claims
       claims.days_to_submit,             -- submitted_date − service_date [days]
       claims.customer_out_of_pocket,     -- claim_amount − paid_amount [USD]
       claims.reimbursement_rate,         -- paid_amount ÷ claim_amount × 100, 0 where nothing is
                                          -- claimed [%]
       claims.claim_size_category,        -- under 100 USD Small, under 500 Medium, under 2,000 Large,
                                          -- else Major
       claims.service_year,               -- of service_date
       claims.service_month,              -- of service_date, 1 to 12
       claims.service_quarter,            -- of service_date, 1 to 4
       claims.service_year_month,         -- of service_date, YYYY-MM
       policies.plan_name,                -- of the policy; null if the policy is not known
       policies.plan_tier,                -- 1 Basic to 4 Unlimited, 0 any other
       pets.species,                      -- of the pet; null if the pet is not known
       pets.breed,                        -- of the pet
       pets.life_stage,                   -- of the pet today, not on the day of treatment
       providers.provider_name,           -- null if the provider is not known
       providers.is_in_network,           -- the provider has a contract with us
       providers.provider_type,           -- General Practice, Emergency Hospital, Specialty Clinic or
                                          -- Mobile Vet
       CASE WHEN providers.is_in_network THEN CAST(ROUND(claims.claim_amount * 0.15, 2) AS DECIMAL(18,2))
            ELSE CAST(0 AS DECIMAL(18,2))
       END AS network_savings             -- 15 % of claim_amount in network, else 0 [USD]
FROM silver.fact_claims AS claims
LEFT JOIN silver.dim_policies AS policies ON policies.policy_id = claims.policy_id
LEFT JOIN silver.dim_pets AS pets ON pets.pet_id = claims.pet_id
LEFT JOIN silver.dim_vet_providers AS providers ON providers.provider_id = claims.provider_id
