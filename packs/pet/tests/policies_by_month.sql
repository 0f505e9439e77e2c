/* claimlake
model: gold.policies_by_month
as_of: 2026-02-10
*/

/* claimlake
test: Days of a term fall into its months, up to today and without its last day
description: >-
  365.00 a year over 365 days is 1.00 a day: 15 days of December from the 17th on, 31 of January, 9 of
  February before today. The one day of P-2 is the 31st of December: 730.00 over 365 days is 2.00.
*/
INSERT INTO silver.dim_policies (policy_id, customer_id, status, is_in_force, annual_premium, term_days, effective_date, end_date) VALUES
    ('P-1', 'K-1', 'Active',    TRUE,  365.00, 365, '2025-12-17', '2026-12-17'),
    ('P-2', 'K-1', 'Cancelled', FALSE, 730.00, 365, '2025-12-31', '2026-01-01'),
    ('P-3', 'K-1', 'Active',    FALSE, 365.00, 365, '2026-02-10', '2027-02-10'),
    ('no term', 'K-1', 'Active', FALSE, 365.00, 0,  '2026-01-01', '2026-01-01');
INSERT INTO expected (year_month, earned_premium, policy_days, new_customers, churned_customers) VALUES
    ('2025-12', 17.00, 16, 1, 0), ('2026-01', 31.00, 31, 0, 0), ('2026-02', 9.00, 9, 0, 0);

/* claimlake
test: A month in which nothing is earned any more has its customers
description: >-
  The term of K-1 ended on the first of January: its one day was in December. K-2 begins today.
*/
INSERT INTO silver.dim_policies (policy_id, customer_id, status, is_in_force, annual_premium, term_days, effective_date, end_date) VALUES
    ('P-1', 'K-1', 'Expired', FALSE, 10.00, 1,   '2025-12-31', '2026-01-01'),
    ('P-2', 'K-2', 'Active',  TRUE,  10.00, 365, '2026-02-10', '2027-02-10');
INSERT INTO expected (year_month, earned_premium, policy_days, new_customers, churned_customers) VALUES
    ('2025-12', 10.00, 1, 1, 0), ('2026-01', 0.00, 0, 0, 1), ('2026-02', 0.00, 0, 1, 0);

/* claimlake
test: A term over a century is in each of its months
description: From January 1926 to January 2026 are 100 years of 12 months and one more, and no month is left out or twice.
*/
INSERT INTO silver.dim_policies (policy_id, customer_id, status, is_in_force, annual_premium, term_days, effective_date, end_date)
    SELECT 'P-1', 'K-1', 'Expired', FALSE, 36525.00, 36525, '1926-01-01', '2026-01-01';
INSERT INTO expected (year_month, earned_premium, policy_days, new_customers, churned_customers)
    SELECT LPAD(CAST(y AS VARCHAR), 4, '0') || '-' || LPAD(CAST(m AS VARCHAR), 2, '0'),
           EXTRACT(DAY FROM LAST_DAY(MAKE_DATE(y, m, 1))), EXTRACT(DAY FROM LAST_DAY(MAKE_DATE(y, m, 1))),
           CASE WHEN y = 1926 AND m = 1 THEN 1 ELSE 0 END, 0
    FROM (SELECT CAST(y AS INTEGER) AS y FROM range(1926, 2026) AS years(y)) AS years,
         (SELECT CAST(m AS INTEGER) AS m FROM range(1, 13) AS months(m)) AS months
    UNION ALL SELECT '2026-01', 0, 0, 0, 1;
