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
totals AS (
    SELECT service_year_month AS year_month, COUNT(*) AS total_claims,
           COUNT(DISTINCT customer_id) AS unique_customers, COUNT(DISTINCT pet_id) AS unique_pets,
           CAST(COALESCE(SUM(claim_amount), 0) AS DECIMAL(18,2)) AS total_claim_amount,
           CAST(COALESCE(SUM(paid_amount), 0) AS DECIMAL(18,2)) AS total_paid_amount,
           COUNT(claim_amount) AS amounts,
           COUNT(CASE WHEN is_approved THEN 1 END) AS approved_claims,
           COUNT(CASE WHEN status = 'Denied' THEN 1 END) AS denied_claims,
           COUNT(CASE WHEN paid_amount > 0 THEN 1 END) AS paying_claims,
           COUNT(CASE WHEN is_emergency THEN 1 END) AS emergency_claims
    FROM silver.fact_claims
    WHERE service_year_month IS NOT NULL
    GROUP BY service_year_month
),
months AS (
    SELECT year_month, TRY_CAST(year_month || '-01' AS DATE) AS month_start,
           CAST(TRY_CAST(year_month || '-01' AS DATE) + INTERVAL '1' MONTH AS DATE) AS next_month,
           CASE WHEN CAST(TRY_CAST(year_month || '-01' AS DATE) + INTERVAL '1' MONTH AS DATE) < CURRENT_DATE
                THEN CAST(TRY_CAST(year_month || '-01' AS DATE) + INTERVAL '1' MONTH AS DATE)
                ELSE CURRENT_DATE END AS until_date
    FROM totals
),
-- Each policy with each month that it touches: the days of the term that fall into the month.
shares AS (
    SELECT months.year_month, policies.annual_premium, policies.term_days,
           CAST(EXTRACT(DAY FROM
               CAST(CASE WHEN policies.end_date < months.until_date THEN policies.end_date
                         ELSE months.until_date END AS TIMESTAMP)
               - CAST(CASE WHEN policies.effective_date > months.month_start THEN policies.effective_date
                           ELSE months.month_start END AS TIMESTAMP)) AS INTEGER) AS days
    FROM months
    JOIN silver.dim_policies AS policies
        ON policies.effective_date < months.until_date AND policies.end_date > months.month_start
    WHERE policies.term_days > 0
),
earned AS (
    SELECT year_month, CAST(SUM(days) AS BIGINT) AS policy_days,
           SUM(CAST(ROUND(CAST(annual_premium * 100 AS DOUBLE) * days / term_days) AS DECIMAL(18,0))) * 0.01
               AS earned_premium
    FROM shares
    WHERE days > 0
    GROUP BY year_month
),
-- Days to a decision are few different numbers: counting them gives exact percentiles without a sort.
decisions AS (
    SELECT service_year_month AS year_month, processing_days, COUNT(*) AS claims
    FROM silver.fact_claims
    WHERE is_decided AND processing_days IS NOT NULL AND service_year_month IS NOT NULL
    GROUP BY service_year_month, processing_days
),
ranked AS (
    SELECT year_month, processing_days, claims,
           SUM(claims) OVER (PARTITION BY year_month) AS decided,
           SUM(claims) OVER (PARTITION BY year_month ORDER BY processing_days
                             ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS up_to_here
    FROM decisions
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
customers AS (
    SELECT customer_id, MIN(effective_date) AS first_day, MAX(end_date) AS last_day,
           MAX(CASE WHEN is_in_force THEN 1 ELSE 0 END) AS in_force
    FROM silver.dim_policies
    WHERE effective_date <= CURRENT_DATE AND status <> 'Pending'
    GROUP BY customer_id
),
arrivals AS (
    SELECT SUBSTR(CAST(first_day AS VARCHAR(10)), 1, 7) AS year_month, COUNT(*) AS new_customers
    FROM customers
    GROUP BY SUBSTR(CAST(first_day AS VARCHAR(10)), 1, 7)
),
departures AS (
    SELECT SUBSTR(CAST(last_day AS VARCHAR(10)), 1, 7) AS year_month, COUNT(*) AS churned_customers
    FROM customers
    WHERE in_force = 0
    GROUP BY SUBSTR(CAST(last_day AS VARCHAR(10)), 1, 7)
),
joined AS (
    SELECT totals.year_month, months.month_start, months.next_month <= CURRENT_DATE AS is_complete,
           totals.total_claims, totals.unique_customers, totals.unique_pets,
           totals.total_claim_amount, totals.total_paid_amount, totals.amounts,
           totals.approved_claims, totals.denied_claims, totals.paying_claims, totals.emergency_claims,
           CAST(COALESCE(earned.earned_premium, 0) AS DECIMAL(18,2)) AS earned_premium,
           COALESCE(earned.policy_days, 0) AS policy_days,
           speed.decided_with_days, speed.days, speed.straight_through, speed.median_days, speed.p90_days,
           COALESCE(arrivals.new_customers, 0) AS new_customers,
           COALESCE(departures.churned_customers, 0) AS churned_customers,
           -- The month before, if it has a row.
           LAG(months.next_month) OVER (ORDER BY totals.year_month) = months.month_start AS follows,
           LAG(totals.total_claims) OVER (ORDER BY totals.year_month) AS claims_before,
           LAG(totals.total_paid_amount) OVER (ORDER BY totals.year_month) AS paid_before,
           LAG(earned.earned_premium) OVER (ORDER BY totals.year_month) AS earned_before
    FROM totals
    JOIN months ON months.year_month = totals.year_month
    LEFT JOIN earned ON earned.year_month = totals.year_month
    LEFT JOIN speed ON speed.year_month = totals.year_month
    LEFT JOIN arrivals ON arrivals.year_month = totals.year_month
    LEFT JOIN departures ON departures.year_month = totals.year_month
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
       CASE WHEN follows AND claims_before > 0
            THEN ROUND((CAST(total_claims AS DOUBLE) / claims_before - 1) * 100 * 100) / 100 + 0
       END AS claims_growth_pct,          -- (total_claims ÷ those of the month before − 1) × 100; null
                                          -- without that month; not in the reference [%]
       CASE WHEN follows AND paid_before > 0
            THEN ROUND((CAST(total_paid_amount AS DOUBLE) / CAST(paid_before AS DOUBLE) - 1) * 100 * 100) / 100 + 0
       END AS paid_growth_pct,            -- the same of total_paid_amount; not in the reference [%]
       CASE WHEN follows AND earned_before > 0
            THEN ROUND((CAST(earned_premium AS DOUBLE) / CAST(earned_before AS DOUBLE) - 1) * 100 * 100) / 100 + 0
       END AS earned_premium_growth_pct   -- the same of earned_premium; not in the reference [%]
FROM joined
