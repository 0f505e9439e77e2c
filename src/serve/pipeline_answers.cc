// What the layers hold, what waits, and what ran last.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "serve/answer.h"
#include "serve/ops_tables.h"
#include "serve/session_pool.h"

namespace claimlake::serve {
namespace {

constexpr const char* kRawClaims = "bronze.claims_raw";
constexpr const char* kFacts = "silver.fact_claims";
constexpr const char* kClaims = "gold.claims_analytics";
constexpr const char* kCustomers = "silver.dim_customers";
constexpr const char* kPets = "silver.dim_pets";
constexpr const char* kPolicies = "silver.dim_policies";
constexpr const char* kProviders = "silver.dim_vet_providers";

struct Layer {
  const char* name;
  const char* action;
  const char* description;
};
constexpr std::array<Layer, 3> kLayers{
    {{"bronze", "BRONZE_INGEST", "What arrived, as it arrived"},
     {"silver", "SILVER_PROCESS", "Typed, deduplicated and checked"},
     {"gold", "GOLD_PROCESS", "Business tables"}}};

std::vector<std::string> pipeline_tables(const ServeContext& context, Pinner&, const Parameters&) {
  std::vector<std::string> tables{kRuns,   kResults,   kQuarantine, kRawClaims, kFacts,
                                  kClaims, kCustomers, kPets,       kPolicies,  kProviders};
  for (const pack::Model& model : context.pack.models) {
    if (model.is_table()) tables.push_back(model.name);
  }
  return tables;
}

// Whether an input has a newer version than the one that the model's table was computed from.
bool is_stale(const Reading& reading, const pack::Model& model) {
  const delta::SnapshotPtr& snapshot = reading.pins.snapshot(model.name);
  return std::any_of(model.inputs.begin(), model.inputs.end(), [&](const std::string& input) {
    const auto pinned = reading.pins.tables().find(input);
    if (pinned == reading.pins.tables().end() || pinned->second == nullptr) return false;
    return !snapshot ||
           snapshot->txn("claimlake.input." + input).value_or(-1) != pinned->second->version();
  });
}

// Schema LayerStatus. `failed` says whether the last run of one of its tables failed.
std::string layer_json(const Reading& reading, const Layer& layer, bool failed) {
  std::int64_t rows = 0;
  std::optional<Timestamp> last;
  bool stale = false;
  for (const pack::Model& model : reading.context.pack.models) {
    if (model.schema != layer.name || !model.is_table()) continue;
    const delta::SnapshotPtr& snapshot = reading.pins.snapshot(model.name);
    if (model.schema != "bronze" && is_stale(reading, model)) stale = true;
    if (snapshot == nullptr) continue;
    rows += snapshot->row_count().value_or(0);
    if (!last || *last < snapshot->timestamp()) last = snapshot->timestamp();
  }
  const char* status = "ready";
  if (stale) status = "stale";
  if (rows == 0) status = "empty";
  if (failed) status = "failed";
  return fmt::format(R"({{"status":"{}","record_count":{},"description":{},"last_update":{}}})",
                     status, rows, json_string(layer.description),
                     last ? '"' + to_rfc3339(*last) + '"' : "null");
}

// The runs of the layers' tables, with the layer's action.
std::string runs_with_action(const Reading& reading) {
  return fmt::format(
      "(SELECT *, CASE split_part(table_name, '.', 1) WHEN 'bronze' THEN 'BRONZE_INGEST' WHEN "
      "'silver' THEN 'SILVER_PROCESS' WHEN 'gold' THEN 'GOLD_PROCESS' END AS action FROM ({}))",
      runs_relation(reading.from(kRuns)));
}

Result<std::string> log_json(const Reading& reading) {
  return rows_json(
      reading.session,
      fmt::format(
          "SELECT COALESCE(finished_at, started_at) AS timestamp, action, NULL AS claim_id, "
          "table_name AS \"table\", table_version AS version, run_id, "
          "COALESCE(message, status || ', ' || COALESCE(rows_written, 0) || ' rows') AS "
          "message FROM {} WHERE action IS NOT NULL ORDER BY timestamp DESC, table_name "
          "LIMIT 10",
          runs_with_action(reading)));
}

// The last finish of each action, and the layers whose last run failed.
struct LastRuns {
  std::string json;  // member last_processes
  std::vector<std::string> failed_layers;
};

Result<LastRuns> last_runs(const Reading& reading) {
  TRY(const std::string json,
      row_json(reading.session,
               fmt::format("SELECT max(finished_at) FILTER (action = 'BRONZE_INGEST') AS "
                           "BRONZE_INGEST, max(finished_at) FILTER (action = 'SILVER_PROCESS') AS "
                           "SILVER_PROCESS, max(finished_at) FILTER (action = 'GOLD_PROCESS') AS "
                           "GOLD_PROCESS FROM {}",
                           runs_with_action(reading))));
  TRY(const auto rows,
      reading.session.query(fmt::format(
          "SELECT DISTINCT split_part(table_name, '.', 1) FROM (SELECT table_name, "
          "arg_max(status, started_at) AS status FROM {} GROUP BY table_name) WHERE status = "
          "'failed'",
          runs_with_action(reading))));
  TRY(const engine::TextTable failed, engine::read_all(*rows));
  LastRuns last{json, {}};
  for (const auto& row : failed.rows) last.failed_layers.push_back(row[0].value_or(""));
  return last;
}

Result<std::string> quality_json(const Reading& reading) {
  std::string scores;
  std::optional<Timestamp> fresh;
  for (const pack::Model& model : reading.context.pack.models) {
    if (!model.is_table()) continue;
    const delta::SnapshotPtr& snapshot = reading.pins.snapshot(model.name);
    if (snapshot == nullptr) continue;
    if (model.schema == "gold" && (!fresh || *fresh < snapshot->timestamp())) {
      fresh = snapshot->timestamp();
    }
    if (model.schema == "silver" && snapshot->schema().find("_quality_score") != nullptr) {
      scores += fmt::format("{}SELECT avg(_quality_score) AS score FROM {}",
                            scores.empty() ? "" : " UNION ALL ", reading.from(model.name));
    }
  }
  if (scores.empty()) scores = "SELECT CAST(NULL AS DOUBLE) AS score";
  const std::string results = reading.from(kResults);
  TRY(const std::string row,
      row_json(reading.session,
               fmt::format("SELECT (SELECT round(100.0 * sum(checked - failed) / "
                           "nullif(sum(checked), 0), 2) FROM {0} AS found WHERE kind IN "
                           "('not_null', 'completeness') AND run_id = (SELECT arg_max(run_id, "
                           "evaluated_at) FROM {0} AS newest WHERE newest.table_name = "
                           "found.table_name)) AS completeness, (SELECT round(avg(score), 2) FROM "
                           "({1})) AS accuracy",
                           results, scores)));
  return row.substr(0, row.size() - 1) +
         fmt::format(",\"freshness\":{}}}", fresh ? '"' + to_rfc3339(*fresh) + '"' : "null");
}

Result<std::string> pending_json(const Reading& reading) {
  return row_json(
      reading.session,
      fmt::format(
          "SELECT (SELECT count(DISTINCT claim_id) FROM {0} WHERE claim_id NOT IN (SELECT "
          "claim_id FROM {1})) AS bronze, (SELECT count(*) FROM {1} WHERE claim_id NOT IN "
          "(SELECT claim_id FROM {2})) AS silver, (SELECT count(*) FROM {2} WHERE status IN "
          "('Submitted', 'Under Review')) AS gold",
          reading.from(kRawClaims), reading.from(kFacts), reading.from(kClaims)));
}

std::int64_t rows_of(const Reading& reading, const char* table) {
  const delta::SnapshotPtr& snapshot = reading.pins.snapshot(table);
  return snapshot == nullptr ? 0 : snapshot->row_count().value_or(0);
}

Result<std::optional<std::string>> get_status(const Reading& reading) {
  TRY(const LastRuns last, last_runs(reading));
  TRY(const std::string log, log_json(reading));
  TRY(const std::string quality, quality_json(reading));
  TRY(const std::string pending, pending_json(reading));
  std::string layers;
  for (const Layer& layer : kLayers) {
    const bool failed = std::find(last.failed_layers.begin(), last.failed_layers.end(),
                                  layer.name) != last.failed_layers.end();
    layers += fmt::format("{}\"{}\":{}", layers.empty() ? "" : ",", layer.name,
                          layer_json(reading, layer, failed));
  }
  return std::optional(fmt::format(
      R"("data_source":"{}","layers":{{{}}},"metrics":{{"total_customers":{},"total_pets":{},)"
      R"("total_policies":{},"total_claims":{},"total_providers":{}}},"data_quality":{},)"
      R"("pending_claims":{},"processing_log":{},"last_processes":{},"execution_info":{{"mode":)"
      R"("embedded","engine":"duckdb {}","description":"SQL models run inside this program"}})",
      reading.context.is_demo ? "demo" : "lake", layers, rows_of(reading, kCustomers),
      rows_of(reading, kPets), rows_of(reading, kPolicies), rows_of(reading, kFacts),
      rows_of(reading, kProviders), quality, pending, log, last.json, engine::engine_version()));
}

}  // namespace

std::vector<Answer> pipeline_answers() {
  return {{"getPipelineStatus", pipeline_tables, get_status}};
}

}  // namespace claimlake::serve
