/* claimlake
description: KPIs by month, each beside the month before.
kind: view
*/
SELECT year_month,                        -- month of service_date, YYYY-MM
       total_claims,                      -- claims of all statuses [claims]
       unique_customers,                  -- distinct customers with a claim [customers]
       unique_pets,                       -- distinct pets with a claim [pets]
       total_claim_amount,                -- Σ claim_amount [USD]
       total_paid_amount,                 -- Σ paid_amount [USD]
       earned_premium,                    -- premium earned in the month [USD]
       avg_claim_amount,                  -- mean amount of a claim [USD]
       avg_processing_days,               -- mean days to a decision [days]
       median_decision_days,              -- median days to a decision [days]
       approved_claims,                   -- Approved, Partially Approved or Paid [claims]
       denied_claims,                     -- Denied [claims]
       emergency_claims,                  -- claims of emergencies [claims]
       approval_rate,                     -- approved ÷ decided × 100 [%]
       denial_rate,                       -- denied ÷ decided × 100 [%]
       loss_ratio,                        -- paid ÷ earned premium × 100 [%]
       new_customers,                     -- customers whose first term began in the month [customers]
       churned_customers,                 -- customers whose last term ended in the month [customers]
       is_complete,                       -- the month is over
       LAG(total_claims) OVER (ORDER BY year_month)
           AS prev_month_claims,          -- total_claims of the row before; null in the first [claims]
       COALESCE(claims_growth_pct, CAST(0 AS DOUBLE))
           AS claims_growth_pct           -- (total_claims ÷ those of the month before − 1) × 100, 0
                                          -- without that month [%]
FROM gold.monthly_kpis
