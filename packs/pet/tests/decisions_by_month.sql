/* claimlake
model: gold.decisions_by_month
*/

/* claimlake
test: Decided claims are counted by the days that they took
*/
INSERT INTO silver.fact_claims (claim_id, service_year_month, is_decided, processing_days) VALUES
    ('C-1', '2026-01', TRUE,  3),
    ('C-2', '2026-01', TRUE,  3),
    ('C-3', '2026-01', TRUE,  0),
    ('C-4', '2026-02', TRUE,  3),
    ('pending',     '2026-01', FALSE, 3),
    ('no days',     '2026-01', TRUE,  NULL),
    ('no month',    NULL,      TRUE,  3);
INSERT INTO expected (year_month, processing_days, decided_claims) VALUES
    ('2026-01', 0, 1), ('2026-01', 3, 2), ('2026-02', 3, 1);
