// What MERGE means, row by row.
#include "merge.h"

#include <fmt/format.h>

#include <algorithm>

namespace claimlake::model {
namespace {

using Clause = Merge::Clause;
using When = Merge::When;
using Then = Merge::Then;

class Meaning {
 public:
  Meaning(const Merge& merge, const Table& before) : merge_(merge), before_(before) {}

  Effect effect() {
    effect_.after = before_;
    effect_.after.rows.clear();
    for (const Clause& clause : merge_.clauses) {
      if (!fits(clause)) return refused();
    }
    std::vector<bool> matched(merge_.source.size());
    for (const Row& row : before_.rows) target(row, matched);
    for (std::size_t i = 0; i < merge_.source.size(); ++i) {
      if (!matched[i]) source_alone(merge_.source[i]);
    }
    return refused_ ? refused() : effect_;
  }

 private:
  Effect refused() const {
    Effect out;
    out.refused = Fault::kInvalidInput;
    out.after = before_;
    return out;
  }

  // The columns that a clause names are there.
  bool fits(const Clause& clause) {
    if (!model::fits(clause.condition, before_)) return false;
    if (clause.then == Then::kDelete || clause.then == Then::kNothing) return true;
    if (clause.all_columns) {
      return std::all_of(before_.columns.begin(), before_.columns.end(), [&](const Column& column) {
        return std::any_of(merge_.source_columns.begin(), merge_.source_columns.end(),
                           [&](const Column& other) { return other.name == column.name; });
      });
    }
    return std::all_of(
        clause.assignments.begin(), clause.assignments.end(), [&](const Assignment& each) {
          const auto place = before_.find(each.column);
          const bool reads = each.value.kind != Value::Kind::kConstant && !each.value.of_source;
          if (!place || (reads && !before_.find(each.value.column))) return false;
          const bool null = each.value.kind == Value::Kind::kConstant && !each.value.constant;
          if (null && !before_.columns[*place].nullable) {
            effect_.may_refuse.push_back(Fault::kInvalidInput);
          }
          return true;
        });
  }

  bool is_match(const Scope& scope) const {
    return std::all_of(merge_.keys.begin(), merge_.keys.end(), [&](const std::string& key) {
      const Cell& ours = scope.cell(false, key);
      return ours && ours == scope.cell(true, key);
    });
  }

  const Clause* first(When when, const Scope& scope) const {
    const auto found =
        std::find_if(merge_.clauses.begin(), merge_.clauses.end(), [&](const Clause& clause) {
          return clause.when == when && holds(clause.condition, scope);
        });
    return found == merge_.clauses.end() || found->then == Then::kNothing ? nullptr : &*found;
  }

  Row made(const Clause& clause, Row row, const Scope& scope) {
    if (clause.all_columns) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        row[i] = scope.cell(true, before_.columns[i].name);
      }
    }
    for (const Assignment& each : clause.assignments) {
      row[*before_.find(each.column)] = each.value.of(scope);
    }
    for (std::size_t i = 0; i < row.size(); ++i) {
      refused_ |= !before_.columns[i].nullable && !row[i];
    }
    for (const auto& [name, check] : before_.checks) {
      refused_ |= !check->holds({&before_.columns, &row});
    }
    return row;
  }

  void target(const Row& row, std::vector<bool>& matched) {
    std::vector<std::pair<const Clause*, const Row*>> done;
    bool any = false;
    for (std::size_t i = 0; i < merge_.source.size(); ++i) {
      const Row& source = merge_.source[i];
      const Scope scope{&before_.columns, &row, &merge_.source_columns, &source};
      if (!is_match(scope)) continue;
      any = matched[i] = true;
      if (const Clause* clause = first(When::kMatched, scope)) done.emplace_back(clause, &source);
    }
    if (!any) {
      const Scope scope{&before_.columns, &row, &merge_.source_columns};
      if (const Clause* clause = first(When::kNotMatchedBySource, scope)) {
        done.emplace_back(clause, nullptr);
      }
    }
    if (done.empty()) {
      effect_.after.rows.push_back(row);
      return;
    }
    const bool only_delete = merge_.clauses.size() == 1 &&
                             merge_.clauses[0].then == Then::kDelete &&
                             merge_.clauses[0].condition.empty();
    if (done.size() > 1 && !only_delete) refused_ = true;
    const auto& [clause, source] = done[0];
    if (clause->then == Then::kDelete) {
      ++effect_.deleted;
      return;
    }
    const Scope scope{&before_.columns, &row, &merge_.source_columns, source};
    Row changed = made(*clause, row, scope);
    if (changed != row) ++effect_.updated;
    effect_.after.add(std::move(changed));
  }

  void source_alone(const Row& source) {
    const Scope scope{&before_.columns, nullptr, &merge_.source_columns, &source};
    const Clause* clause = first(When::kNotMatched, scope);
    if (clause == nullptr) return;
    effect_.after.add(made(*clause, Row(before_.columns.size()), scope));
    ++effect_.inserted;
  }

  const Merge& merge_;
  const Table& before_;
  Effect effect_;
  bool refused_ = false;
};

std::string clause_sql(const Clause& clause) {
  std::string out = clause.when == When::kMatched      ? " WHEN MATCHED"
                    : clause.when == When::kNotMatched ? " WHEN NOT MATCHED"
                                                       : " WHEN NOT MATCHED BY SOURCE";
  if (!clause.condition.empty()) out += " AND " + to_sql(clause.condition, "t.");
  if (clause.then == Then::kDelete) return out + " THEN DELETE";
  if (clause.then == Then::kNothing) return out + " THEN DO NOTHING";
  const bool insert = clause.then == Then::kInsert;
  if (clause.all_columns) return out + (insert ? " THEN INSERT *" : " THEN UPDATE SET *");
  std::string names, values, pairs;
  for (const Assignment& each : clause.assignments) {
    const char* const comma = names.empty() ? "" : ", ";
    const std::string value = each.value.sql("t.");
    names += comma + each.column;
    values += comma + value;
    pairs += comma + each.column + " = " + value;
  }
  return out + (insert ? fmt::format(" THEN INSERT ({}) VALUES ({})", names, values)
                       : " THEN UPDATE SET " + pairs);
}

}  // namespace

std::string Merge::sql() const {
  std::string rows, names, on, out;
  for (const Row& row : source) {
    std::string cells;
    for (std::size_t i = 0; i < row.size(); ++i) {
      cells += (i == 0 ? "" : ", ") + literal(source_columns[i].type, row[i]);
    }
    rows += (rows.empty() ? "(" : ", (") + cells + ")";
  }
  for (const Column& column : source_columns) names += (names.empty() ? "" : ", ") + column.name;
  for (const std::string& key : keys) {
    on += fmt::format("{}t.{} = s.{}", on.empty() ? "" : " AND ", key, key);
  }
  for (const Clause& clause : clauses) out += clause_sql(clause);
  return fmt::format("MERGE INTO t USING (VALUES {}) AS s({}) ON {}{}", rows, names, on, out);
}

Effect Merge::apply(const Table& before, const Past&) const {
  if (before.exists) return unless_append_only(before, Meaning(*this, before).effect());
  Effect effect;
  effect.refused = Fault::kNotFound;
  return effect;
}

std::vector<std::pair<std::string, std::int64_t>> Merge::metrics(const Effect& effect) const {
  return {{"numTargetRowsInserted", effect.inserted},
          {"numTargetRowsUpdated", effect.updated},
          {"numTargetRowsDeleted", effect.deleted}};
}

}  // namespace claimlake::model
