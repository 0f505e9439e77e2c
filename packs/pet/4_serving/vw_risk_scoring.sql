/* claimlake
description: Risk score of each customer; the columns are those of gold.risk_scoring.
kind: view
*/
SELECT *
FROM gold.risk_scoring
