// New rows are computed into temporary tables, in the order of work, and each table reads those of
// the ones before it. Then one query compares a table with its new rows, all columns at once.
#include "refresh/plan_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "pack/key_mapping.h"
#include "pack/references.h"
#include "pack/sql_text.h"
#include "quality/checked.h"
#include "refresh/bound_tables.h"
#include "refresh/fingerprint.h"
#include "refresh/publish.h"

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

std::string differs(const pack::ColumnDoc& column) {
  const std::string name = sql_identifier(column.name);
  const std::string any = fmt::format("n.{0} IS DISTINCT FROM o.{0}", name);
  if (column.type != "DOUBLE") return any;
  // The order in which doubles are added up is not always the same.
  return fmt::format(
      "({0} AND NOT COALESCE(abs(n.{1} - o.{1}) <= 1e-9 * greatest(abs(n.{1}), abs(o.{1})), "
      "FALSE))",
      any, name);
}

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
    TRY_DONE(compare(side_of(*model, *stored), diff));
    return std::optional(diff);
  }

 private:
  // Binds what the table reads to the versions that it was computed from, and computes it anew.
  Done compute(const pack::Model& model, const delta::Snapshot* stored, BoundTables& reads,
               PlanDiff& diff) {
    Date as_of = in_.as_of;
    if (stored != nullptr) {
      as_of = date_of_last(model).value_or(as_of);
      for (const auto* inputs : {&model.inputs, &model.rule_inputs}) {
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
    std::string select = on_new_rows(quality::checked_select(
        model, pack::sql_as_of(sql, as_of), {.processed_at = Timestamp(as_of), .as_of = as_of}));
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
    const std::string key = key_list(model, "");
    TRY_DONE(in_.session.execute(fmt::format(
        "CREATE OR REPLACE TEMP TABLE {} AS SELECT DISTINCT {} FROM {} WHERE hash({}) % {} < {}",
        kKeys, key, model.name, key, kSampleParts,
        static_cast<std::int64_t>(share_ * kSampleParts))));
    return done();
  }

  static std::string key_list(const pack::Model& model, const std::string& prefix) {
    std::string list;
    for (const std::string& column : model.header.key) {
      list += (list.empty() ? "" : ", ") + prefix + sql_identifier(column);
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

  Done compare(const Side& side, PlanDiff& diff) {
    diff.by_key = side.by_key;
    TRY(diff.compared, count(old_rows(side) + " AS _all"));
    if (side.by_key) return compare_by_key(side, diff);
    std::string list;
    for (const auto& column : side.columns) {
      list += (list.empty() ? "" : ", ") + sql_identifier(column.name);
    }
    const std::string now = fmt::format("SELECT {} FROM {}", list, relation_of(side.model.name));
    const std::string before = fmt::format("SELECT {} FROM {}", list, old_rows(side));
    TRY(diff.come, count(fmt::format("({} EXCEPT ALL {})", now, before)));
    TRY(diff.go, count(fmt::format("({} EXCEPT ALL {})", before, now)));
    return done();
  }

  Done compare_by_key(const Side& side, PlanDiff& diff) {
    const std::string joined = fmt::format(
        "(SELECT *, TRUE AS __there FROM {}) AS n FULL JOIN (SELECT *, TRUE AS __there FROM {}) AS "
        "o ON {}",
        relation_of(side.model.name), old_rows(side),
        pack::equal_columns("n", side.model.header.key, "o", side.model.header.key));
    std::string any = "FALSE";
    std::string counts;
    for (const auto& column : side.columns) {
      const std::string other = differs(column);
      any += " OR " + other;
      counts += fmt::format(", COUNT(CASE WHEN n.__there AND o.__there AND {} THEN 1 END)", other);
    }
    TRY(const auto row,
        first_row(fmt::format("SELECT COUNT(CASE WHEN o.__there IS NULL THEN 1 END), "
                              "COUNT(CASE WHEN n.__there IS NULL THEN 1 END), "
                              "COUNT(CASE WHEN n.__there AND o.__there AND ({}) THEN 1 END){} FROM "
                              "{}",
                              any, counts, joined)));
    const auto number = [&row](std::size_t i) {
      return whole_number(row[i].value_or("")).value_or(0);
    };
    diff.come = number(0);
    diff.go = number(1);
    diff.differ = number(2);
    for (std::size_t i = 0; i < side.columns.size(); ++i) {
      if (number(i + 3) == 0) continue;
      PlanDiff::Column column{side.columns[i].name, number(i + 3), "", {}, {}};
      TRY_DONE(add_example(side, side.columns[i], joined, column));
      diff.columns.push_back(std::move(column));
    }
    return done();
  }

  Done add_example(const Side& side, const pack::ColumnDoc& column, const std::string& joined,
                   PlanDiff::Column& out) {
    const std::string name = sql_identifier(column.name);
    TRY(const auto row,
        first_row(fmt::format("SELECT o.{0}, n.{0}, {1} FROM {2} WHERE n.__there AND o.__there AND "
                              "{3} ORDER BY {1} LIMIT 1",
                              name, key_list(side.model, "o."), joined, differs(column))));
    out.before = row[0];
    out.after = row[1];
    for (std::size_t i = 2; i < row.size(); ++i) {
      out.key += (out.key.empty() ? "" : ", ") + row[i].value_or("null");
    }
    return done();
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

}  // namespace claimlake::refresh
