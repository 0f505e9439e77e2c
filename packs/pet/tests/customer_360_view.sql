/* claimlake
model: gold.customer_360_view
as_of: 2026-01-31
*/

/* claimlake
test: Who never had anything is a prospect, with zeros where a sum is and null where a mean is
*/
INSERT INTO silver.dim_customers (customer_id, full_name, marketing_opt_in) VALUES ('K-1', 'Ada', FALSE);
INSERT INTO expected (customer_id, total_pets, total_policies, active_policies, total_annual_premium, earned_premium, total_claims, total_paid_amount, avg_claim_amount, avg_pet_age, pet_species_list, claim_categories_list, loss_ratio, claims_per_pet, customer_value_tier, customer_risk_score, lifetime_value, engagement_score, churn_risk, churn_drivers, next_best_action, last_contact) VALUES
    ('K-1', 0, 0, 0, 0.00, 0.00, 0, 0.00, NULL, NULL, NULL, NULL, 0, 0, 'Bronze', 'Very Low Risk', 0.00, 0, 'Prospect', NULL, 'Offer a first policy', NULL);

/* claimlake
test: Only terms in force make premium, tier and cover; all of them count and have earned
*/
INSERT INTO silver.dim_customers (customer_id) VALUES ('K-1');
INSERT INTO silver.dim_policies (policy_id, customer_id, status, is_in_force, annual_premium, earned_premium, plan_tier, includes_wellness, includes_dental, days_until_renewal, renewal_count, effective_date) VALUES
    ('P-1', 'K-1', 'Active',    TRUE,  300.00, 100.00, 1, FALSE, TRUE, 200,  1, '2025-10-01'),
    ('P-2', 'K-1', 'Active',    TRUE,  500.00, 250.00, 2, FALSE, TRUE, 90,   2, '2025-05-01'),
    ('P-3', 'K-1', 'Active',    FALSE, 900.00, 900.00, 4, TRUE,  TRUE, NULL, 0, '2024-01-01'),
    ('P-4', 'K-1', 'Cancelled', FALSE, 700.00, 50.00,  3, TRUE,  TRUE, NULL, 1, '2023-01-01');
INSERT INTO expected (customer_id, total_policies, active_policies, total_annual_premium, avg_annual_premium, earned_premium, highest_plan_tier, wellness_coverage_count, dental_coverage_count, min_days_until_renewal, avg_renewal_count, first_policy_date, latest_policy_date, customer_value_tier, churn_risk, churn_drivers) VALUES
    ('K-1', 4, 2, 800.00, 400, 1300.00, 2, 0, 2, 90, 1, '2023-01-01', '2025-10-01', 'Gold', 'Low',
     '[Has cancelled before, No active pet left, Pays without having claimed]');

/* claimlake
test: A customer whose terms have all lapsed has churned
*/
INSERT INTO silver.dim_customers (customer_id) VALUES ('K-1');
INSERT INTO silver.dim_pets (pet_id, customer_id, is_active) VALUES ('A-1', 'K-1', TRUE);
INSERT INTO silver.dim_policies (policy_id, customer_id, status, is_in_force, annual_premium, earned_premium, plan_tier) VALUES
    ('P-1', 'K-1', 'Active', FALSE, 1200.00, 1200.00, 4);
INSERT INTO expected (customer_id, churn_risk, churn_drivers, next_best_action, total_annual_premium, highest_plan_tier, customer_value_tier, lifetime_value) VALUES
    ('K-1', 'Churned', '[No policy in force]', 'Win back with a new offer', 0.00, 0, 'Bronze', 1200.00);

/* claimlake
test: Renewal in under 30 days is a high risk, in under 60 a medium one
*/
INSERT INTO silver.dim_customers (customer_id) VALUES ('K-1'), ('K-2'), ('K-3'), ('K-4');
INSERT INTO silver.dim_policies (policy_id, customer_id, status, is_in_force, annual_premium, days_until_renewal) VALUES
    ('P-1', 'K-1', 'Active', TRUE, 100, 29), ('P-2', 'K-2', 'Active', TRUE, 100, 30),
    ('P-3', 'K-3', 'Active', TRUE, 100, 59), ('P-4', 'K-4', 'Active', TRUE, 100, 60);
INSERT INTO expected (customer_id, churn_risk) VALUES
    ('K-1', 'High'), ('K-2', 'Medium'), ('K-3', 'Medium'), ('K-4', 'Low');

/* claimlake
test: Value tiers begin above 200, 500 and 1,000
*/
INSERT INTO silver.dim_customers (customer_id) VALUES ('K-1'), ('K-2'), ('K-3'), ('K-4'), ('K-5'), ('K-6');
INSERT INTO silver.dim_policies (policy_id, customer_id, is_in_force, annual_premium) VALUES
    ('P-1', 'K-1', TRUE, 200.00), ('P-2', 'K-2', TRUE, 200.01), ('P-3', 'K-3', TRUE, 500.00),
    ('P-4', 'K-4', TRUE, 500.01), ('P-5', 'K-5', TRUE, 1000.00), ('P-6', 'K-6', TRUE, 1000.01);
INSERT INTO expected (customer_id, customer_value_tier) VALUES
    ('K-1', 'Bronze'), ('K-2', 'Silver'), ('K-3', 'Silver'), ('K-4', 'Gold'), ('K-5', 'Gold'), ('K-6', 'Platinum');

/* claimlake
test: The loss ratio is paid by earned, 0 where nothing is earned, and risk begins above 50, 100 and 150
*/
INSERT INTO silver.dim_customers (customer_id) VALUES ('K-1'), ('K-2'), ('K-3'), ('K-4'), ('K-5');
INSERT INTO silver.dim_policies (policy_id, customer_id, earned_premium) VALUES
    ('P-1', 'K-1', 0.00), ('P-2', 'K-2', 200.00), ('P-3', 'K-3', 200.00), ('P-4', 'K-4', 200.00), ('P-5', 'K-5', 300.00);
INSERT INTO silver.fact_claims (claim_id, customer_id, claim_amount, paid_amount) VALUES
    ('C-1', 'K-1', 500.00, 500.00), ('C-2', 'K-2', 500.00, 100.00), ('C-3', 'K-3', 500.00, 200.00),
    ('C-4', 'K-4', 500.00, 300.00), ('C-5', 'K-5', 500.00, 450.01);
INSERT INTO expected (customer_id, loss_ratio, customer_risk_score, lifetime_value) VALUES
    ('K-1', 0,   'Very Low Risk', -500.00),
    ('K-2', 50,  'Very Low Risk', 100.00),
    ('K-3', 100, 'Low Risk',      0.00),
    ('K-4', 150, 'Medium Risk',   -100.00),
    ('K-5', 150, 'Medium Risk',   -150.01);

/* claimlake
test: Pets, policies and claims of one customer do not multiply each other
description: Engagement is 3 claims × 10 + 2 renewals on average × 20 + 12 months × 2 + 10 for the consent.
*/
INSERT INTO silver.dim_customers (customer_id, tenure_months, marketing_opt_in, updated_at) VALUES ('K-1', 12, TRUE, '2026-01-05');
INSERT INTO silver.dim_pets (pet_id, customer_id, species, breed, age_years, has_pre_existing, is_active) VALUES
    ('A-1', 'K-1', 'Dog',     'Pug',     2,    FALSE, TRUE),
    ('A-2', 'K-1', 'Cat',     'Persian', 5,    TRUE,  FALSE),
    ('A-3', 'K-1', 'Unicorn', 'Pug',     NULL, FALSE, TRUE);
INSERT INTO silver.dim_policies (policy_id, customer_id, is_in_force, annual_premium, earned_premium, renewal_count, days_until_renewal, created_at) VALUES
    ('P-1', 'K-1', TRUE, 100.00, 40.00, 1, 100, '2026-01-20'),
    ('P-2', 'K-1', TRUE, 200.00, 60.00, 3, 200, '2025-01-20');
INSERT INTO silver.fact_claims (claim_id, customer_id, claim_amount, paid_amount, status, is_emergency, processing_days, service_date, submitted_date, claim_category) VALUES
    ('C-1', 'K-1', 10.00, 5.00, 'Paid',         TRUE,  4,    '2025-12-01', '2025-12-02', 'Surgery'),
    ('C-2', 'K-1', 30.00, 0.00, 'Denied',       FALSE, 20,   '2025-12-05', '2025-12-06', 'Surgery'),
    ('C-3', 'K-1', 20.00, NULL, 'Under Review', FALSE, NULL, '2026-01-10', '2026-01-12', 'Spa');
INSERT INTO expected (customer_id, total_pets, dog_count, cat_count, active_pets, avg_pet_age, pets_with_conditions, pet_species_list, pet_breeds_list, total_annual_premium, earned_premium, total_claims, total_claim_amount, total_paid_amount, avg_claim_amount, max_claim_amount, denied_claims, emergency_claims, avg_processing_days, first_claim_date, last_claim_date, claim_categories_list, unique_claim_categories, claims_per_pet, loss_ratio, engagement_score, churn_drivers, last_contact) VALUES
    ('K-1', 3, 1, 1, 2, 3.5, 1, '[Cat, Dog, Other]', '[Persian, Pug]', 300.00, 100.00, 3, 60.00, 5.00, 20, 30.00, 1, 1, 12, '2025-12-01', '2026-01-10', '[Other, Surgery]', 2, 1, 5, 104, '[Had a claim denied, Waits over 10 days for decisions]', '2026-01-20');

/* claimlake
test: The next action is the first that holds
*/
INSERT INTO silver.dim_customers (customer_id) VALUES ('renew'), ('remind'), ('price'), ('plan'), ('wellness'), ('dental'), ('pets'), ('touch');
INSERT INTO silver.dim_pets (pet_id, customer_id) VALUES ('A-1', 'pets'), ('A-2', 'pets'), ('A-3', 'touch');
INSERT INTO silver.dim_policies (policy_id, customer_id, is_in_force, earned_premium, plan_tier, includes_wellness, includes_dental, days_until_renewal) VALUES
    ('P-1', 'renew',    TRUE, 100.00, 1, FALSE, FALSE, 29),
    ('P-2', 'remind',   TRUE, 100.00, 1, FALSE, FALSE, 59),
    ('P-3', 'price',    TRUE, 100.00, 1, FALSE, FALSE, 60),
    ('P-4', 'plan',     TRUE, 100.00, 2, FALSE, FALSE, 60),
    ('P-5', 'wellness', TRUE, 100.00, 2, FALSE, FALSE, 60),
    ('P-6', 'dental',   TRUE, 100.00, 3, TRUE,  FALSE, 60),
    ('P-7', 'pets',     TRUE, 100.00, 3, TRUE,  TRUE,  60),
    ('P-8', 'touch',    TRUE, 100.00, 3, TRUE,  TRUE,  60);
INSERT INTO silver.fact_claims (claim_id, customer_id, paid_amount) VALUES
    ('C-1', 'price', 150.01), ('C-2', 'plan', 79.99), ('C-3', 'wellness', 80.00);
INSERT INTO expected (customer_id, next_best_action) VALUES
    ('renew',    'Call about the renewal'),
    ('remind',   'Send the renewal offer'),
    ('price',    'Review the price at renewal'),
    ('plan',     'Offer a higher plan'),
    ('wellness', 'Offer wellness cover'),
    ('dental',   'Offer dental cover'),
    ('pets',     'Offer cover for the other pets'),
    ('touch',    'Keep in touch');
