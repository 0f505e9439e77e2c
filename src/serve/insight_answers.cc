// The figures of the whole book: headline KPIs, months, categories, tiers, providers.
#include <fmt/format.h>

#include "serve/answer.h"
#include "serve/gold_columns.h"
#include "serve/session_pool.h"

namespace claimlake::serve {
namespace {

constexpr const char* kCustomers = "gold.customer_360_view";
constexpr const char* kClaims = "gold.claims_analytics";
constexpr const char* kMonths = "gold.monthly_kpis";
constexpr const char* kProviderFigures = "gold.provider_performance";
constexpr const char* kPets = "silver.dim_pets";
constexpr const char* kPolicies = "silver.dim_policies";
constexpr const char* kProviders = "silver.dim_vet_providers";

// In force and days until renewal are of the day that the run looked at, so each policy in force
// tells that day; without any, the day of the run itself is the nearest answer.
constexpr const char* kSummary = R"(
WITH claims AS (
    SELECT count(*) AS total_claims,
           count(*) FILTER (status IN ('Submitted', 'Under Review')) AS pending_claims,
           count(*) FILTER (is_decided) AS decided_claims,
           count(*) FILTER (is_approved) AS approved,
           count(*) FILTER (status = 'Denied') AS denied,
           CAST(COALESCE(sum(claim_amount), 0) AS DECIMAL(18,2)) AS total_claim_amount,
           CAST(COALESCE(sum(paid_amount), 0) AS DECIMAL(18,2)) AS total_paid_amount,
           ROUND(avg(processing_days) FILTER (is_decided), 2) AS avg_processing_days,
           quantile_disc(processing_days, 0.5) FILTER (is_decided) AS median_decision_days,
           quantile_disc(processing_days, 0.9) FILTER (is_decided) AS p90_decision_days
    FROM {claims}
),
policies AS (
    SELECT count(*) AS total_policies,
           count(*) FILTER (is_in_force) AS active_policies,
           CAST(COALESCE(sum(annual_premium) FILTER (is_in_force), 0) AS DECIMAL(18,2)) AS premium_in_force,
           CAST(COALESCE(sum(earned_premium), 0) AS DECIMAL(18,2)) AS total_earned_premium,
           max(expiration_date - days_until_renewal) AS as_of
    FROM {policies}
),
customers AS (
    SELECT count(*) AS total_customers, max(CAST(_gold_processed_at AS TIMESTAMP)) AS processed_at
    FROM {customers}
)
SELECT customers.total_customers,
       (SELECT count(*) FROM {pets}) AS total_pets,
       policies.total_policies, claims.total_claims,
       (SELECT count(*) FROM {providers}) AS total_providers,
       policies.active_policies, claims.pending_claims, policies.premium_in_force,
       policies.total_earned_premium, claims.total_claim_amount, claims.total_paid_amount,
       CASE WHEN claims.decided_claims > 0
            THEN ROUND(100.0 * claims.approved / claims.decided_claims, 2) ELSE 0 END AS approval_rate,
       CASE WHEN claims.decided_claims > 0
            THEN ROUND(100.0 * claims.denied / claims.decided_claims, 2) ELSE 0 END AS denial_rate,
       CASE WHEN policies.total_earned_premium > 0
            THEN ROUND(100.0 * CAST(claims.total_paid_amount AS DOUBLE)
                       / CAST(policies.total_earned_premium AS DOUBLE), 2) ELSE 0 END AS loss_ratio,
       claims.avg_processing_days, claims.median_decision_days, claims.p90_decision_days,
       claims.decided_claims,
       COALESCE(policies.as_of, CAST(customers.processed_at AS DATE)) AS as_of_date
FROM claims, policies, customers
)";

Result<std::optional<std::string>> get_summary(const Reading& reading) {
  TRY(const std::string row,
      row_json(
          reading.session,
          fmt::format(fmt::runtime(kSummary), fmt::arg("claims", reading.from.in_place(kClaims)),
                      fmt::arg("policies", reading.from.in_place(kPolicies)),
                      fmt::arg("customers", reading.from.in_place(kCustomers)),
                      fmt::arg("pets", reading.from.in_place(kPets)),
                      fmt::arg("providers", reading.from.in_place(kProviders)))));
  return std::optional(row.substr(1, row.size() - 2) +
                       ",\"data_path\":" + json_string(reading.context.data_path));
}

constexpr const char* kMonthly = R"(
SELECT t.year_month, COALESCE(t.is_complete, false) AS is_complete, t.total_claims,
       t.unique_customers, t.unique_pets, t.total_claim_amount, t.total_paid_amount,
       CAST(COALESCE(t.avg_claim_amount, 0) AS DECIMAL(18,2)) AS avg_claim_amount,
       ROUND(t.avg_processing_days, 2) AS avg_processing_days,
       t.median_decision_days, t.p90_decision_days,
       t.approved_claims AS approved_count, t.denied_claims AS denied_count, t.approved_claims,
       t.denied_claims, t.emergency_claims, t.approval_rate, t.denial_rate,
       CAST(COALESCE(t.earned_premium, 0) AS DECIMAL(18,2)) AS earned_premium, t.loss_ratio,
       t.frequency, CAST(t.severity AS DECIMAL(18,2)) AS severity, t.straight_through_rate,
       COALESCE(t.new_customers, 0) AS new_customers,
       COALESCE(t.churned_customers, 0) AS churned_customers,
       before.total_claims AS prev_claims, t.claims_growth_pct, t.paid_growth_pct,
       t.earned_premium_growth_pct
FROM {months} AS t
LEFT JOIN {months} AS before ON before.month_start = CAST(t.month_start - INTERVAL 1 MONTH AS DATE)
ORDER BY t.year_month DESC
LIMIT {limit}
)";

Result<std::optional<std::string>> list_months(const Reading& reading) {
  std::string rows;
  TRY(const std::int64_t count,
      append_rows(reading.session,
                  fmt::format(fmt::runtime(kMonthly), fmt::arg("months", reading.from(kMonths)),
                              fmt::arg("limit", reading.parameters.integer("limit"))),
                  {}, rows));
  return std::optional(fmt::format(
      R"("kpis":[{}],"count":{},"description":"Claims by month of service")", rows, count));
}

constexpr const char* kCategories = R"(
SELECT COALESCE(claim_category, 'Unknown') AS claim_category,
       COALESCE(species, 'Unknown') AS species,
       count(*) AS claim_count,
       CAST(COALESCE(sum(claim_amount), 0) AS DECIMAL(18,2)) AS total_amount,
       CAST(COALESCE(CAST(sum(claim_amount) AS DOUBLE) / count(claim_amount), 0) AS DECIMAL(18,2)) AS avg_amount,
       CAST(COALESCE(sum(paid_amount), 0) AS DECIMAL(18,2)) AS total_paid,
       ROUND(avg(processing_days), 2) AS avg_processing_days
FROM {}
GROUP BY ALL
ORDER BY claim_count DESC, claim_category, species
)";

Result<std::optional<std::string>> list_categories(const Reading& reading) {
  std::string rows;
  TRY(const std::int64_t count,
      append_rows(reading.session,
                  fmt::format(fmt::runtime(kCategories), reading.from.in_place(kClaims)), {},
                  rows));
  return std::optional(fmt::format(R"("categories":[{}],"count":{})", rows, count));
}

constexpr const char* kSegments = R"(
SELECT customer_value_tier AS tier, count(*) AS count,
       CAST(COALESCE(sum(total_annual_premium), 0) AS DECIMAL(18,2)) AS total_premium,
       CAST(CAST(sum(total_annual_premium) AS DOUBLE) / count(*) AS DECIMAL(18,2)) AS avg_premium,
       CAST(sum(total_claims) AS BIGINT) AS total_claims,
       ROUND(avg(total_claims), 2) AS avg_claims,
       ROUND(avg(loss_ratio), 2) AS avg_loss_ratio,
       CAST(COALESCE(sum(total_paid_amount), 0) AS DECIMAL(18,2)) AS total_paid_amount
FROM {}
GROUP BY customer_value_tier
ORDER BY list_position(['Platinum', 'Gold', 'Silver', 'Bronze'], customer_value_tier)
)";

Result<std::optional<std::string>> list_segments(const Reading& reading) {
  TRY(const std::string rows,
      rows_json(reading.session,
                fmt::format(fmt::runtime(kSegments), reading.from.in_place(kCustomers))));
  const delta::SnapshotPtr& customers = reading.pins.snapshot(kCustomers);
  std::int64_t total = 0;
  if (customers != nullptr) total = customers->row_count().value_or(0);
  return std::optional(fmt::format(R"("segments":{},"total_customers":{})", rows, total));
}

Result<std::optional<std::string>> list_providers(const Reading& reading) {
  PageQuery query;
  query.source = fmt::format("(SELECT *, total_billed AS total_claim_amount FROM {})",
                             reading.from.in_place(kProviderFigures));
  query.keys = reading.from.columns(
      kProviderFigures,
      "provider_id, provider_name, total_claims, total_billed AS total_claim_amount, "
      "avg_claim_amount, denial_rate, average_rating, severity_z_score");
  const std::string sort = reading.parameters.text("sort");
  const bool descending = sort.starts_with('-');
  const std::string column = sort.substr(descending ? 1 : 0);
  std::string type = "DOUBLE";
  if (column == "provider_name") type = "VARCHAR";
  if (column == "total_claims") type = "BIGINT";
  if (column == "total_claim_amount") type = "DECIMAL(18,2)";
  if (column == "average_rating") type = "DECIMAL(18,6)";
  query.order = {{"t." + column, type, descending}, {"t.provider_id", "VARCHAR", false}};
  query.columns = provider_columns();
  TRY(std::string members, page_members(reading, query, "providers"));
  return std::optional(std::move(members));
}

}  // namespace

std::vector<Answer> insight_answers() {
  return {{"getSummary", fixed({kCustomers, kClaims, kPolicies, kPets, kProviders}), get_summary},
          {"listMonthlyKpis", fixed({kMonths}), list_months},
          {"listClaimCategories", fixed({kClaims}), list_categories},
          {"listSegments", fixed({kCustomers}), list_segments},
          {"listProviders", fixed({kProviderFigures}), list_providers}};
}

}  // namespace claimlake::serve
