#include "lake/insert_statement.h"

#include <fmt/format.h>

#include "base/text.h"
#include "lake/sql_cursor.h"

namespace claimlake::lake {
namespace {

using Assignment = engine::ChangeStatement::Assignment;

// "(p = v, q)", after PARTITION: the columns that all rows have one value of. What stands there
// without a value is a column of the rows like others.
Result<std::vector<Assignment>> read_partition(SqlCursor& cursor) {
  TRY_DONE(cursor.expect("("));
  std::vector<Assignment> out;
  do {
    TRY(const std::string column, cursor.name());
    if (!cursor.take("=")) continue;
    TRY(const std::string value, cursor.expression());
    out.push_back({column, value});
  } while (cursor.take(","));
  TRY_DONE(cursor.expect(")"));
  return out;
}

std::string condition_of(const std::vector<Assignment>& partition) {
  std::string out;
  for (const Assignment& each : partition) {
    out += fmt::format("{}{} IS NOT DISTINCT FROM ({})", out.empty() ? "" : " AND ",
                       sql_identifier(each.column), *each.value);
  }
  return out;
}

}  // namespace

Result<std::optional<ReadInsert>> parse_insert(std::string_view sql) {
  SqlCursor cursor(sql);
  const bool overwrite = cursor.take("insert overwrite");
  if (!overwrite && !cursor.take("insert into")) return std::optional<ReadInsert>();
  if (overwrite && !cursor.take("table")) (void)cursor.take("into");
  auto name = cursor.table();
  if (!name && !overwrite) return std::optional<ReadInsert>();
  if (!name) return std::move(name).error();
  std::vector<Assignment> partition;
  std::string condition;
  const bool parted = cursor.take("partition");
  if (parted) {
    TRY(partition, read_partition(cursor));
    if (overwrite) condition = condition_of(partition);
  } else if (!overwrite) {
    if (!cursor.take("replace where")) return std::optional<ReadInsert>();
    TRY(condition, cursor.expression({"select", "values", "with"}));
  }
  if (!condition.empty()) {
    // The condition is read as that of a DELETE: what may stand in one may stand in the other.
    TRY(const auto checked,
        engine::parse_change(fmt::format("DELETE FROM {} WHERE {}", name->text(), condition)));
    if (!checked) return cursor.wrong("a condition that can be read before this");
    condition = checked->condition;
  }
  ReadInsert out;
  out.sql = fmt::format("INSERT INTO {} {}", name->text(), cursor.rest());
  TRY(auto change, engine::parse_change(out.sql));
  if (!change || change->kind != engine::ChangeStatement::Kind::kInsert) {
    return Error{Fault::kInvalidInput, "The rows that are to come cannot be read", "",
                 "write INSERT OVERWRITE table SELECT ..., or try the SELECT by itself"};
  }
  out.change = *std::move(change);
  out.change.overwrite = overwrite || !parted;
  out.change.replace = std::move(condition);
  out.change.partition = std::move(partition);
  return std::optional<ReadInsert>(std::move(out));
}

}  // namespace claimlake::lake
