// Customers, one by one and in lists: what stands under /api/insights about a person.
#include <fmt/format.h>

#include "serve/answer.h"
#include "serve/gold_columns.h"
#include "serve/session_pool.h"

namespace claimlake::serve {
namespace {

constexpr const char* kCustomers = "gold.customer_360_view";
constexpr const char* kClaims = "gold.claims_analytics";
constexpr const char* kRisks = "gold.risk_scoring";
constexpr const char* kOffers = "gold.cross_sell_recommendations";
constexpr const char* kNames = "silver.dim_customers";
constexpr const char* kPets = "silver.dim_pets";
constexpr const char* kPolicies = "silver.dim_policies";

constexpr const char* kText = "VARCHAR";

std::string trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return std::string(text);
}

// A sort parameter such as "-total_claims" as an order, with `key` to make it total.
std::vector<OrderTerm> order_of(const std::string& sort, const std::string& type,
                                const std::string& key) {
  const bool descending = sort.starts_with('-');
  return {{"t." + sort.substr(descending ? 1 : 0), type, descending}, {"t." + key, kText, false}};
}

std::string customer_sort_type(std::string_view sort) {
  if (sort.ends_with("full_name")) return kText;
  if (sort.ends_with("total_claims")) return "BIGINT";
  if (sort.ends_with("customer_since")) return "DATE";
  return sort.ends_with("loss_ratio") ? "DOUBLE" : "DECIMAL(18,2)";
}

Result<std::optional<std::string>> list_customers(const Reading& reading) {
  PageQuery query;
  query.source = reading.from(kCustomers);
  const std::string search = trimmed(reading.parameters.text("search"));
  if (!search.empty()) {
    query.where(
        "starts_with(lower(t.full_name), lower({0})) OR contains(lower(t.full_name), ' ' || "
        "lower({0})) OR starts_with(lower(t.email), lower({0})) OR "
        "starts_with(lower(t.customer_id), lower({0}))",
        search);
  }
  for (const auto& [parameter, column] : {std::pair{"tier", "customer_value_tier"},
                                          {"risk", "customer_risk_score"},
                                          {"churn", "churn_risk"}}) {
    if (reading.parameters.has(parameter)) {
      query.where(fmt::format("t.{} = {{}}", column), reading.parameters.text(parameter));
    }
  }
  const std::string sort = reading.parameters.text("sort");
  query.order = order_of(sort, customer_sort_type(sort), "customer_id");
  query.columns = customer_columns();
  query.joins = fmt::format("LEFT JOIN {} AS names ON names.customer_id = t.customer_id",
                            reading.from(kNames));
  TRY(std::string members, page_members(reading, query, "customers"));
  return std::optional(members + R"(,"description":"Customers from gold.customer_360_view")");
}

// The rows of one customer in `table`.
std::string of_customer(const Reading& reading, const char* table) {
  return fmt::format("(SELECT * FROM {} WHERE customer_id = $1) AS t", reading.from(table));
}

Result<std::optional<std::string>> get_customer(const Reading& reading) {
  const std::vector<std::string> id{reading.parameters.text("customer_id")};
  engine::Session& session = reading.session;
  const auto one = [&](const std::string& columns, const char* table) {
    return row_json(session, fmt::format("SELECT {} FROM {}", columns, of_customer(reading, table)),
                    id);
  };
  TRY(const std::string customer,
      row_json(session,
               fmt::format("SELECT {} FROM {} LEFT JOIN {} AS names ON names.customer_id = "
                           "t.customer_id AND names.customer_id = $1",
                           customer_360_columns(), of_customer(reading, kCustomers),
                           reading.from(kNames)),
               id));
  if (customer.empty()) return std::optional<std::string>();
  TRY(const std::string pets, rows_json(session,
                                        fmt::format("SELECT {} FROM {} ORDER BY t.pet_id",
                                                    pet_columns(), of_customer(reading, kPets)),
                                        id));
  TRY(const std::string policies,
      rows_json(session,
                fmt::format("SELECT {} FROM {} ORDER BY t.effective_date DESC NULLS LAST, "
                            "t.policy_id",
                            policy_columns(), of_customer(reading, kPolicies)),
                id));
  TRY(const std::string claims,
      rows_json(session,
                fmt::format("SELECT {} FROM {} LEFT JOIN {} AS pets ON pets.pet_id = t.pet_id "
                            "AND pets.customer_id = $1, (SELECT full_name FROM {} WHERE "
                            "customer_id = $1) AS customers ORDER BY t.submitted_date DESC NULLS "
                            "LAST, t.claim_id LIMIT 20",
                            claim_columns(), of_customer(reading, kClaims), reading.from(kPets),
                            reading.from(kCustomers)),
                id));
  TRY(const std::string risk, one(risk_columns(), kRisks));
  TRY(const std::string offer, one(cross_sell_columns(), kOffers));
  return std::optional(
      fmt::format(R"("customer":{},"pets":{},"policies":{},"claims":{},"risk":{},"cross_sell":{},)"
                  R"("description":"Customer 360 from gold.customer_360_view")",
                  customer, pets, policies, claims, risk.empty() ? "null" : risk,
                  offer.empty() ? "null" : offer));
}

Result<std::optional<std::string>> list_risks(const Reading& reading) {
  PageQuery query;
  query.source = reading.from(kRisks);
  if (reading.parameters.has("category")) {
    query.where("t.risk_category = {}", reading.parameters.text("category"));
  }
  query.order = {{"t.total_risk_score", "INTEGER", true}, {"t.customer_id", kText, false}};
  query.columns = risk_columns();
  TRY(std::string members, page_members(reading, query, "risk_scores"));
  TRY(const auto rows,
      reading.session.query(
          fmt::format("SELECT risk_category, count(*) FROM {} GROUP BY risk_category ORDER BY min("
                      "total_risk_score) DESC",
                      query.source)));
  TRY(const engine::TextTable counts, engine::read_all(*rows));
  members += ",\"distribution\":{";
  for (std::size_t i = 0; i < counts.rows.size(); ++i) {
    members += fmt::format("{}{}:{}", i == 0 ? "" : ",",
                           json_string(counts.rows[i][0].value_or("")), *counts.rows[i][1]);
  }
  return std::optional(members + '}');
}

Result<std::optional<std::string>> list_offers(const Reading& reading) {
  PageQuery query;
  query.source = reading.from(kOffers);
  std::string where;
  std::vector<std::string> parameters;
  if (reading.parameters.has("tier")) {
    query.where("t.customer_value_tier = {}", reading.parameters.text("tier"));
    where = " WHERE customer_value_tier = $1";
    parameters = query.parameters;
  }
  query.order = {{"t.priority_score", "DOUBLE", true}, {"t.customer_id", kText, false}};
  query.columns = cross_sell_columns();
  TRY(const std::string members, page_members(reading, query, "recommendations"));
  TRY(const std::string total,
      row_json(reading.session,
               fmt::format("SELECT CAST(COALESCE(sum(estimated_revenue_opportunity), 0) AS "
                           "DECIMAL(18,2)) AS total_opportunity FROM {}{}",
                           query.source, where),
               parameters));
  return std::optional(members + ',' + total.substr(1, total.size() - 2));
}

std::string claim_sort_type(std::string_view sort) {
  if (sort.ends_with("_date")) return "DATE";
  return sort.ends_with("processing_days") ? "BIGINT" : "DECIMAL(18,2)";
}

Result<std::optional<std::string>> list_claims(const Reading& reading) {
  PageQuery query;
  query.source = reading.from(kClaims);
  std::string filters;
  for (const auto& [parameter, column] : {std::pair{"status", "status"},
                                          {"category", "claim_category"},
                                          {"customer_id", "customer_id"}}) {
    const std::string value = reading.parameters.text(parameter);
    if (!value.empty()) query.where(fmt::format("t.{} = {{}}", column), value);
    filters += fmt::format("{}\"{}\":{}", filters.empty() ? "" : ",", parameter,
                           value.empty() ? "null" : json_string(value));
  }
  const std::string sort = reading.parameters.text("sort");
  query.order = order_of(sort, claim_sort_type(sort), "claim_id");
  query.columns = claim_columns();
  query.joins = fmt::format(
      "LEFT JOIN {} AS customers ON customers.customer_id = t.customer_id LEFT JOIN {} AS pets ON "
      "pets.pet_id = t.pet_id",
      reading.from(kCustomers), reading.from(kPets));
  TRY(const std::string members, page_members(reading, query, "claims"));
  return std::optional(members + fmt::format(R"(,"filters":{{{}}},"description":"Claims from )"
                                             R"(gold.claims_analytics")",
                                             filters));
}

}  // namespace

std::vector<Answer> customer_answers() {
  return {{"listCustomers", fixed({kCustomers, kNames}), list_customers},
          {"getCustomer", fixed({kCustomers, kNames, kPets, kPolicies, kClaims, kRisks, kOffers}),
           get_customer},
          {"listClaims", fixed({kClaims, kCustomers, kPets}), list_claims},
          {"listRisks", fixed({kRisks}), list_risks},
          {"listCrossSell", fixed({kOffers}), list_offers}};
}

}  // namespace claimlake::serve
