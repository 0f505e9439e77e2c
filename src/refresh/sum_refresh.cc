#include "refresh/sum_refresh.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "base/text.h"
#include "engine/group_sums.h"
#include "pack/references.h"
#include "pack/sql_text.h"
#include "refresh/key_texts.h"

namespace claimlake::refresh {
namespace {

using Kind = engine::GroupSums::Kind;
using Types = std::map<std::string, std::string>;  // by column, lower case

// The digits behind the point of a number that adds up exactly; absent for others.
std::optional<int> scale_of(const std::string& type) {
  static const std::set<std::string> kWhole = {"TINYINT",   "SMALLINT", "INTEGER",
                                               "BIGINT",    "HUGEINT",  "UTINYINT",
                                               "USMALLINT", "UINTEGER", "UBIGINT"};
  if (kWhole.contains(type)) return 0;
  if (!type.starts_with("DECIMAL(")) return std::nullopt;
  const auto comma = type.find(',');
  if (comma == std::string::npos) return std::nullopt;
  return std::atoi(type.c_str() + comma + 1);
}

bool exact(const engine::GroupSums::Item& item, const std::string& type, const Types& of_table) {
  const auto into = scale_of(type);
  if (item.kind != Kind::kSum || item.column.empty()) return into.has_value();
  const auto column = of_table.find(item.column);
  if (column == of_table.end()) return false;
  const auto from = scale_of(column->second);
  return into && from && *into >= *from;
}

// Whether the columns by which is grouped are the key, and nothing but these.
bool grouped_by_key(const pack::Model& model, const engine::GroupSums& sums) {
  std::set<std::string> columns;
  std::set<std::string> names;
  for (std::size_t i = 0; i < sums.items.size(); ++i) {
    if (sums.items[i].kind != Kind::kGroup) continue;
    if (!columns.insert(sums.items[i].column).second) continue;
    names.insert(to_lower(model.columns[i].name));
  }
  const auto& key = model.header.key;
  return columns.size() == sums.groups && key.size() == sums.groups &&
         std::all_of(key.begin(), key.end(),
                     [&](const std::string& each) { return names.contains(to_lower(each)); });
}

// The model's SELECT over a relation in place of its table.
std::string over(const pack::Model& model, Date as_of, const std::string& relation) {
  pack::Rewriter rewriter(model.sql);
  const pack::TableReference& reference = model.mapping->references.front();
  rewriter.replace(reference.begin, reference.end, pack::replacement(reference, relation));
  return pack::sql_as_of(rewriter.finish(), as_of);
}

// By column whose different values are counted: the rows that share a value and a group with some
// row of `changed`, as far as the count hangs on their columns. Whether others have the value in
// other groups does not matter.
std::map<std::string, engine::LookUp> distinct_look_ups(const pack::Model& model,
                                                        const engine::GroupSums& sums,
                                                        const std::string& changed) {
  std::set<std::string> groups;
  for (const auto& item : sums.items) {
    if (item.kind == Kind::kGroup) groups.insert(item.column);
  }
  std::map<std::string, engine::LookUp> out;
  for (const auto& item : sums.items) {
    if (item.kind != Kind::kDistinct) continue;
    std::set<std::string> found_by = groups;
    found_by.insert(item.column);
    std::set<std::string> columns = found_by;
    columns.insert(sums.chosen_by.begin(), sums.chosen_by.end());
    const std::vector<std::string> by(found_by.begin(), found_by.end());
    out[item.column] = {model.mapping->references.front().name,
                        {{by, changed, by}},
                        {columns.begin(), columns.end()}};
  }
  return out;
}

// What is added up by the key, of one table and without judging rows; absent for another model.
std::optional<engine::GroupSums> sums_by_key(const pack::Model& model) {
  if (model.mapping == nullptr || model.mapping->references.size() != 1 ||
      !model.rules.of(pack::RuleGroup::kRow).empty()) {
    return std::nullopt;
  }
  auto sums = engine::group_sums(model.sql);
  if (!sums || sums->items.size() != model.columns.size() || !grouped_by_key(model, *sums)) {
    return std::nullopt;
  }
  return sums;
}

// The rows of `found` as they were, each once: without those that came, and with those that went.
std::string rows_before(const std::string& columns, const std::string& found,
                        const std::string& came, const std::string& went) {
  return fmt::format(
      "SELECT {0} FROM (SELECT {0}, 1 AS _n FROM {1} UNION ALL SELECT {0}, -1 FROM {2} UNION ALL "
      "SELECT {0}, 1 FROM {3}) GROUP BY {0} HAVING sum(_n) > 0",
      columns, found, came, went);
}

}  // namespace

std::vector<engine::LookUp> look_ups_of_sums(const pack::Model& model) {
  std::vector<engine::LookUp> out;
  const auto sums = sums_by_key(model);
  if (!sums) return out;
  for (auto& [column, look_up] : distinct_look_ups(model, *sums, "changed")) {
    out.push_back(std::move(look_up));
  }
  return out;
}

Result<std::string> added_up(engine::Session& session, const pack::Model& model) {
  const auto sums = sums_by_key(model);
  if (!sums) return std::string();
  const std::string& table = model.mapping->references.front().name;
  TRY(const auto described, session.describe("SELECT * FROM " + table));
  Types types;
  for (const auto& column : described) {
    // A field of a STRUCT is written as a column of a table is.
    if (column.type.starts_with("STRUCT")) return std::string();
    types[to_lower(column.name)] = column.type;
  }
  bool counts_rows = false;
  for (std::size_t i = 0; i < sums->items.size(); ++i) {
    const engine::GroupSums::Item& item = sums->items[i];
    const bool adds = item.kind == Kind::kSum || item.kind == Kind::kDistinct;
    if (adds && !exact(item, model.columns[i].type, types)) return std::string();
    counts_rows = counts_rows || item.counts_rows;
  }
  // Without a count of rows one does not see that a key has none any more.
  return counts_rows ? table : std::string();
}

Result<std::string> select_of_sums(const SumChange& change) {
  const pack::Model& model = change.model;
  const auto sums = engine::group_sums(model.sql);
  CHECK(sums, "the model adds up");
  // What stands in columns that the model does not read does not matter to it.
  const std::string columns = list_of({sums->columns.begin(), sums->columns.end()});
  const auto rows_that = [&](const char* came_or_went) {
    return fmt::format("(SELECT {} FROM {} WHERE _change_type = '{}')", columns, change.changed,
                       came_or_went);
  };
  const std::string came = rows_that("insert");
  const std::string went = rows_that("delete");
  std::string with = fmt::format("WITH came AS ({}),\nwent AS ({})",
                                 over(model, change.as_of, came), over(model, change.as_of, went));
  const auto joined = [&](const std::string& relation, const std::string& name) {
    return fmt::format(" LEFT JOIN {} AS {} ON {}", relation, name,
                       pack::equal_columns("k", model.header.key, name, model.header.key));
  };
  std::string from = fmt::format("{} AS k", change.keys) + joined(change.old, "o") +
                     joined("came", "came") + joined("went", "went");
  // How many values a column has in a group changes by those that come and go, and these are looked
  // at in all of their rows: as they are, and as they were without what came and with what went.
  // How often a row was there does not matter, only whether it was.
  std::map<std::string, std::size_t> distinct;
  for (const auto& [column, look_up] : distinct_look_ups(model, *sums, change.changed)) {
    const std::size_t n = distinct.size();
    distinct[column] = n;
    TRY(const std::string found, change.find(look_up));
    const std::string some = list_of(look_up.columns);
    const std::string before = rows_before(some, fmt::format("found_{}", n), came, went);
    // The other columns that the model reads are there, and empty.
    const auto of = [&](const std::string& rows) {
      return over(model, change.as_of,
                  fmt::format("(SELECT {0} FROM {1} WHERE FALSE UNION ALL BY NAME {2})", columns,
                              came, rows));
    };
    with += fmt::format(
        ",\nfound_{0} AS MATERIALIZED (SELECT {1} FROM {2}),\nnow_{0} AS ({3}),\nbefore_{0} AS "
        "({4})",
        n, some, found, of(fmt::format("SELECT {} FROM found_{}", some, n)), of(before));
    for (const char* when : {"now", "before"}) {
      const std::string name = fmt::format("{}_{}", when, n);
      from += joined(name, name);
    }
  }
  std::string list;
  std::string rows;
  for (std::size_t i = 0; i < sums->items.size(); ++i) {
    const engine::GroupSums::Item& item = sums->items[i];
    const std::string column = sql_identifier(model.columns[i].name);
    std::string value;
    if (item.kind == Kind::kSum || item.kind == Kind::kDistinct) {
      std::string more = "came";
      std::string less = "went";
      if (item.kind == Kind::kDistinct) {
        more = fmt::format("now_{}", distinct.at(item.column));
        less = fmt::format("before_{}", distinct.at(item.column));
      }
      value = fmt::format(
          "CAST(COALESCE(o.{0}, 0) + COALESCE({1}.{0}, 0) - COALESCE({2}.{0}, 0) "
          "AS {3})",
          column, more, less, model.columns[i].type);
      if (item.counts_rows) rows = value;
    } else {
      value = fmt::format("CASE WHEN o.{0} IS NULL THEN came.{1} ELSE o.{1} END",
                          sql_identifier(model.header.key.front()), column);
    }
    list += fmt::format("{}{} AS {}", list.empty() ? "" : ", ", value, column);
  }
  return fmt::format("{}\nSELECT {} FROM {} WHERE {} <> 0", with, list, from, rows);
}

std::string impossible_sums(const pack::Model& model, const std::string& rows) {
  const auto sums = engine::group_sums(model.sql);
  CHECK(sums, "the model adds up");
  std::string any;
  for (std::size_t i = 0; i < sums->items.size(); ++i) {
    const engine::GroupSums::Item& item = sums->items[i];
    const std::string column = sql_identifier(model.columns[i].name);
    // A SUM may be negative, a count may not.
    const bool counts =
        item.kind == Kind::kDistinct || (item.kind == Kind::kSum && item.column.empty());
    if (counts) any += fmt::format("{}{} < 0", any.empty() ? "" : " OR ", column);
  }
  return fmt::format("SELECT * FROM {} WHERE {}", rows, any);
}

std::string sums_over(const pack::Model& model, Date as_of, const std::string& relation) {
  return over(model, as_of, relation);
}

}  // namespace claimlake::refresh
