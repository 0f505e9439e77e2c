/* claimlake
description: One row per value tier and risk class, with how many customers it holds and what they bring.
kind: view
*/
SELECT customer_value_tier,               -- Platinum, Gold, Silver or Bronze
       customer_risk_score,               -- High Risk, Medium Risk, Low Risk or Very Low Risk
       COUNT(*) AS customer_count,        -- customers [customers]
       CAST(SUM(total_annual_premium) AS DOUBLE) / COUNT(*)
           AS avg_premium,                -- mean premium in force [USD per year]
       AVG(CAST(total_claims AS DOUBLE))
           AS avg_claims,                 -- mean number of claims [claims]
       AVG(loss_ratio) AS avg_loss_ratio, -- mean of the customers' loss ratios [%]
       CAST(SUM(total_annual_premium) AS DECIMAL(18,2))
           AS total_premium_value         -- Σ premium in force [USD per year]
FROM gold.customer_360_view
GROUP BY customer_value_tier, customer_risk_score
