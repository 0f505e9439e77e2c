#include "lake/merge_join.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/text.h"
#include "delta/column_mapping.h"

namespace claimlake::lake {
namespace {

using Statement = engine::ChangeStatement;

constexpr const char* kSource = "__source";
constexpr const char* kKeys = "__keys";

// A column of so many times fewer values than there are rows tells too few of them apart.
constexpr std::int64_t kRowsPerValue = 16;

// The source is kept, to be joined twice; one that is nearly as large as the table is not worth it.
constexpr std::int64_t kRowsPerSourceRow = 4;

std::optional<std::int64_t> whole_number(const std::optional<std::string>& text) {
  std::int64_t value = 0;
  if (!text) return std::nullopt;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), value);
  if (read.ec != std::errc() || read.ptr != text->data() + text->size()) return std::nullopt;
  return value;
}

// How many values there can be at most, as the statistics say; absent if they do not.
std::optional<std::uint64_t> value_count(const delta::Snapshot& table, const delta::Field& field) {
  const auto mapping = delta::column_mapping(table.protocol(), table.metadata());
  std::optional<std::int64_t> least;
  std::optional<std::int64_t> most;
  for (const auto& entry : table.column_stats(delta::physical_name(field, mapping)).entries) {
    const auto low = whole_number(entry.min);
    const auto high = whole_number(entry.max);
    if (!low || !high) return std::nullopt;
    least = std::min(least.value_or(*low), *low);
    most = std::max(most.value_or(*high), *high);
  }
  if (!least) return std::nullopt;
  return static_cast<std::uint64_t>(*most) - static_cast<std::uint64_t>(*least);
}

bool tells_rows_apart(const delta::Snapshot& table, const delta::Field& field,
                      std::int64_t large_table_rows) {
  const auto& partition = table.metadata().partition_columns;
  if (std::find(partition.begin(), partition.end(), field.name) != partition.end()) return false;
  const std::string type = field.type.text();
  if (type == "string") return true;  // keys that are texts are ids
  if (type != "integer" && type != "long") return false;
  const auto values = value_count(table, field);
  return values && *values >= static_cast<std::uint64_t>(large_table_rows / kRowsPerValue);
}

// A name such as gold.t.id means the table itself, which a query in its place would hide.
bool names_by_schema(const Statement& merge) {
  const std::string name = to_lower(merge.table);
  const std::string plain = "." + name + ".";
  const std::string quoted = "." + sql_identifier(name) + ".";
  const auto has = [&](const std::string& text) {
    const std::string lower = to_lower(text);
    return lower.find(plain) != std::string::npos || lower.find(quoted) != std::string::npos;
  };
  return has(merge.condition) ||
         std::any_of(
             merge.clauses.begin(), merge.clauses.end(), [&](const Statement::Clause& each) {
               return has(each.condition) ||
                      std::any_of(each.assignments.begin(), each.assignments.end(),
                                  [&](const auto& set) { return has(set.value.value_or("")); });
             });
}

// How many rows the engine expects of the source; absent if it does not say.
std::optional<std::int64_t> expected_rows(const Statement& merge, engine::Session& session) {
  const auto rows = session.query(
      fmt::format("EXPLAIN (FORMAT json) {}SELECT * FROM {}", merge.with, merge.source));
  if (!rows) return std::nullopt;
  const auto table = engine::read_all(**rows);
  if (!table || table->rows.empty() || table->rows[0].empty()) return std::nullopt;
  // The topmost operator of the plan is the one whose facts end the text.
  constexpr std::string_view kName = "\"Estimated Cardinality\": \"";
  const std::string plan = table->rows[0].back().value_or("");
  const auto at = plan.rfind(kName);
  if (at == std::string::npos) return std::nullopt;
  const auto number = at + kName.size();
  return whole_number(plan.substr(number, plan.find('"', number) - number));
}

}  // namespace

std::optional<Statement::Equality> narrowing_key(const Statement& merge,
                                                 const delta::Snapshot& table,
                                                 engine::Session& session,
                                                 std::int64_t large_table_rows) {
  if (merge.equalities.empty() || names_by_schema(merge)) return std::nullopt;
  const auto rows = table.row_count();
  if (!rows || *rows < large_table_rows) return std::nullopt;
  if (large_table_rows > 0) {
    const auto expected = expected_rows(merge, session);
    if (!expected || *expected > *rows / kRowsPerSourceRow) return std::nullopt;
  }
  for (const Statement::Equality& equality : merge.equalities) {
    for (const delta::Field& field : table.schema().fields) {
      if (to_lower(field.name) != to_lower(equality.column)) continue;
      if (tells_rows_apart(table, field, large_table_rows)) return equality;
    }
  }
  return std::nullopt;
}

MergeJoin merge_join(const Statement& merge, const std::string& relation,
                     const std::string& qualifier, MergeSides sides,
                     const std::optional<Statement::Equality>& key) {
  const char* join = sides.without_target && sides.without_source ? "FULL JOIN"
                     : sides.without_target                       ? "RIGHT JOIN"
                     : sides.without_source                       ? "LEFT JOIN"
                                                                  : "JOIN";
  const std::string alias = sql_identifier(merge.source_alias);
  const std::string source =
      fmt::format("(SELECT {}.*, true AS {} FROM {})", alias, kMergePresent, merge.source);
  std::string condition = merge.condition;
  for (const std::string& name : merge.using_columns) {
    if (!condition.empty()) condition += " AND ";
    condition +=
        fmt::format("{}.{} = {}.{}", qualifier, sql_identifier(name), alias, sql_identifier(name));
  }
  if (!key || sides.without_source) {
    return {merge.with,
            fmt::format("{} {} {} AS {} ON {}", relation, join, source, alias, condition)};
  }
  // The source is computed once. Rows of it without a key find nothing; saying so also tells the
  // engine that the filter is worth its while.
  MergeJoin out;
  out.with = fmt::format("{} {} AS MATERIALIZED {} ",
                         merge.with.empty() ? "WITH" : merge.with + ",", kSource, source);
  const std::string of_source = sql_identifier(key->source_column);
  out.from = fmt::format(
      "(SELECT *, file_number, file_row_number FROM {} SEMI JOIN (SELECT {} AS k FROM {} WHERE {} "
      "IS "
      "NOT NULL) AS {} ON {}.{} = {}.k) AS {} {} {} AS {} ON {}",
      relation, of_source, kSource, of_source, kKeys, qualifier, sql_identifier(key->column), kKeys,
      qualifier, join, kSource, alias, condition);
  return out;
}

}  // namespace claimlake::lake
