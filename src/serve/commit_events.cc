#include "serve/commit_events.h"

#include <fmt/format.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/log.h"

namespace claimlake::serve {
namespace {

using Json = nlohmann::json;

// More rows than these in one look are told by their number alone.
constexpr std::int64_t kRowsMax = 100;

// A change of one table, from one version to another.
struct Change {
  std::string table;
  delta::LogVersion from;
  std::string since;     // rows that came with the change were written after it
  std::string now;       // RFC 3339, in JSON
  bool rebuilt = false;  // all of its rows were written anew

  // The rows of the table before the change.
  std::string before() const { return fmt::format("{} AT (VERSION => {})", table, from); }
};

// Which rows of a table are told one by one: each row of `sql` is an event, named by the column
// _event and meant for the customer in _customer; the other columns are its data.
struct RowEvents {
  std::string table;
  std::function<std::string(const Change&)> sql;
};

std::string new_rows(const Change& change, std::string_view columns, std::string_view written) {
  std::string rows = fmt::format("SELECT {} FROM {} WHERE {} > TIMESTAMP '{}'", columns,
                                 change.table, written, change.since);
  if (change.rebuilt) {
    rows += fmt::format(
        " AND _ingestion_timestamp > (SELECT coalesce(max(_ingestion_timestamp), TIMESTAMP "
        "'1970-01-01') FROM {})",
        change.before());
  }
  return fmt::format("{} LIMIT {}", rows, kRowsMax + 1);
}

// New rows of a Silver table beside what stood there for the same key.
std::string beside_old(const Change& change, std::string_view columns, std::string_view key,
                       std::string_view select) {
  return fmt::format(
      "WITH came AS MATERIALIZED ({}), old AS (SELECT {} AS old_key, status_of AS old_status FROM "
      "(SELECT *, {} AS status_of FROM {}) WHERE {} IN (SELECT {} FROM came)) "
      "SELECT {} FROM came LEFT JOIN old ON old_key = came.{}",
      new_rows(change, columns, "_silver_processed_at"), key,
      columns.find("status") == std::string_view::npos ? "CAST(NULL AS VARCHAR)" : "status",
      change.before(), key, key, select, key);
}

std::string claims_sql(const Change& change) {
  return beside_old(
      change,
      "claim_id, claim_number, customer_id, claim_type, claim_amount, status, covered_amount, "
      "paid_amount",
      "claim_id",
      "CASE WHEN old_key IS NULL THEN 'claim_submitted' WHEN old_status IS DISTINCT FROM status "
      "THEN 'claim_status_update' ELSE '' END AS _event, customer_id AS _customer, claim_id, "
      "claim_number, customer_id, claim_type, claim_amount, status, covered_amount, paid_amount, "
      "CONCAT('Claim ', claim_number, ' is now ', status) AS message");
}

std::string policies_sql(const Change& change) {
  return beside_old(
      change, "policy_id, policy_number, customer_id, plan_name, monthly_premium, status",
      "policy_id",
      "CASE WHEN old_key IS NULL THEN 'policy_created' WHEN old_status IS DISTINCT FROM status "
      "THEN 'policy_update' ELSE '' END AS _event, customer_id AS _customer, CASE WHEN old_key IS "
      "NULL THEN 'new_policy' ELSE 'status' END AS type, policy_id, policy_number, customer_id, "
      "plan_name, monthly_premium, status");
}

const std::vector<RowEvents>& row_events() {
  static const std::vector<RowEvents> all = {
      {"bronze.claims_raw",
       [](const Change& change) {
         return new_rows(change,
                         "'claim_to_bronze' AS _event, '' AS _customer, claim_id, claim_number, "
                         "claim_amount AS amount, claim_category AS category, 'bronze' AS layer",
                         "_ingestion_timestamp");
       }},
      {"silver.dim_customers",
       [](const Change& change) {
         return beside_old(change, "customer_id, full_name AS name", "customer_id",
                           "CASE WHEN old_key IS NULL THEN 'customer_created' ELSE '' END AS "
                           "_event, customer_id AS _customer, customer_id, name");
       }},
      {"silver.dim_pets",
       [](const Change& change) {
         return beside_old(change, "pet_id, customer_id, pet_name, species", "pet_id",
                           "CASE WHEN old_key IS NULL THEN 'pet_added' ELSE '' END AS _event, "
                           "customer_id AS _customer, pet_id, customer_id, pet_name, species");
       }},
      {"silver.dim_policies", policies_sql},
      {"silver.fact_claims", claims_sql},
  };
  return all;
}

// The claims that a layer has taken in: one event for all of them, with the first ones by name.
struct LayerEvent {
  std::string table;
  std::string name;
  std::string layer;
  std::string columns;
  std::string written;
};
const std::vector<LayerEvent>& layer_events() {
  static const std::vector<LayerEvent> all = {
      {"silver.fact_claims", "silver_processed", "silver",
       "claim_id, _quality_score AS quality_score", "_silver_processed_at"},
      {"gold.claims_analytics", "gold_processed", "gold",
       "claim_id, claim_number, claim_amount AS amount, customer_id AS customer",
       "_gold_processed_at"},
  };
  return all;
}

// The events of rows; absent where they are too many.
Result<std::optional<std::vector<CommitEvent>>> read_rows(engine::Session& session,
                                                          const std::string& sql,
                                                          const Change& change) {
  std::vector<CommitEvent> events;
  TRY(const auto rows, session.query(sql));
  const ObjectWriter objects(rows->columns());
  for (;;) {
    TRY(const bool more, rows->next());
    if (!more) break;
    for (std::size_t row = 0; row < rows->row_count(); ++row) {
      CommitEvent event{rows->text(0, row), "", {}};
      if (!rows->is_null(1, row)) event.audience.customer_id = rows->text(1, row);
      objects.append(*rows, row, event.data);
      event.data.pop_back();
      event.data += fmt::format(R"(,"timestamp":{}}})", change.now);
      events.push_back(std::move(event));
    }
  }
  const bool too_many = static_cast<std::int64_t>(events.size()) > kRowsMax;
  if (too_many) return std::optional<std::vector<CommitEvent>>();
  std::erase_if(events, [](const CommitEvent& event) { return event.name.empty(); });
  return std::optional(std::move(events));
}

Result<CommitEvent> read_layer(engine::Session& session, const LayerEvent& of,
                               const Change& change) {
  TRY(const auto counts,
      session.query(fmt::format("SELECT count(*) FROM {} WHERE {} > TIMESTAMP '{}'", of.table,
                                of.written, change.since)));
  TRY(const auto count, engine::read_all(*counts));
  TRY(const std::string claims,
      rows_json(session, fmt::format("SELECT {} FROM {} WHERE {} > TIMESTAMP '{}' LIMIT {}",
                                     of.columns, of.table, of.written, change.since, kRowsMax)));
  return CommitEvent{of.name,
                     fmt::format(R"({{"count":{},"layer":"{}","claims":{},"timestamp":{}}})",
                                 count.rows[0][0].value_or("0"), of.layer, claims, change.now),
                     {}};
}

// The events of one changed table.
Result<std::vector<CommitEvent>> read_table(engine::Session& session, const Change& change) {
  std::vector<CommitEvent> events;
  for (const LayerEvent& of : layer_events()) {
    if (of.table != change.table) continue;
    TRY(CommitEvent event, read_layer(session, of, change));
    events.push_back(std::move(event));
  }
  for (const RowEvents& of : row_events()) {
    if (of.table != change.table) continue;
    TRY(auto rows, read_rows(session, of.sql(change), change));
    // A table that was computed as a whole has few rows that came since, or many.
    Change rebuilt = change;
    rebuilt.rebuilt = true;
    if (!rows) {
      TRY(rows, read_rows(session, of.sql(rebuilt), rebuilt));
    }
    if (!rows) continue;
    events.insert(events.end(), std::make_move_iterator(rows->begin()),
                  std::make_move_iterator(rows->end()));
  }
  return events;
}

// As SQL has it.
std::string sql_time(Timestamp time) {
  std::string text = to_text(time);
  return text.substr(0, text.find(" UTC"));
}

}  // namespace

TableVersions versions_now(const ServeContext& context) {
  TableVersions versions;
  for (const pack::Model& model : context.pack.models) {
    if (!model.is_table()) continue;
    const auto snapshot = context.lake.snapshot_if_any({model.schema, model.table});
    if (snapshot && *snapshot != nullptr) {
      versions[model.name] = {(*snapshot)->version(), (*snapshot)->timestamp()};
    }
  }
  return versions;
}

std::vector<CommitEvent> commit_events(const ServeContext& context, SessionPool& sessions,
                                       const TableVersions& from, const TableVersions& to) {
  const std::string now = Json(to_rfc3339(context.clock.now())).dump();
  std::vector<CommitEvent> events;
  Json tables = Json::array();
  // In the order of the pack: Bronze before Silver before Gold.
  for (const pack::Model& model : context.pack.models) {
    const auto newer = to.find(model.name);
    if (newer == to.end()) continue;
    const auto older = from.find(model.name);
    if (older != from.end() && older->second.version == newer->second.version) continue;
    tables.push_back({{"table", model.name},
                      {"layer", model.schema},
                      {"from_version", older == from.end() ? Json() : Json(older->second.version)},
                      {"version", newer->second.version}});
    if (older == from.end() || older->second.version > newer->second.version) continue;
    const auto read = sessions.with<std::vector<CommitEvent>>(
        [&](PooledSession& pooled) -> Result<std::vector<CommitEvent>> {
          const TableVersion& seen = older->second;
          return read_table(*pooled.session,
                            {model.name, seen.version, sql_time(seen.committed_at), now});
        });
    if (!read) {
      log(LogLevel::kWarning, "events_not_read",
          {{"table", model.name}, {"message", read.error().message}});
      continue;
    }
    events.insert(events.end(), read->begin(), read->end());
  }
  if (tables.empty()) return {};
  events.push_back(
      {"refresh", fmt::format(R"({{"tables":{},"timestamp":{}}})", tables.dump(), now), {}});
  return events;
}

}  // namespace claimlake::serve
