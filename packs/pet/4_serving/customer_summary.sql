/* claimlake
description: The profile of one customer with risk and recommendation; no row if there is no such customer.
kind: function
parameters: {customer_id: string}
tags: {pii: [full_name, email]}
*/
SELECT profile.customer_id,               -- the customer asked for
       profile.full_name,                 -- first and last name
       profile.email,                     -- lower case
       profile.city,                      -- of the address
       profile.state,                     -- two capital letters
       profile.customer_since,            -- first contract or registration
       profile.total_pets,                -- pets of the customer [pets]
       profile.total_policies,            -- terms of all statuses [policies]
       profile.active_policies,           -- terms in force [policies]
       profile.total_annual_premium,      -- Σ annual premium of terms in force [USD per year]
       profile.earned_premium,            -- Σ earned premium of all terms [USD]
       profile.total_claims,              -- claims of all statuses [claims]
       profile.total_claim_amount,        -- Σ claim_amount [USD]
       profile.total_paid_amount,         -- Σ paid_amount [USD]
       profile.loss_ratio,                -- paid ÷ earned premium × 100 [%]
       profile.lifetime_value,            -- earned premium − paid [USD]
       profile.customer_value_tier,       -- Platinum, Gold, Silver or Bronze
       profile.customer_risk_score,       -- High Risk, Medium Risk, Low Risk or Very Low Risk
       profile.churn_risk,                -- Prospect, Churned, High, Medium or Low
       profile.churn_drivers,             -- reasons to expect that the customer leaves
       profile.next_best_action,          -- what to do next
       profile.last_contact,              -- latest claim, policy or change of the record
       risk.total_risk_score,             -- 0 to 100 [points]
       risk.risk_category,                -- Very Low, Low, Medium, High or Very High
       risk.recommended_action,           -- what the risk suggests
       offers.recommendation,             -- what else to offer
       offers.estimated_revenue_opportunity -- what it may bring [USD per year]
FROM gold.customer_360_view AS profile
LEFT JOIN gold.risk_scoring AS risk ON risk.customer_id = profile.customer_id
LEFT JOIN gold.cross_sell_recommendations AS offers ON offers.customer_id = profile.customer_id
WHERE profile.customer_id = customer_id
