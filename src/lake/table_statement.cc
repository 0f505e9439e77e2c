#include "lake/table_statement.h"

#include <fmt/format.h>

#include "lake/change.h"
#include "lake/define.h"
#include "lake/schema_evolution.h"
#include "lake/sql_cursor.h"

namespace claimlake::lake {
namespace {

using Kind = engine::ChangeStatement::Kind;

engine::TextTable one_row(const std::vector<std::pair<std::string, std::int64_t>>& figures) {
  engine::TextTable out;
  out.rows.emplace_back();
  for (const auto& [name, value] : figures) {
    out.columns.push_back({name, "BIGINT"});
    out.rows[0].emplace_back(std::to_string(value));
  }
  return out;
}

engine::TextTable answer(Kind kind, const ChangeReport& report) {
  const std::int64_t all = report.rows_inserted + report.rows_updated + report.rows_deleted;
  switch (kind) {
    case Kind::kInsert:
      return one_row({{"num_affected_rows", all}, {"num_inserted_rows", report.rows_inserted}});
    case Kind::kMerge:
      return one_row({{"num_affected_rows", all},
                      {"num_updated_rows", report.rows_updated},
                      {"num_deleted_rows", report.rows_deleted},
                      {"num_inserted_rows", report.rows_inserted}});
    case Kind::kUpdate:
    case Kind::kDelete:
      break;
  }
  return one_row({{"num_affected_rows", all}});
}

// In the columns that Spark answers with.
Result<engine::TextTable> maintain(Lake& lake, engine::Session& session,
                                   const Maintenance& maintenance, const std::string& run,
                                   const Cancel& cancel) {
  if (const auto* what = std::get_if<Restore>(&maintenance)) {
    TRY(const auto report, restore(lake, *what, run));
    return one_row(
        {{"table_size_after_restore", report.snapshot->files_bytes()},
         {"num_of_files_after_restore", static_cast<std::int64_t>(report.snapshot->files().size())},
         {"num_removed_files", report.files_removed},
         {"num_restored_files", report.files_added},
         {"removed_files_size", report.bytes_removed},
         {"restored_files_size", report.bytes_added}});
  }
  if (const auto* what = std::get_if<Optimize>(&maintenance)) {
    TRY(const auto report, optimize(lake, session, *what, run, cancel));
    return one_row({{"num_files_added", report.files_added},
                    {"num_files_removed", report.files_removed},
                    {"bytes_added", report.bytes_added},
                    {"bytes_removed", report.bytes_removed}});
  }
  const auto& what = std::get<Vacuum>(maintenance);
  TRY(const auto report, vacuum(lake, what, cancel));
  if (!what.dry_run) {
    return one_row(
        {{"num_files_deleted", report.files_removed}, {"bytes_deleted", report.bytes_removed}});
  }
  engine::TextTable out{{{"path", "VARCHAR"}}, {}};
  for (const std::string& path : report.vacuumed) out.rows.push_back({path});
  return out;
}

// INSERT OVERWRITE t SELECT ..., and INSERT INTO t REPLACE WHERE condition SELECT ..., which the
// engine's parser does not know: without those words it does. Absent: another statement.
struct Overwrite {
  std::string insert;     // INSERT INTO t SELECT ...
  std::string condition;  // "" = all rows go
};
Result<std::optional<Overwrite>> parse_overwrite(std::string_view sql) {
  SqlCursor cursor(sql);
  if (cursor.take("insert overwrite")) {
    if (!cursor.take("table")) (void)cursor.take("into");
    return std::optional<Overwrite>({"INSERT INTO " + cursor.rest(), ""});
  }
  if (!cursor.take("insert into")) return std::optional<Overwrite>();
  const auto name = cursor.table();
  if (!name || !cursor.take("replace where")) return std::optional<Overwrite>();
  TRY(const std::string condition, cursor.expression({"select", "values", "with"}));
  // The condition is read as that of a DELETE: what may stand in one may stand in the other.
  TRY(const auto checked,
      engine::parse_change(fmt::format("DELETE FROM {} WHERE {}", name->text(), condition)));
  if (!checked) return cursor.wrong("a condition that can be read before this");
  return std::optional<Overwrite>(
      {fmt::format("INSERT INTO {} {}", name->text(), cursor.rest()), checked->condition});
}

}  // namespace

Result<std::optional<TableStatement>> parse_table_statement(std::string_view sql) {
  TRY(auto definition, parse_definition(sql));
  if (definition) {
    return std::optional<TableStatement>({std::string(sql), *std::move(definition)});
  }
  TRY(auto maintenance, parse_maintenance(sql));
  if (maintenance) {
    return std::optional<TableStatement>({std::string(sql), *std::move(maintenance)});
  }
  TRY(auto inspection, parse_inspection(sql));
  if (inspection) {
    return std::optional<TableStatement>({std::string(sql), *std::move(inspection)});
  }
  TRY(const auto overwrite, parse_overwrite(sql));
  if (overwrite) {
    TRY(auto insert, engine::parse_change(overwrite->insert));
    if (!insert || insert->kind != Kind::kInsert) {
      return Error{Fault::kInvalidInput, "The rows that are to come cannot be read", "",
                   "write INSERT OVERWRITE table SELECT ..., or try the SELECT by itself"};
    }
    insert->overwrite = true;
    insert->replace = overwrite->condition;
    return std::optional<TableStatement>({overwrite->insert, *std::move(insert)});
  }
  if (const auto evolving = without_evolution(sql)) {
    TRY(auto change, engine::parse_change(*evolving));
    if (!change) return std::optional<TableStatement>();
    change->evolve = true;
    change->by_name = change->columns.empty();
    return std::optional<TableStatement>({*evolving, *std::move(change)});
  }
  TRY(auto change, engine::parse_change(sql));
  if (!change) return std::optional<TableStatement>();
  return std::optional<TableStatement>({std::string(sql), *std::move(change)});
}

Result<engine::TextTable> run_table_statement(Lake& lake, engine::Session& session,
                                              const TableStatement& statement,
                                              const std::string& run, const Cancel& cancel) {
  if (const auto* definition = std::get_if<Definition>(&statement.what)) {
    TRY_DONE(define(lake, session, *definition, run));
    return engine::TextTable{};
  }
  if (const auto* maintenance = std::get_if<Maintenance>(&statement.what)) {
    return maintain(lake, session, *maintenance, run, cancel);
  }
  if (const auto* inspection = std::get_if<Inspection>(&statement.what)) {
    return inspect(lake, *inspection);
  }
  const auto& change = std::get<engine::ChangeStatement>(statement.what);
  // Only for mistakes that have a place in the text: what is about our tables, we say better.
  const Done checked = change.evolve ? done() : session.check(statement.sql);
  if (!checked && !checked.error().where.empty()) return checked.error();
  TRY(const ChangeReport report, change_rows(lake, session, change, run, cancel));
  return answer(change.kind, report);
}

}  // namespace claimlake::lake
