/* claimlake
description: Claims whose treatment took place from start_date to end_date, both included.
kind: function
parameters: {start_date: date, end_date: date}
*/
SELECT claims.claim_id,                   -- business key
       claims.claim_number,               -- as printed on letters
       claims.customer_id,                -- who claims
       claims.pet_id,                     -- who was treated
       claims.policy_id,                  -- under which term it is claimed
       claims.claim_type,                 -- what was done
       claims.claim_category,             -- kind of care
       claims.service_date,               -- day of treatment
       claims.submitted_date,             -- day the claim reached us
       claims.claim_amount,               -- billed [USD]
       claims.paid_amount,                -- paid or to be paid [USD]
       claims.status,                     -- Submitted, Under Review, Approved, Partially Approved,
                                          -- Denied or Paid
       claims.processing_days,            -- from submission to decision [days]
       claims.plan_name,                  -- of the policy
       claims.species,                    -- of the pet
       claims.breed,                      -- of the pet
       claims.provider_name,              -- who treated
       claims.is_in_network               -- the provider has a contract with us
FROM gold.claims_analytics AS claims
WHERE claims.service_date >= start_date AND claims.service_date <= end_date
