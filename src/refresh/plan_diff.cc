// New rows are computed into temporary tables, in the order of work, and each table reads those of
// the ones before it. Then the rows that a table has are compared with its new ones (row_diff.h).
#include "refresh/plan_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "pack/key_mapping.h"
#include "pack/references.h"
#include "pack/sql_text.h"
#include "quality/checked.h"
#include "quality/waivers.h"
#include "refresh/bound_tables.h"
#include "refresh/environment.h"
#include "refresh/fingerprint.h"
#include "refresh/prove_select.h"
#include "refresh/publish.h"
#include "refresh/row_diff.h"
#include "store/environment.h"

namespace claimlake::refresh {
namespace {

constexpr const char* kKeys = "plan_keys";
constexpr int kSampleParts = 1'000'000;

std::string relation_of(const std::string& table) {
  std::string name = "plan_" + table;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

// Of a table, for the comparison.
struct Side {
  const pack::Model& model;
  std::vector<pack::ColumnDoc> columns;  // that both have
  bool by_key = false;
};

class Differ {
 public:
  Differ(const PlanInput& input, double share) : in_(input), share_(share) {}

  Result<std::optional<PlanDiff>> table(const PlannedModel& planned) {
    const pack::Model* model = in_.pack.model(planned.model);
    CHECK(model != nullptr, "what is computed is in the pack");
    TRY(const auto stored, in_.lake.snapshot_if_any(name_of(*model)));
    const bool sampled = share_ < 1;
    if (sampled && planned.state == PlanState::kAffected) return std::optional<PlanDiff>();
    PlanDiff diff;
    diff.table = model->name;
    if (stored == nullptr && sampled) return std::optional<PlanDiff>();
    if (sampled && (model->mapping == nullptr || !model->mapping->lost.empty())) {
      diff.note = "not compared: no key leads to a sample of it; --diff compares all rows";
      return std::optional(diff);
    }
    BoundTables reads(in_.session);
    if (sampled) {
      TRY_DONE(take_sample(*model));
    }
    TRY_DONE(compute(*model, stored.get(), reads, diff));
    if (stored == nullptr) {
      TRY(diff.come, count(relation_of(model->name)));
      diff.note = "the table is new";
      return std::optional(diff);
    }
    const Side side = side_of(*model, *stored);
    TRY_DONE(compare(side, old_rows(side), relation_of(model->name), diff));
    return std::optional(diff);
  }

  // The rows of main's table and those of the environment's.
  Result<PlanDiff> with_main(const pack::Model& model) {
    PlanDiff diff;
    diff.table = model.name;
    const lake::TableName main{model.schema + std::string(store::kOfMain), model.table};
    TRY(const auto theirs, in_.lake.snapshot_if_any(main));
    TRY(const auto ours, in_.lake.snapshot_if_any(name_of(model)));
    if (theirs == nullptr && ours == nullptr) {
      diff.note = "it is not there yet, and in main neither";
      return diff;
    }
    if (theirs == nullptr) {
      diff.note = "main has no such table";
      TRY(diff.come, count(model.name));
      return diff;
    }
    if (ours == nullptr) {
      diff.note = "only main has it";
      TRY(diff.go, count(main.text()));
      return diff;
    }
    Side side = side_of(model, *ours);
    std::erase_if(side.columns, [&](const pack::ColumnDoc& column) {
      return theirs->schema().find(column.name) == nullptr;
    });
    for (const std::string& name : model.header.key) {
      side.by_key = side.by_key && theirs->schema().find(name) != nullptr;
    }
    TRY_DONE(compare(side, main.text(), model.name, diff));
    return diff;
  }

 private:
  // Binds what the table reads to the versions that it was computed from, and computes it anew.
  Done compute(const pack::Model& model, const delta::Snapshot* stored, BoundTables& reads,
               PlanDiff& diff) {
    Date as_of = in_.as_of;
    const std::string waivers(quality::kWaiversTable);
    const std::vector<std::string> said = {waivers};
    const bool waived =
        stored != nullptr && may_refuse(model) && stored->txn(input_app_id(waivers)).has_value();
    if (stored != nullptr) {
      as_of = date_of_last(model).value_or(as_of);
      for (const auto* inputs : {&model.inputs, &model.rule_inputs, &said}) {
        for (const std::string& input : *inputs) {
          if (made_.contains(input)) continue;
          const auto version = stored->txn(input_app_id(input));
          TRY(const auto name, lake::TableName::parse(input));
          if (!version) continue;
          auto then =
              in_.lake.table(name.schema, name.table, {.version = *version, .timestamp = {}});
          if (then) {
            TRY_DONE(reads.bind(input, *then));
          } else {
            diff.note = fmt::format("with {} as it is now: version {} is not there any more", input,
                                    *version);
          }
        }
      }
    }
    const bool sampled = share_ < 1;
    const std::string sql = sampled ? pack::select_of_keys(model, kKeys) : model.sql;
    std::string select =
        on_new_rows(quality::checked_select(model, pack::sql_as_of(sql, as_of),
                                            {.processed_at = quality::sql_timestamp(as_of),
                                             .as_of = as_of,
                                             .parents = {},
                                             .waivers = waived ? waivers : ""}));
    if (model.schema == "silver") {
      select = "SELECT * FROM (" + select + "\n) WHERE _quality_score >= 0";
    }
    const std::string relation = relation_of(model.name);
    TRY_DONE(in_.session.execute(
        fmt::format("CREATE OR REPLACE TEMP TABLE {} AS {}", relation, select)));
    if (!sampled) made_.insert(model.name);
    return done();
  }

  // The date with which the table was computed the last time.
  std::optional<Date> date_of_last(const pack::Model& model) {
    constexpr std::size_t kEntries = 20;
    const auto history = in_.lake.history(name_of(model), kEntries);
    if (!history) return std::nullopt;
    for (const auto& entry : *history) {
      const auto found = entry.info.parameters.find("asOf");
      if (found == entry.info.parameters.end()) continue;
      const auto text = nlohmann::json::parse(found->second, nullptr, false);
      const auto date = parse_date(text.is_string() ? text.get<std::string>() : "");
      if (date) return *date;
      return std::nullopt;
    }
    return std::nullopt;
  }

  std::string on_new_rows(const std::string& select) const {
    const auto tokens = pack::tokenize(select);
    CHECK(tokens.has_value(), "load_pack has read the SQL");
    pack::Rewriter rewriter(select);
    for (const pack::TableReference& reference : pack::table_references(*tokens)) {
      if (!made_.contains(reference.name)) continue;
      rewriter.replace(reference.begin, reference.end,
                       pack::replacement(reference, relation_of(reference.name)));
    }
    return rewriter.finish();
  }

  // About that share of the keys that the table has, the same ones each time.
  Done take_sample(const pack::Model& model) {
    const std::string key = key_list(model);
    TRY_DONE(in_.session.execute(fmt::format(
        "CREATE OR REPLACE TEMP TABLE {} AS SELECT DISTINCT {} FROM {} WHERE hash({}) % {} < {}",
        kKeys, key, model.name, key, kSampleParts,
        static_cast<std::int64_t>(share_ * kSampleParts))));
    return done();
  }

  static std::string key_list(const pack::Model& model) {
    std::string list;
    for (const std::string& column : model.header.key) {
      list += (list.empty() ? "" : ", ") + sql_identifier(column);
    }
    return list;
  }

  Side side_of(const pack::Model& model, const delta::Snapshot& stored) const {
    Side side{model, {}, !model.header.key.empty()};
    std::vector<pack::ColumnDoc> columns = model.columns;
    for (const pack::ColumnDoc& column : pack::program_columns(model.schema)) {
      const bool judged =
          column.name == "_is_valid" || column.name == "_quality_score" || column.name == "_dq";
      if (judged) columns.push_back(column);
    }
    for (const pack::ColumnDoc& column : columns) {
      if (stored.schema().find(column.name) != nullptr) side.columns.push_back(column);
    }
    for (const std::string& name : model.header.key) {
      side.by_key = side.by_key && stored.schema().find(name) != nullptr;
    }
    return side;
  }

  Result<std::int64_t> count(const std::string& relation) {
    TRY(const auto row, first_row("SELECT COUNT(*) FROM " + relation));
    return whole_number(row[0].value_or("")).value_or(0);
  }

  Result<std::vector<std::optional<std::string>>> first_row(const std::string& sql) {
    TRY(const auto rows, in_.session.query(sql));
    TRY(auto table, engine::read_all(*rows));
    if (table.rows.empty()) return std::vector<std::optional<std::string>>(table.columns.size());
    return std::move(table.rows.front());
  }

  std::string old_rows(const Side& side) const {
    if (share_ >= 1) return side.model.name;
    return fmt::format(
        "(SELECT _old.* FROM {} AS _old SEMI JOIN {} AS _keys ON {})", side.model.name, kKeys,
        pack::equal_columns("_old", side.model.header.key, "_keys", side.model.header.key));
  }

  Done compare(const Side& side, const std::string& before, const std::string& after,
               PlanDiff& diff) {
    RowDiffInput input;
    if (side.by_key) input.key = side.model.header.key;
    std::string list;
    for (const pack::ColumnDoc& column : side.columns) {
      list += (list.empty() ? "" : ", ") + sql_identifier(column.name);
      if (std::find(input.key.begin(), input.key.end(), column.name) != input.key.end()) continue;
      input.columns.push_back(column.name);
      if (column.type == "DOUBLE") input.nearly.insert(column.name);
    }
    input.left = fmt::format("SELECT {} FROM {}", list, before);
    input.right = fmt::format("SELECT {} FROM {}", list, after);
    TRY(const RowDiff found, diff_rows(in_.session, input));
    diff.by_key = found.by_key;
    diff.compared = found.left_rows;
    diff.go = found.only_left;
    diff.come = found.only_right;
    diff.differ = found.differing;
    for (const std::string& name : input.columns) {
      const auto rows = found.by_column.find(name);
      if (rows == found.by_column.end()) continue;
      PlanDiff::Column column{name, rows->second, "", {}, {}};
      if (!take_example(found, column)) {
        // None of the first rows differs in it.
        RowDiffInput alone = input;
        alone.columns = {name};
        alone.rows_max = 1;
        TRY(const RowDiff one, diff_rows(in_.session, alone));
        (void)take_example(one, column);
      }
      diff.columns.push_back(std::move(column));
    }
    return done();
  }

  // False if none of the rows that `found` tells differs in that column.
  static bool take_example(const RowDiff& found, PlanDiff::Column& out) {
    for (const DifferentRow& row : found.rows) {
      if (row.on != DifferentRow::On::kBoth) continue;
      for (const DifferentCell& cell : row.cells) {
        if (cell.column != out.column) continue;
        out.before = cell.left;
        out.after = cell.right;
        for (const auto& part : row.key) {
          out.key += (out.key.empty() ? "" : ", ") + part.value_or("null");
        }
        return true;
      }
    }
    return false;
  }

  const PlanInput& in_;
  const double share_;
  std::set<std::string> made_;  // tables whose new rows are there
};

}  // namespace

Result<std::vector<PlanDiff>> diff_plan(const PlanInput& input, const Plan& plan, double share) {
  Differ differ(input, share);
  std::vector<PlanDiff> diffs;
  for (const PlannedModel& planned : plan.models) {
    if (planned.work != PlanWork::kWhole) continue;
    TRY(auto diff, differ.table(planned));
    if (diff) diffs.push_back(*std::move(diff));
  }
  return diffs;
}

Result<std::vector<PlanDiff>> diff_with_main(const PlanInput& input,
                                             const std::vector<std::string>& tables) {
  std::vector<const pack::Model*> models;
  for (const std::string& table : tables) {
    const pack::Model* model = input.pack.model(table);
    if (model == nullptr || !model->is_table()) {
      const std::string near = nearest(table, input.pack.model_names());
      return Error{Fault::kNotFound, fmt::format("No table of the pack is called {}", table), "",
                   near.empty() ? "claimlake model list" : "did you mean " + near + "?"};
    }
    models.push_back(model);
  }
  if (tables.empty()) {
    TRY(const auto own, environment_tables(input.lake));
    for (const EnvironmentTable& each : own) {
      const pack::Model* model = each.shared ? nullptr : input.pack.model(each.table);
      if (model != nullptr) models.push_back(model);
    }
  }
  Differ differ(input, 1);
  std::vector<PlanDiff> diffs;
  for (const pack::Model* model : models) {
    TRY(auto diff, differ.with_main(*model));
    diffs.push_back(std::move(diff));
  }
  return diffs;
}

}  // namespace claimlake::refresh
