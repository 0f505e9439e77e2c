/* claimlake
description: Claims with plan, pet and provider; the columns are those of gold.claims_analytics.
kind: view
*/
SELECT *
FROM gold.claims_analytics
