// Customers, one by one and in lists: what stands under /api/insights about a person.
#include <fmt/format.h>

#include <functional>
#include <map>

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
  query.source = reading.from.in_place(kCustomers);
  query.keys = reading.from.columns(
      kCustomers,
      "customer_id, full_name, email, customer_value_tier, customer_risk_score, churn_risk, "
      "total_annual_premium, total_claims, total_paid_amount, loss_ratio, customer_since");
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
                            reading.from.in_place(kNames));
  TRY(std::string members, page_members(reading, query, "customers"));
  return std::optional(members + R"(,"description":"Customers from gold.customer_360_view")");
}

// A part of a customer's detail: rows of one customer, or, to make texts of, of all.
struct Part {
  const char* kind;     // of its texts
  std::string columns;  // over `from`
  const char* from;     // the tables by name; each stands for its rows of the one customer, or all
  const char* order;
  std::size_t rows_max;  // of each customer
};

constexpr std::size_t kAll = 1'000'000;
constexpr std::size_t kClaimsShown = 20;  // the newest

std::vector<Part> parts_of_customer() {
  return {{"customer", customer_360_columns(),
           "{customers} AS t LEFT JOIN {names} AS names ON names.customer_id = t.customer_id",
           "t.customer_id", 1},
          {"pets", pet_columns(), "{pets} AS t", "t.pet_id", kAll},
          {"policies", policy_columns(), "{policies} AS t",
           "t.effective_date DESC NULLS LAST, t.policy_id", kAll},
          {"claims", claim_columns(),
           "{claims} AS t JOIN {customers} AS customers ON customers.customer_id = t.customer_id "
           "LEFT JOIN {pets} AS pets ON pets.pet_id = t.pet_id AND pets.customer_id = "
           "t.customer_id",
           "t.submitted_date DESC NULLS LAST, t.claim_id", kClaimsShown},
          {"risk", risk_columns(), "{risks} AS t", "t.customer_id", 1},
          {"cross_sell", cross_sell_columns(), "{offers} AS t", "t.customer_id", 1}};
}

// The SELECT of `part` by the customer's id. `rows` is what stands for a table.
std::string part_sql(const Part& part, const std::function<std::string(const char*)>& rows) {
  const std::string from =
      fmt::format(fmt::runtime(part.from), fmt::arg("customers", rows(kCustomers)),
                  fmt::arg("names", rows(kNames)), fmt::arg("pets", rows(kPets)),
                  fmt::arg("policies", rows(kPolicies)), fmt::arg("claims", rows(kClaims)),
                  fmt::arg("risks", rows(kRisks)), fmt::arg("offers", rows(kOffers)));
  return fmt::format("SELECT t.customer_id AS _key, {} FROM {} ORDER BY {}", part.columns, from,
                     part.order);
}

// The rows of `part` of the customer as JSON objects with commas between them.
Result<std::string> part_rows(const Reading& reading, const Part& part, const std::string& id) {
  const auto whole = [&](const char* table) { return reading.from.in_place(table); };
  const auto texts = row_texts(reading, std::string("customer.") + part.kind, part_sql(part, whole),
                               part.rows_max);
  if (texts != nullptr) {
    const auto found = texts->find(id);
    return found == texts->end() ? "" : found->second;
  }
  const auto of_customer = [&](const char* table) {
    return fmt::format("(SELECT * FROM {} WHERE customer_id = $1)", reading.from.in_place(table));
  };
  const std::string sql = fmt::format("{} LIMIT {}", part_sql(part, of_customer), part.rows_max);
  std::string rows;
  TRY_DONE(append_rows(reading.session, sql, {id}, rows));
  return rows;
}

Result<std::optional<std::string>> get_customer(const Reading& reading) {
  std::map<std::string, std::string> rows;
  for (const Part& part : parts_of_customer()) {
    TRY(rows[part.kind], part_rows(reading, part, reading.parameters.text("customer_id")));
    if (rows["customer"].empty()) return std::optional<std::string>();
  }
  const auto one = [&](const char* kind) { return rows[kind].empty() ? "null" : rows[kind]; };
  return std::optional(
      fmt::format(R"("customer":{},"pets":[{}],"policies":[{}],"claims":[{}],"risk":{},)"
                  R"("cross_sell":{},"description":"Customer 360 from gold.customer_360_view")",
                  rows["customer"], rows["pets"], rows["policies"], rows["claims"], one("risk"),
                  one("cross_sell")));
}

Result<std::optional<std::string>> list_risks(const Reading& reading) {
  PageQuery query;
  query.source = reading.from.in_place(kRisks);
  query.keys = reading.from.columns(kRisks, "customer_id, total_risk_score, risk_category");
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
                      query.keys)));
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
  query.source = reading.from.in_place(kOffers);
  query.keys = reading.from.columns(
      kOffers, "customer_id, priority_score, customer_value_tier, estimated_revenue_opportunity");
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
                           query.keys, where),
               parameters));
  return std::optional(members + ',' + total.substr(1, total.size() - 2));
}

std::string claim_sort_type(std::string_view sort) {
  if (sort.ends_with("_date")) return "DATE";
  return sort.ends_with("processing_days") ? "BIGINT" : "DECIMAL(18,2)";
}

Result<std::optional<std::string>> list_claims(const Reading& reading) {
  PageQuery query;
  query.source = reading.from.in_place(kClaims);
  query.keys = reading.from.columns(
      kClaims,
      "claim_id, customer_id, status, claim_category, submitted_date, service_date, claim_amount, "
      "paid_amount, processing_days");
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
      reading.from.in_place(kCustomers), reading.from.in_place(kPets));
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
