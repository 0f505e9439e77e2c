/* claimlake
description: What else to offer each customer; the columns are those of gold.cross_sell_recommendations.
kind: view
*/
SELECT *
FROM gold.cross_sell_recommendations
