/* claimlake
description: Providers against their peers; the columns are those of gold.provider_performance.
kind: view
*/
SELECT *
FROM gold.provider_performance
