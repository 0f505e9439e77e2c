/* claimlake
model: gold.risk_scoring
*/

/* claimlake
test: Each factor has its steps
description: >-
  Pets over 10, 7 and 4 years; 15 for each pet with a condition; claims per month of tenure over 2 and 1,
  where tenure counts as at least one month; emergencies over 3 and 1; loss ratio over 150, 100 and 70.
*/
INSERT INTO gold.customer_360_view (customer_id, avg_pet_age, pets_with_conditions, total_claims, tenure_months, emergency_claims, loss_ratio) VALUES
    ('least',      4,     0, 1,  1,    1, 70),
    ('just above', 4.01,  1, 3,  2,    2, 70.01),
    ('next step',  7,     1, 4,  2,    3, 100),
    ('higher',     7.01,  1, 5,  2,    4, 100.01),
    ('at 150',     10,    0, 25, 12,   0, 150),
    ('highest',    10.01, 2, 3,  0,    9, 150.01),
    ('no pets',    NULL,  0, 1,  NULL, 0, 0);
INSERT INTO expected (customer_id, pet_age_risk, condition_risk, claims_frequency_risk, emergency_risk, loss_ratio_risk, total_risk_score) VALUES
    ('least',      5,  0,  5,  0,  0,  10),
    ('just above', 10, 15, 15, 10, 10, 60),
    ('next step',  10, 15, 15, 10, 10, 60),
    ('higher',     20, 15, 25, 20, 20, 100),
    ('at 150',     20, 0,  25, 0,  20, 65),
    ('highest',    30, 30, 25, 20, 30, 100),
    ('no pets',    5,  0,  5,  0,  0,  10);

/* claimlake
test: The score ends at 100, the shares are of all that was added up
description: 30 + 75 + 25 + 20 + 30 are 180, of which 75 are 41.67 %.
*/
INSERT INTO gold.customer_360_view (customer_id, avg_pet_age, pets_with_conditions, total_claims, tenure_months, emergency_claims, loss_ratio) VALUES
    ('K-1', 12, 5, 9, 3, 9, 400);
INSERT INTO expected (customer_id, uncapped_risk_score, total_risk_score, pet_age_share, condition_share, claims_frequency_share, emergency_share, loss_ratio_share, risk_category) VALUES
    ('K-1', 180, 100, 16.67, 41.67, 13.89, 11.11, 16.67, 'Very High');

/* claimlake
test: Categories begin above 20, 40, 60 and 80
description: All have 5 for frequency; the rest comes from age, conditions, emergencies and loss ratio.
*/
INSERT INTO gold.customer_360_view (customer_id, avg_pet_age, pets_with_conditions, total_claims, tenure_months, emergency_claims, loss_ratio) VALUES
    ('20', 1, 0, 1, 9, 2, 0),  ('25', 1, 1, 1, 9, 0, 0),
    ('40', 1, 2, 1, 9, 0, 0),  ('45', 5, 2, 1, 9, 0, 0),
    ('60', 5, 3, 1, 9, 0, 0),  ('65', 5, 2, 1, 9, 4, 0),
    ('80', 8, 3, 1, 9, 2, 0),  ('85', 1, 5, 1, 9, 0, 0);
INSERT INTO expected (customer_id, total_risk_score, risk_category, recommended_action) VALUES
    ('20', 20, 'Very Low',  'Candidate for loyalty rewards'),
    ('25', 25, 'Low',       'Candidate for loyalty rewards'),
    ('40', 40, 'Low',       'Candidate for loyalty rewards'),
    ('45', 45, 'Medium',    'Standard monitoring'),
    ('60', 60, 'Medium',    'Standard monitoring'),
    ('65', 65, 'High',      'Monitor closely'),
    ('80', 80, 'High',      'Monitor closely'),
    ('85', 85, 'Very High', 'Review for rate adjustment');
