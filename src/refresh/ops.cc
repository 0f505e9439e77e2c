#include "refresh/ops.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "lake/commit_anew.h"
#include "quality/checked.h"
#include "quality/ops_tables.h"
#include "quality/quarantine.h"
#include "quality/waivers.h"
#include "refresh/definitions.h"
#include "refresh/fingerprint.h"
#include "refresh/stale.h"

namespace claimlake::refresh {
namespace {

lake::TableName name_of(std::string_view text) {
  auto name = lake::TableName::parse(text);
  CHECK(name.has_value(), "ops tables have proper names");
  return *std::move(name);
}

delta::Schema runs_schema() {
  const auto field = [](const char* name, const char* type) {
    return delta::Field{name, delta::PrimitiveType{type}};
  };
  return {{field("run_id", "string"), field("kind", "string"), field("table_name", "string"),
           field("outcome", "string"), field("table_version", "long"), field("rows", "long"),
           field("refused_rows", "long"), field("seconds", "double"), field("message", "string"),
           field("started_at", "timestamp"), field("finished_at", "timestamp")}};
}

std::string runs_select(const RunReport& report, const char* kind, Timestamp finished) {
  std::string values;
  for (const TableReport& table : report.tables) {
    values +=
        fmt::format("{}({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})", values.empty() ? "" : ", ",
                    sql_string(report.run), sql_string(kind), sql_string(table.table),
                    sql_string(outcome_name(table.outcome)),
                    table.version ? std::to_string(*table.version) : "NULL", table.rows,
                    table.refused_rows, table.seconds, sql_string(remark(table)),
                    quality::sql_timestamp(report.started_at), quality::sql_timestamp(finished));
  }
  return "SELECT run_id, kind, table_name, outcome, CAST(table_version AS BIGINT) AS "
         "table_version, "
         "CAST(rows AS BIGINT) AS rows, CAST(refused_rows AS BIGINT) AS refused_rows, "
         "CAST(seconds AS DOUBLE) AS seconds, message, started_at, finished_at FROM (VALUES " +
         values +
         ") AS runs(run_id, kind, table_name, outcome, table_version, rows, refused_rows, seconds, "
         "message, started_at, finished_at)";
}

}  // namespace

Done Ops::prepare() {
  struct OpsTable {
    std::string_view name;
    delta::Schema schema;
    std::vector<std::string> partition;
  };
  const OpsTable tables[] = {
      {kRunsTable, runs_schema(), {}},
      {kModelsTable, models_schema(), {}},
      {quality::kResultsTable, quality::results_schema(), {}},
      {quality::kQuarantineTable, quality::quarantine_schema(), quality::quarantine_partition()}};
  lake_.define_built(name_of(quality::kWaiversTable), "claimlake quality waive");
  lake_.define_built(name_of(kStaleTable), "the program itself");
  for (const OpsTable& table : tables) {
    lake_.define_built(name_of(table.name), "the program itself");
    const auto present = lake_.snapshot_if_any(name_of(table.name));
    if (!present || *present != nullptr) continue;  // one that cannot be read is not made anew
    auto created = lake_.create(name_of(table.name), table.schema, table.partition, {}, "");
    // Another process may create it at the same moment.
    if (!created && created.error().fault != Fault::kConflict) return std::move(created).error();
  }
  return done();
}

Done Ops::append(engine::Session& session, const char* table, const std::string& select,
                 const std::string& run, const std::string& app_id) {
  const lake::TableName name = name_of(table);
  return lake::commit_anew(
      lake_, name,
      [&](const delta::SnapshotPtr& base) -> Result<std::optional<lake::WriteRequest>> {
        lake::WriteRequest request;
        TRY(request.staged, lake_.stage(session, name, select, base->metadata().partition_columns));
        if (request.staged.files.empty()) return std::optional<lake::WriteRequest>();
        if (!app_id.empty()) {
          request.positions.push_back({app_id, base->txn(app_id).value_or(0) + 1, std::nullopt});
        }
        request.run = run;
        return std::optional(std::move(request));
      });
}

Done Ops::record(engine::Session& session, const RunReport& report, const char* kind) {
  if (report.tables.empty()) return done();
  const Timestamp now = clock_.now();
  TRY_DONE(append(session, kRunsTable, runs_select(report, kind, now), report.run));
  std::string results;
  for (const TableReport& table : report.tables) {
    if (table.results.empty()) continue;
    quality::ResultsContext context{report.run, std::nullopt, now};
    if (table.outcome == TableOutcome::kBuilt) context.table_version = table.version;
    results +=
        (results.empty() ? "" : " UNION ALL ") + quality::results_select(table.results, context);
  }
  if (results.empty()) return done();
  return append(session, std::string(quality::kResultsTable).c_str(), results, report.run);
}

Done Ops::keep_rejects(engine::Session& session, const pack::Model& model,
                       const std::string& staged, const Rejects& kept) {
  const lake::TableName name = name_of(quality::kQuarantineTable);
  const quality::RejectContext context{kept.run, clock_.now(), kept.waivers};
  const std::string rejects =
      kept.any ? quality::rejects_select(model, staged, context) : std::string();
  const delta::PartitionValues partition = {{"table_name", model.name}};
  return lake::commit_anew(
      lake_, name,
      [&](const delta::SnapshotPtr& base) -> Result<std::optional<lake::WriteRequest>> {
        const auto& files = base->files();
        const bool known = std::any_of(files.begin(), files.end(), [&](const auto& file) {
          return file.partition_values == partition;
        });
        const std::string position = quarantine_app_id(model.name);
        if (!kept.any && !known && !base->txn(position)) {
          return std::optional<lake::WriteRequest>();
        }
        lake::WriteRequest request;
        const std::string merged = quality::quarantine_merge_select(
            model.name, rejects, quality::kQuarantineTable, context);
        TRY(request.staged, lake_.stage(session, name, merged, quality::quarantine_partition()));
        request.mode = lake::WriteMode::kReplacePartitions;
        request.replace = {partition};
        request.positions.push_back({position, kept.state, std::nullopt});
        request.run = kept.run;
        return std::optional(std::move(request));
      });
}

Result<bool> Ops::has_rejects_of(const pack::Model& model, std::int64_t state) {
  if (model.rules.of(pack::RuleGroup::kRow).empty()) return true;  // none of its rows is refused
  TRY(const auto quarantine, lake_.snapshot(name_of(quality::kQuarantineTable)));
  return quarantine->txn(quarantine_app_id(model.name)).value_or(state) == state;
}

Done Ops::keep_broken(engine::Session& session, const lake::TableName& table,
                      const std::vector<bronze::BrokenRecord>& records, const std::string& run) {
  constexpr const char* kRecords = "broken_records";
  TRY_DONE(session.bind_source(kRecords, quality::broken_records_source(records)));
  const quality::RejectContext context{run, clock_.now()};
  auto kept = append(
      session, std::string(quality::kQuarantineTable).c_str(),
      quality::broken_records_select(table.text(), kRecords, quality::kQuarantineTable, context),
      run, quarantine_app_id(table.text()));
  TRY_DONE(session.drop_source(kRecords));
  return kept;
}

}  // namespace claimlake::refresh
