/* claimlake
description: Customer 360; the columns are those of gold.customer_360_view.
kind: view
*/
SELECT *
FROM gold.customer_360_view
