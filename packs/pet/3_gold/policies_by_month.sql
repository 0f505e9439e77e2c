/* claimlake
description: >-
  Premium earned, days in force, new and lost customers of each month, up to today. Claims do not come
  into it: gold.monthly_kpis reads it for its months.
kind: keyed
key: year_month
clock: day
aggregation: month
owner: finance-data@example.com
*/
WITH
digits AS (
    SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
    UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9
),
-- Months are numbered from year 0: those from the first day of the first term to today.
bounds AS (
    SELECT YEAR(MIN(effective_date)) * 12 + MONTH(MIN(effective_date)) - 1 AS first_month,
           YEAR(CURRENT_DATE) * 12 + MONTH(CURRENT_DATE) - 1 AS last_month
    FROM silver.dim_policies
),
numbers AS (
    SELECT bounds.first_month + ones.n + tens.n * 10 + hundreds.n * 100 + thousands.n * 1000
           + ten_thousands.n * 10000 AS number, bounds.last_month
    FROM bounds
    CROSS JOIN digits AS ones
    CROSS JOIN digits AS tens
    CROSS JOIN digits AS hundreds
    CROSS JOIN digits AS thousands
    CROSS JOIN digits AS ten_thousands
),
named AS (
    SELECT LPAD(CAST(CAST(FLOOR(CAST(number AS DOUBLE) / 12) AS INTEGER) AS VARCHAR(4)), 4, '0') || '-'
           || LPAD(CAST(number - CAST(FLOOR(CAST(number AS DOUBLE) / 12) AS INTEGER) * 12 + 1 AS VARCHAR(2)),
                   2, '0') AS year_month
    FROM numbers
    WHERE number <= last_month
),
months AS (
    SELECT year_month, CAST(year_month || '-01' AS DATE) AS month_start,
           CASE WHEN CAST(CAST(year_month || '-01' AS DATE) + INTERVAL '1' MONTH AS DATE) < CURRENT_DATE
                THEN CAST(CAST(year_month || '-01' AS DATE) + INTERVAL '1' MONTH AS DATE)
                ELSE CURRENT_DATE END AS until_date
    FROM named
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
    WHERE in_force = 0 AND last_day IS NOT NULL
    GROUP BY SUBSTR(CAST(last_day AS VARCHAR(10)), 1, 7)
),
present AS (
    SELECT year_month FROM earned
    UNION
    SELECT year_month FROM arrivals
    UNION
    SELECT year_month FROM departures
)
SELECT present.year_month,                -- YYYY-MM
       CAST(COALESCE(earned.earned_premium, 0) AS DECIMAL(18,2)) AS earned_premium,
                                          -- Σ over policies: annual premium × days of the term in the
                                          -- month, up to end_date and today, ÷ days of the term, each to
                                          -- the cent [USD]
       COALESCE(earned.policy_days, 0) AS policy_days, -- days in force of all policies [days]
       COALESCE(arrivals.new_customers, 0) AS new_customers,
                                          -- customers whose first term began in the month [customers]
       COALESCE(departures.churned_customers, 0) AS churned_customers
                                          -- customers without a term in force today whose last term
                                          -- ended in the month [customers]
FROM present
LEFT JOIN earned ON earned.year_month = present.year_month
LEFT JOIN arrivals ON arrivals.year_month = present.year_month
LEFT JOIN departures ON departures.year_month = present.year_month
