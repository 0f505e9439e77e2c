/* claimlake
model: gold.cross_sell_recommendations
*/

/* claimlake
test: The first opportunity that holds is recommended, and says what it may bring
description: >-
  Plan Upgrade half of the premium, wellness 120, dental 180, more pets 80 % of the premium. The priority
  is that times what is left of 100 after the loss ratio.
*/
INSERT INTO gold.customer_360_view (customer_id, active_policies, total_pets, highest_plan_tier, loss_ratio, wellness_coverage_count, dental_coverage_count, total_annual_premium) VALUES
    ('upgrade',  1, 2, 2, 50,    0, 0, 600.00),
    ('wellness', 1, 2, 3, 50,    0, 0, 600.00),
    ('dental',   1, 2, 3, 25,    1, 0, 600.00),
    ('pets',     1, 2, 4, 0,     1, 1, 600.00),
    ('retain',   2, 2, 4, 0,     1, 1, 600.00),
    ('costly',   1, 1, 1, 80,    1, 1, 600.00),
    ('losing',   1, 2, 4, 150,   1, 1, 600.00);
INSERT INTO expected (customer_id, recommendation, estimated_revenue_opportunity, priority_score) VALUES
    ('upgrade',  'Plan Upgrade',           300.00, 150),
    ('wellness', 'Add Wellness Coverage',  120.00, 60),
    ('dental',   'Add Dental Coverage',    180.00, 135),
    ('pets',     'Insure Additional Pets', 480.00, 480),
    ('retain',   'Retain & Engage',        0.00,   0),
    ('costly',   'Retain & Engage',        0.00,   0),
    ('losing',   'Insure Additional Pets', 480.00, -240);

/* claimlake
test: Nothing is offered beside a policy to who has none in force
*/
INSERT INTO gold.customer_360_view (customer_id, active_policies, total_pets, highest_plan_tier, loss_ratio, wellness_coverage_count, dental_coverage_count, total_annual_premium) VALUES
    ('K-1', 0, 3, 0, 0, 0, 0, 0);
INSERT INTO expected (customer_id, upgrade_opportunity, wellness_opportunity, dental_opportunity, multi_pet_opportunity, recommendation) VALUES
    ('K-1', FALSE, FALSE, FALSE, FALSE, 'Retain & Engage');

/* claimlake
test: An upgrade is for plans below Premium and a loss ratio below 80
*/
INSERT INTO gold.customer_360_view (customer_id, active_policies, total_pets, highest_plan_tier, loss_ratio, wellness_coverage_count, dental_coverage_count, total_annual_premium) VALUES
    ('K-1', 1, 1, 2, 79.99, 1, 1, 100), ('K-2', 1, 1, 2, 80, 1, 1, 100), ('K-3', 1, 1, 3, 79.99, 1, 1, 100);
INSERT INTO expected (customer_id, upgrade_opportunity) VALUES ('K-1', TRUE), ('K-2', FALSE), ('K-3', FALSE);
