/* claimlake
description: One row per month in which treatment took place, with premium, claims, decisions and customers.
kind: keyed
key: year_month
clock: day
aggregation: month
owner: finance-data@example.com
sla: {fresh: 1s, by: "06:00 America/New_York"}
*/
WITH
months AS (
    SELECT year_month, TRY_CAST(year_month || '-01' AS DATE) AS month_start,
           CAST(TRY_CAST(year_month || '-01' AS DATE) + INTERVAL '1' MONTH AS DATE) AS next_month,
           total_claims, unique_customers, unique_pets, total_claim_amount, total_paid_amount,
           claims_with_amount, approved_claims, denied_claims, paying_claims, emergency_claims
    FROM gold.claims_by_month
),
ranked AS (
    SELECT year_month, processing_days, decided_claims AS claims,
           SUM(decided_claims) OVER (PARTITION BY year_month) AS decided,
           SUM(decided_claims) OVER (PARTITION BY year_month ORDER BY processing_days
                                     ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS up_to_here
    FROM gold.decisions_by_month
),
speed AS (
    SELECT year_month, MAX(decided) AS decided_with_days,
           SUM(processing_days * claims) AS days,
           SUM(CASE WHEN processing_days <= 1 THEN claims ELSE 0 END) AS straight_through,
           MIN(CASE WHEN up_to_here * 2 >= decided THEN processing_days END) AS median_days,
           MIN(CASE WHEN up_to_here * 10 >= decided * 9 THEN processing_days END) AS p90_days
    FROM ranked
    GROUP BY year_month
),
joined AS (
    SELECT months.year_month, months.month_start, months.next_month <= CURRENT_DATE AS is_complete,
           months.total_claims, months.unique_customers, months.unique_pets,
           months.total_claim_amount, months.total_paid_amount, months.claims_with_amount AS amounts,
           months.approved_claims, months.denied_claims, months.paying_claims, months.emergency_claims,
           CAST(COALESCE(policies.earned_premium, 0) AS DECIMAL(18,2)) AS earned_premium,
           COALESCE(policies.policy_days, 0) AS policy_days,
           speed.decided_with_days, speed.days, speed.straight_through, speed.median_days, speed.p90_days,
           COALESCE(policies.new_customers, 0) AS new_customers,
           COALESCE(policies.churned_customers, 0) AS churned_customers,
           earlier.total_claims AS claims_before, earlier.total_paid_amount AS paid_before,
           policies_before.earned_premium AS earned_before
    FROM months
    LEFT JOIN gold.policies_by_month AS policies ON policies.year_month = months.year_month
    LEFT JOIN speed ON speed.year_month = months.year_month
    -- The month before, if it has claims. Found by its name and not by the order of rows, so that a
    -- claim touches its month and the one after it and no other.
    LEFT JOIN gold.claims_by_month AS earlier ON earlier.next_year_month = months.year_month
    LEFT JOIN gold.policies_by_month AS policies_before
        ON policies_before.year_month = earlier.year_month
)
SELECT year_month,                        -- month of service_date, YYYY-MM
       month_start,                       -- its first day
       is_complete,                       -- the month is over
       total_claims,                      -- claims of all statuses [claims]
       unique_customers,                  -- distinct customers with a claim [customers]
       unique_pets,                       -- distinct pets with a claim [pets]
       total_claim_amount,                -- Σ claim_amount [USD]
       total_paid_amount,                 -- Σ paid_amount [USD]
       earned_premium,                    -- Σ over policies: annual premium × days of the term in the
                                          -- month, up to end_date and today, ÷ days of the term, each to
                                          -- the cent; not in the reference [USD]
       CASE WHEN amounts > 0 THEN CAST(total_claim_amount AS DOUBLE) / amounts
       END AS avg_claim_amount,           -- total_claim_amount ÷ claims with an amount [USD]
       CASE WHEN decided_with_days > 0 THEN CAST(days AS DOUBLE) / decided_with_days
       END AS avg_processing_days,        -- mean of processing_days of decided claims; null without
                                          -- [days]
       median_days AS median_decision_days,
                                          -- at least half of the decided claims took at most so long;
                                          -- not in the reference [days]
       p90_days AS p90_decision_days,     -- at least nine of ten decided claims took at most so long;
                                          -- not in the reference [days]
       approved_claims,                   -- Approved, Partially Approved or Paid; the reference took
                                          -- Approved alone [claims]
       denied_claims,                     -- Denied [claims]
       emergency_claims,                  -- claims of emergencies [claims]
       CASE WHEN approved_claims + denied_claims > 0
            THEN ROUND(CAST(approved_claims AS DOUBLE) * 100 / (approved_claims + denied_claims) * 100) / 100
            ELSE CAST(0 AS DOUBLE)
       END AS approval_rate,              -- approved_claims ÷ (approved_claims + denied_claims) × 100, 0
                                          -- without decisions; the reference divided by all claims [%]
       CASE WHEN approved_claims + denied_claims > 0
            THEN ROUND(CAST(denied_claims AS DOUBLE) * 100 / (approved_claims + denied_claims) * 100) / 100
            ELSE CAST(0 AS DOUBLE)
       END AS denial_rate,                -- denied_claims ÷ (approved_claims + denied_claims) × 100, 0
                                          -- without decisions; the reference divided by all claims [%]
       CASE WHEN earned_premium > 0
            THEN ROUND(CAST(total_paid_amount AS DOUBLE) / CAST(earned_premium AS DOUBLE) * 100 * 100) / 100
            ELSE CAST(0 AS DOUBLE)
       END AS loss_ratio,                 -- total_paid_amount ÷ earned_premium × 100, 0 where nothing is
                                          -- earned; the reference had paid ÷ claimed [%]
       CASE WHEN policy_days > 0
            THEN ROUND(CAST(total_claims AS DOUBLE) * 365 / policy_days * 1000) / 1000
            ELSE CAST(0 AS DOUBLE)
       END AS frequency,                  -- total_claims ÷ (days in force of all policies in the month ÷
                                          -- 365); not in the reference [claims per policy year]
       CASE WHEN paying_claims > 0
            THEN ROUND(CAST(total_paid_amount AS DOUBLE) / paying_claims * 100) / 100
            ELSE CAST(0 AS DOUBLE)
       END AS severity,                   -- total_paid_amount ÷ claims with a payment, 0 without any; not
                                          -- in the reference [USD per paid claim]
       CASE WHEN decided_with_days > 0
            THEN ROUND(CAST(straight_through AS DOUBLE) * 100 / decided_with_days * 100) / 100
            ELSE CAST(0 AS DOUBLE)
       END AS straight_through_rate,      -- claims decided within one day ÷ decided claims × 100, 0
                                          -- without decisions; not in the reference [%]
       new_customers,                     -- customers whose first term began in the month; not in the
                                          -- reference [customers]
       churned_customers,                 -- customers without a term in force today whose last term ended
                                          -- in the month; not in the reference [customers]
       CASE WHEN claims_before > 0
            THEN ROUND((CAST(total_claims AS DOUBLE) / claims_before - 1) * 100 * 100) / 100 + 0
       END AS claims_growth_pct,          -- (total_claims ÷ those of the month before − 1) × 100; null
                                          -- without that month; not in the reference [%]
       CASE WHEN paid_before > 0
            THEN ROUND((CAST(total_paid_amount AS DOUBLE) / CAST(paid_before AS DOUBLE) - 1) * 100 * 100) / 100 + 0
       END AS paid_growth_pct,            -- the same of total_paid_amount; not in the reference [%]
       CASE WHEN earned_before > 0
            THEN ROUND((CAST(earned_premium AS DOUBLE) / CAST(earned_before AS DOUBLE) - 1) * 100 * 100) / 100 + 0
       END AS earned_premium_growth_pct   -- the same of earned_premium; not in the reference [%]
FROM joined
