#include "refresh/stale.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "lake/commit_anew.h"
#include "quality/checked.h"
#include "refresh/bound_tables.h"

namespace claimlake::refresh {
namespace {

lake::TableName stale_name() {
  auto name = lake::TableName::parse(kStaleTable);
  CHECK(name.has_value(), "ops tables have proper names");
  return *std::move(name);
}

delta::Schema stale_schema() {
  const auto field = [](const char* name, const char* type) {
    return delta::Field{name, delta::PrimitiveType{type}};
  };
  return {{field("table_name", "string"), field("outcome", "string"), field("since", "timestamp"),
           field("run_id", "string"), field("rules", "string"), field("message", "string"),
           field("because_of", "string")}};
}

bool came_to_nothing(const TableReport& table) {
  if (table.left_to_others) return false;
  return table.outcome == TableOutcome::kRefused || table.outcome == TableOutcome::kFailed;
}

// Names of rules have no comma.
std::string broken_rules(const TableReport& table) {
  std::string names;
  for (const quality::RuleResult& result : table.results) {
    if (result.outcome != quality::Outcome::kFail || result.group == pack::RuleGroup::kTime)
      continue;
    names += (names.empty() ? "" : ",") + result.rule;
  }
  return names;
}

// The rows of ops.stale, as its version `snapshot` has them.
Result<StaleList> kept(engine::Session& session, const delta::SnapshotPtr& snapshot) {
  BoundTables reads(session);
  const std::string name(kStaleTable);
  TRY_DONE(reads.bind(name, {snapshot, stale_name().folder()}));
  // A table that was made before tables were published together has no such column.
  const bool says = snapshot->schema().find("because_of") != nullptr;
  TRY(const auto rows,
      session.query(fmt::format(
          "SELECT table_name, outcome, CAST(epoch_us(since) AS VARCHAR), run_id, rules, message, "
          "{} FROM {} ORDER BY table_name",
          says ? "because_of" : "table_name", name)));
  TRY(const auto table, engine::read_all(*rows));
  StaleList list;
  for (const auto& row : table.rows) {
    Stale stale;
    stale.table = row[0].value_or("");
    stale.because_of = row[6].value_or(stale.table);
    stale.outcome = row[1].value_or("");
    stale.since =
        Timestamp(std::chrono::microseconds(whole_number(row[2].value_or("")).value_or(0)));
    stale.run = row[3].value_or("");
    if (row[4] && !row[4]->empty()) stale.rules = split(*row[4], ',');
    stale.message = row[5].value_or("");
    list.push_back(std::move(stale));
  }
  return list;
}

std::string select_of(const StaleList& list) {
  std::string values;
  for (const Stale& stale : list) {
    values += fmt::format("{}({}, {}, {}, {}, {}, {}, {})", values.empty() ? "" : ", ",
                          sql_string(stale.table), sql_string(stale.outcome),
                          quality::sql_timestamp(stale.since), sql_string(stale.run),
                          sql_string(fmt::format("{}", fmt::join(stale.rules, ","))),
                          sql_string(stale.message), sql_string(stale.because_of));
  }
  const bool none = values.empty();
  if (none) values = fmt::format("('', '', {}, '', '', '', '')", quality::sql_timestamp({}));
  return fmt::format(
      "SELECT table_name, outcome, since, run_id, rules, message, because_of FROM (VALUES {}) AS "
      "stale(table_name, outcome, since, run_id, rules, message, because_of){}",
      values, none ? " WHERE false" : "");
}

// Because of which the refresh of `table` came to nothing: itself, or one that is published with
// it.
const TableReport& cause_of(const TableReport& table, const RunReport& report) {
  for (const TableReport& each : report.tables) {
    if (each.table == table.kept_back_by) return each;
  }
  return table;
}

// `before` after what the run did to its tables.
StaleList after(StaleList before, const RunReport& report) {
  for (const TableReport& table : report.tables) {
    const auto found = std::find_if(before.begin(), before.end(),
                                    [&](const Stale& stale) { return stale.table == table.table; });
    const bool fresh =
        table.outcome == TableOutcome::kBuilt || table.outcome == TableOutcome::kSkipped;
    if (fresh && found != before.end()) before.erase(found);
    if (!came_to_nothing(table)) continue;
    const TableReport& cause = cause_of(table, report);
    Stale stale{table.table,
                cause.table,
                found == before.end() ? report.started_at : found->since,
                outcome_name(table.outcome),
                report.run,
                {},
                cause.message};
    if (const std::string rules = broken_rules(cause); !rules.empty()) {
      stale.rules = split(rules, ',');
    }
    if (found == before.end()) {
      before.push_back(std::move(stale));
    } else {
      *found = std::move(stale);
    }
  }
  return before;
}

// With what reads a table of `kept`, directly or not. The pack's order puts what a model reads
// before it.
StaleList with_readers(const pack::Pack& pack, StaleList kept) {
  StaleList out;
  for (const pack::Model& model : pack.models) {
    const Stale* cause = find_stale(kept, model.name);
    for (const auto* inputs : {&model.inputs, &model.rule_inputs}) {
      for (const std::string& input : *inputs) {
        const Stale* of_input =
            cause == nullptr || cause->table != model.name ? find_stale(out, input) : nullptr;
        if (of_input != nullptr && (cause == nullptr || of_input->since < cause->since)) {
          cause = of_input;
        }
      }
    }
    if (cause == nullptr) continue;
    Stale stale = *cause;
    stale.table = model.name;
    out.push_back(std::move(stale));
  }
  return out;
}

}  // namespace

std::string Stale::text() const {
  const std::string whose = table == because_of ? "its refresh" : "the refresh of " + because_of;
  return fmt::format("{} is stale since {} UTC: {} {} (run {}): {}", table,
                     to_text(since).substr(0, 19), whose,
                     outcome == "refused" ? "was refused" : "failed", run, message);
}

std::string to_json(const Stale& stale) {
  return nlohmann::json({{"table", stale.table},
                         {"because_of", stale.because_of},
                         {"since", to_rfc3339(stale.since)},
                         {"outcome", stale.outcome},
                         {"run_id", stale.run},
                         {"rules", stale.rules},
                         {"message", stale.message}})
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

const Stale* find_stale(const StaleList& list, std::string_view table) {
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const Stale& stale) { return stale.table == table; });
  return found == list.end() ? nullptr : &*found;
}

Done keep_stale(lake::Lake& lake, engine::Engine& engine, const RunReport& report) {
  const lake::TableName name = stale_name();
  const bool any = std::any_of(report.tables.begin(), report.tables.end(), came_to_nothing);
  TRY(const auto present, lake.snapshot_if_any(name));
  if (present == nullptr) {
    if (!any) return done();
    auto created = lake.create(name, stale_schema(), {}, {}, "");
    if (!created && created.error().fault != Fault::kConflict) return std::move(created).error();
  }
  return lake::commit_anew(
      lake, name, [&](const delta::SnapshotPtr& base) -> Result<std::optional<lake::WriteRequest>> {
        const auto nothing = std::optional<lake::WriteRequest>();
        if (!any && base->row_count() == 0) return nothing;
        TRY(const auto session, engine.session({.access = engine::Access::kInternal}));
        TRY(const StaleList before, kept(*session, base));
        const std::string select = select_of(after(before, report));
        if (select == select_of(before)) return nothing;
        lake::WriteRequest write;
        TRY(write.staged, lake.stage(*session, name, select));
        write.mode = lake::WriteMode::kOverwrite;
        write.positions = {{std::string(kStaleAppId), base->version() + 1, std::nullopt}};
        write.run = report.run;
        return std::optional(std::move(write));
      });
}

Result<std::shared_ptr<const StaleList>> StaleTables::look() {
  TRY(const auto snapshot, lake_.snapshot_if_any(stale_name()));
  return at(snapshot);
}

Result<std::shared_ptr<const StaleList>> StaleTables::at(const delta::SnapshotPtr& snapshot) {
  static const auto kNone = std::make_shared<const StaleList>();
  if (snapshot == nullptr || snapshot->row_count() == 0) return kNone;
  const auto seen = seen_.with([&](const Seen& seen) -> std::shared_ptr<const StaleList> {
    const bool same =
        seen.version == snapshot->version() && seen.table_id == snapshot->metadata().id;
    return same ? seen.list : nullptr;
  });
  if (seen != nullptr) return seen;
  TRY(const auto session, engine_.session({.access = engine::Access::kInternal}));
  TRY(StaleList list, kept(*session, snapshot));
  auto made = std::make_shared<const StaleList>(with_readers(pack_, std::move(list)));
  seen_.with([&](Seen& seen) { seen = {snapshot->metadata().id, snapshot->version(), made}; });
  return made;
}

}  // namespace claimlake::refresh
