/* claimlake
description: KPIs by month of treatment; the columns are those of gold.monthly_kpis.
kind: view
*/
SELECT *
FROM gold.monthly_kpis
