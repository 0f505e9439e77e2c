#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "lake/lake.h"
#include "pack/definition.h"
#include "pack/pack.h"

namespace claimlake::refresh {

// What the pack as it is differs in from what the lake was built with (docs/formats/plan.md).

enum class PlanState {
  kUnchanged,  // by the same definition
  kAdded,      // the lake has no such table, view or definition yet
  kRemoved,    // the pack has no such model any more
  kChanged,    // by another definition: `change` says in what
  kUnknown,    // built by something, but the lake does not keep by what
  kAffected,   // unchanged, and reads what is not
};
const char* plan_state_name(PlanState state);  // "unchanged", "added", ...

// What is to be done for it.
enum class PlanWork {
  kNothing,
  kWhole,    // the table is computed as a whole
  kNewRows,  // Bronze: rows that arrive from now on
  kAtOnce,   // views and functions: with the next start of a program
};

struct PlannedModel {
  std::string model;
  pack::Kind kind = pack::Kind::kFull;
  PlanState state = PlanState::kUnchanged;
  pack::DefinitionChange change;  // kChanged
  PlanWork work = PlanWork::kNothing;
  std::vector<std::string> because;  // what it reads, directly, that has other rows
  // Its columns that may have other values, as far as that is read from the SQL.
  std::vector<std::string> columns;
  // Those of what it reads by which a join, filter or grouping of it goes: "silver.claims.status".
  std::vector<std::string> decided_by;
  bool all_columns = false;       // any may
  bool rows_may_differ = false;   // rows may come or go
  bool behind = false;            // inputs or the date moved on: a run brings it up to date anyway
  std::optional<double> seconds;  // that it took as a whole the last time
  std::optional<std::int64_t> rows;
  std::int64_t bytes = 0;
  std::string file;  // of the model
};

struct Plan {
  std::vector<PlannedModel> models;  // all, in the order of work; removed ones last
  // Stands for the definitions of the pack and the versions of the tables' own: a plan with the
  // same id does the same.
  std::string id;

  bool any_work() const;
  bool any_breaking() const;
  // Tables to be computed, in the order of work.
  std::vector<std::string> tables() const;
};

struct PlanInput {
  lake::Lake& lake;
  engine::Session& session;  // kInternal
  const pack::Pack& pack;
  Date as_of{};
};

// Writes nothing and reads no rows but those of ops.models.
Result<Plan> make_plan(const PlanInput& input);

}  // namespace claimlake::refresh
