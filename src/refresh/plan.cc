#include "refresh/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "quality/waivers.h"
#include "refresh/definitions.h"
#include "refresh/fingerprint.h"
#include "refresh/publish.h"
#include "refresh/waivers.h"

namespace claimlake::refresh {
namespace {

class Planner {
 public:
  explicit Planner(const PlanInput& input) : in_(input) {}

  Result<Plan> run() {
    TRY(kept_, kept_definitions(in_.lake, in_.session));
    std::string facts = std::to_string(definitions_number(in_.pack));
    for (const pack::Model& model : in_.pack.models) {
      PlannedModel planned{.model = model.name, .kind = model.header.kind, .file = model.file};
      TRY_DONE(compare_with_lake(model, planned, facts));
      follow_inputs(model, planned);
      if (planned.work == PlanWork::kWhole) estimate(model, planned);
      plan_.models.push_back(std::move(planned));
    }
    for (const std::string& name : kept_.models()) {
      if (in_.pack.model(name) != nullptr) continue;
      PlannedModel gone{.model = name, .state = PlanState::kRemoved};
      gone.change.change_class = pack::ChangeClass::kBreaking;
      gone.change.breaking = {"the pack has it no more"};
      plan_.models.push_back(std::move(gone));
    }
    plan_.id = fmt::format("{:015x}", static_cast<std::uint64_t>(fingerprint(facts, {}, "")));
    return std::move(plan_);
  }

 private:
  // Sets state, change and work as far as the model itself is concerned.
  Done compare_with_lake(const pack::Model& model, PlannedModel& planned, std::string& facts) {
    const pack::Definition now = pack::definition_of(in_.pack, model);
    const bool refreshed = model.is_table() && model.header.kind != pack::Kind::kAppend;
    const pack::Definition* before = kept_.newest(model.name);
    if (refreshed) {
      TRY(const auto snapshot, in_.lake.snapshot_if_any(name_of(model)));
      if (snapshot == nullptr) {
        planned.state = PlanState::kAdded;
        planned.work = PlanWork::kWhole;
        planned.all_columns = planned.rows_may_differ = true;
        return done();
      }
      planned.rows = snapshot->row_count();
      planned.bytes = snapshot->files_bytes();
      const auto number = snapshot->txn(kModelAppId);
      facts += fmt::format(" {}={}", model.name, number.value_or(0));
      before = number ? kept_.of(model.name, *number) : nullptr;
      if (number == pack::definition_number(model.hash)) {
        // By the same; only what is told of it may be other.
        planned.behind = is_behind(model, *snapshot);
        if (before == nullptr) return done();
      }
    }
    if (before == nullptr) {
      planned.state = refreshed ? PlanState::kUnknown : PlanState::kAdded;
      planned.work = work_of(model);
      planned.all_columns = planned.rows_may_differ = refreshed;
      return done();
    }
    planned.change = pack::compare(*before, now);
    if (planned.change.change_class == pack::ChangeClass::kNone) return done();
    planned.state = PlanState::kChanged;
    if (planned.change.change_class == pack::ChangeClass::kText) return done();
    planned.work = work_of(model);
    take_columns(planned);
    return done();
  }

  static PlanWork work_of(const pack::Model& model) {
    if (!model.is_table()) return PlanWork::kAtOnce;
    return model.header.kind == pack::Kind::kAppend ? PlanWork::kNewRows : PlanWork::kWhole;
  }

  // Which of its columns may have other values.
  static void take_columns(PlannedModel& planned) {
    const pack::DefinitionChange& change = planned.change;
    planned.columns = change.columns_changed;
    planned.columns.insert(planned.columns.end(), change.columns_added.begin(),
                           change.columns_added.end());
    // Rules take rows out, and so do the key and the grain where they are other ones.
    const bool rows = !change.rules_added.empty() || !change.rules_removed.empty() ||
                      !change.rules_changed.empty() || !change.header_changed.empty() ||
                      change.change_class == pack::ChangeClass::kBreaking;
    planned.rows_may_differ = !change.columns_known() || rows;
    planned.all_columns = planned.rows_may_differ;
  }

  // Inputs, rules or the date call for a refresh of a table that is built by what the pack says.
  bool is_behind(const pack::Model& model, const delta::Snapshot& snapshot) {
    Inputs inputs;
    for (const auto* tables : {&model.inputs, &model.rule_inputs}) {
      for (const std::string& table : *tables) {
        const auto name = lake::TableName::parse(table);
        if (!name) return true;
        const auto input = in_.lake.snapshot_if_any(*name);
        if (!input || *input == nullptr) return true;
        inputs[table] = {(*input)->metadata().id, (*input)->version()};
      }
    }
    const auto waivers = waivers_version(in_.lake, model);
    if (!waivers) return true;
    if (*waivers) inputs[std::string(quality::kWaiversTable)] = **waivers;
    const std::string date = model.header.clock_day ? to_text(in_.as_of) : "";
    return snapshot.txn(kRefreshAppId) != fingerprint(model.hash, inputs, date);
  }

  // What changes in what the model reads changes it too.
  void follow_inputs(const pack::Model& model, PlannedModel& planned) {
    for (const auto* inputs : {&model.inputs, &model.rule_inputs}) {
      for (const std::string& input : *inputs) {
        const auto found =
            std::find_if(plan_.models.begin(), plan_.models.end(),
                         [&](const PlannedModel& each) { return each.model == input; });
        // Bronze keeps the rows that it has.
        if (found == plan_.models.end() || found->work == PlanWork::kNothing ||
            found->work == PlanWork::kNewRows) {
          continue;
        }
        planned.because.push_back(input);
        planned.rows_may_differ = planned.rows_may_differ || found->rows_may_differ;
      }
    }
    if (planned.because.empty()) return;
    if (planned.state == PlanState::kUnchanged ||
        planned.change.change_class == pack::ChangeClass::kText) {
      planned.state = PlanState::kAffected;
    }
    planned.work = work_of(model);
    if (!planned.all_columns) add_columns_read(model, planned);
  }

  // The columns whose values are computed from those that may be other ones. A column that a join,
  // a filter or a grouping goes by is behind all of them.
  void add_columns_read(const pack::Model& model, PlannedModel& planned) {
    const auto lineage = in_.session.lineage(model.sql);
    if (!lineage) {  // one of the tables that it reads is not there yet, or has other columns
      planned.all_columns = true;
      return;
    }
    for (const engine::ColumnSource& source : lineage->rows) {
      if (!may_differ(source)) continue;
      planned.all_columns = planned.rows_may_differ = true;
      if (source.column.empty()) continue;  // which rows there are; that is said of the table
      planned.decided_by.push_back(source.table + "." + source.column);
    }
    for (const engine::ColumnLineage& column : lineage->columns) {
      const bool reads = std::any_of(column.sources.begin(), column.sources.end(),
                                     [&](const auto& source) { return may_differ(source); });
      const auto known = std::find(planned.columns.begin(), planned.columns.end(), column.column);
      if (reads && known == planned.columns.end()) planned.columns.push_back(column.column);
    }
  }
  template <class Source>
  bool may_differ(const Source& source) const {
    for (const PlannedModel& each : plan_.models) {
      if (each.model != source.table) continue;
      if (each.work == PlanWork::kNothing || each.work == PlanWork::kNewRows) return false;
      return each.all_columns || std::find(each.columns.begin(), each.columns.end(),
                                           source.column) != each.columns.end();
    }
    return false;
  }

  void estimate(const pack::Model& model, PlannedModel& planned) {
    const auto past = past_of(in_.lake, model);
    if (past) planned.seconds = past->whole_seconds;
  }

  const PlanInput& in_;
  KeptDefinitions kept_;
  Plan plan_;
};

}  // namespace

const char* plan_state_name(PlanState state) {
  switch (state) {
    case PlanState::kUnchanged:
      return "unchanged";
    case PlanState::kAdded:
      return "added";
    case PlanState::kRemoved:
      return "removed";
    case PlanState::kChanged:
      return "changed";
    case PlanState::kUnknown:
      return "unknown";
    case PlanState::kAffected:
      return "affected";
  }
  return "unknown";
}

bool Plan::any_work() const {
  return std::any_of(models.begin(), models.end(),
                     [](const PlannedModel& each) { return each.state != PlanState::kUnchanged; });
}

bool Plan::any_breaking() const {
  return std::any_of(models.begin(), models.end(), [](const PlannedModel& each) {
    return each.change.change_class == pack::ChangeClass::kBreaking;
  });
}

std::vector<std::string> Plan::tables() const {
  std::vector<std::string> names;
  for (const PlannedModel& each : models) {
    if (each.work == PlanWork::kWhole) names.push_back(each.model);
  }
  return names;
}

Result<Plan> make_plan(const PlanInput& input) { return Planner(input).run(); }

}  // namespace claimlake::refresh
