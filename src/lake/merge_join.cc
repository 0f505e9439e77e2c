#include "lake/merge_join.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
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

// How many values there can be at most, as the statistics say; absent if they do not.
std::optional<std::uint64_t> value_count(const delta::Snapshot& table, const delta::Field& field) {
  const auto mapping = delta::column_mapping(table.protocol(), table.metadata());
  std::optional<std::int64_t> least;
  std::optional<std::int64_t> most;
  for (const auto& entry : table.column_stats(delta::physical_name(field, mapping)).entries) {
    const auto low = whole_number(entry.min.value_or(""));
    const auto high = whole_number(entry.max.value_or(""));
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

bool is_whole(const std::string& type) {
  return type == "TINYINT" || type == "SMALLINT" || type == "INTEGER" || type == "BIGINT";
}

// Whether a value of the source is compared as it is, or as a wider whole number. Elsewhere the
// engine would cast all values of the table, also those of rows that the rest of the condition
// leaves out, and one that does not fit would stop the statement.
bool compared_as_is(const delta::Field& field, const std::string& of_source) {
  return field.type.text() == "string" ? of_source == "VARCHAR" : is_whole(of_source);
}

// The source's columns and their types, names in lower case; empty if it cannot be read.
std::map<std::string, std::string> source_types(const Statement& merge, engine::Session& session) {
  std::map<std::string, std::string> out;
  const auto columns = session.describe(merge.with + "SELECT * FROM " + merge.source);
  if (!columns) return out;
  for (const engine::ColumnInfo& column : *columns) out[to_lower(column.name)] = column.type;
  return out;
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
    const auto expected = session.expected_rows(merge.with + "SELECT * FROM " + merge.source);
    if (!expected || *expected > *rows / kRowsPerSourceRow) return std::nullopt;
  }
  const auto types = source_types(merge, session);
  for (const Statement::Equality& equality : merge.equalities) {
    const auto of_source = types.find(to_lower(equality.source_column));
    for (const delta::Field& field : table.schema().fields) {
      if (to_lower(field.name) != to_lower(equality.column) || of_source == types.end()) continue;
      if (!compared_as_is(field, of_source->second)) continue;
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
      "(SELECT *, file_number, file_row_number FROM {} "
      "SEMI JOIN (SELECT {} AS k FROM {} WHERE {} IS NOT NULL) AS {} ON {}.{} = {}.k) "
      "AS {} {} {} AS {} ON {}",
      relation, of_source, kSource, of_source, kKeys, qualifier, sql_identifier(key->column), kKeys,
      qualifier, join, kSource, alias, condition);
  return out;
}

}  // namespace claimlake::lake
