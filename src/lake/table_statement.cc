#include "lake/table_statement.h"

#include <fmt/format.h>

#include "lake/change.h"
#include "lake/define.h"
#include "lake/field_values.h"
#include "lake/insert_statement.h"
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
  TRY(const auto report, vacuum(lake, what, run, cancel));
  if (what.dry_run) {
    engine::TextTable out{{{"path", "VARCHAR"}}, {}};
    for (const store::ObjectInfo& object : report.vacuumed) out.rows.push_back({object.path});
    return out;
  }
  std::int64_t bytes = 0;
  for (const store::ObjectInfo& object : report.vacuumed) bytes += object.size;
  return one_row({{"num_files_deleted", static_cast<std::int64_t>(report.vacuumed.size())},
                  {"bytes_deleted", bytes}});
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
  TRY(auto insert, parse_insert(sql));
  if (insert) {
    return std::optional<TableStatement>({std::move(insert->sql), std::move(insert->change)});
  }
  const auto evolving = without_evolution(sql);
  std::string plain = evolving.value_or(std::string(sql));
  if (auto without_paths = with_plain_names(plain)) plain = *std::move(without_paths);
  TRY(auto change, engine::parse_change(plain));
  if (!change) return std::optional<TableStatement>();
  if (evolving) {
    change->evolve = true;
    change->by_name = change->columns.empty();
  }
  return std::optional<TableStatement>({std::move(plain), *std::move(change)});
}

Result<engine::TextTable> run_table_statement(Lake& lake, engine::Session& session,
                                              const TableStatement& statement,
                                              const std::string& run, const Cancel& cancel) {
  if (const auto* definition = std::get_if<Definition>(&statement.what)) {
    TRY_DONE(define(lake, session, *definition, run, cancel));
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
  const bool ours = change.evolve || has_paths(statement.sql) || !change.partition.empty();
  const Done checked = ours ? done() : session.check(statement.sql);
  if (!checked && !checked.error().where.empty()) return checked.error();
  TRY(const ChangeReport report,
      change_rows(lake, session, change, {.run = run, .cancel = cancel}));
  return answer(change.kind, report);
}

}  // namespace claimlake::lake
