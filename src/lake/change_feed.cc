#include "lake/change_feed.h"

#include <fmt/format.h>

#include "base/text.h"
#include "delta/change_feed.h"

namespace claimlake::lake {
namespace {

using Effect = ChangeSelect::Effect;

// The clauses of one effect, as in "0, 2"; "" if there are none.
std::string clauses_that(Effect effect, const ChangeSelect& select) {
  std::string out;
  for (std::size_t i = 0; i < select.clauses.size(); ++i) {
    if (select.clauses[i] == effect) out += (out.empty() ? "" : ", ") + std::to_string(i);
  }
  return out;
}

std::string columns_of(const delta::Schema& schema, std::string_view relation) {
  std::string out;
  for (const delta::Field& field : schema.fields) {
    out += fmt::format("{}.{}, ", relation, sql_identifier(field.name));
  }
  return out;
}

}  // namespace

std::string change_feed_select(const ChangeSelect& select, const ChangeTarget& target,
                               const std::string& changes, const std::vector<std::size_t>& files) {
  const std::string inserts = clauses_that(Effect::kInsert, select);
  const std::string updates = clauses_that(Effect::kUpdate, select);
  const auto came = [&](const std::string& clauses, const char* type) {
    return fmt::format("SELECT {}'{}' AS {} FROM {} AS c WHERE c.{} IN ({}) AND NOT c.{}",
                       columns_of(target.schema, "c"), type, delta::kChangeType, changes,
                       ChangeSelect::kClause, clauses, ChangeSelect::kSame);
  };
  std::string sql;
  const auto add = [&](const std::string& part) {
    sql += (sql.empty() ? "" : " UNION ALL ") + part;
  };
  if (!inserts.empty()) add(came(inserts, delta::kInserted));
  if (!updates.empty()) add(came(updates, delta::kAfterUpdate));
  if (files.empty()) return sql;
  std::string list;
  for (const std::size_t number : files)
    list += (list.empty() ? "" : ", ") + std::to_string(number);
  // What a row was is not kept by the change: the files that lose rows are read once more. A row
  // that is deleted for several rows of the source was deleted once.
  const std::string type =
      updates.empty()
          ? fmt::format("'{}'", delta::kDeleted)
          : fmt::format("CASE WHEN {} IN ({}) THEN '{}' ELSE '{}' END", ChangeSelect::kClause,
                        updates, delta::kBeforeUpdate, delta::kDeleted);
  add(fmt::format(
      "SELECT {}c.__type AS {} FROM lake.{}.{} AS t JOIN (SELECT DISTINCT {} AS __file, {} AS "
      "__row, {} AS __type FROM {} WHERE {} IS NOT NULL AND NOT {}) AS c ON t.file_number = "
      "c.__file AND t.file_row_number = c.__row WHERE t.file_number IN ({})",
      columns_of(target.schema, "t"), delta::kChangeType, sql_identifier(target.name.schema),
      sql_identifier(target.name.table), ChangeSelect::kFile, ChangeSelect::kRow, type, changes,
      ChangeSelect::kFile, ChangeSelect::kSame, list));
  return sql;
}

}  // namespace claimlake::lake
