#include "lake/table_statement.h"

#include "lake/change.h"
#include "lake/define.h"

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

}  // namespace

Result<std::optional<TableStatement>> parse_table_statement(std::string_view sql) {
  TRY(auto definition, parse_definition(sql));
  if (definition) {
    return std::optional<TableStatement>({std::string(sql), *std::move(definition)});
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
  const auto& change = std::get<engine::ChangeStatement>(statement.what);
  // Only for mistakes that have a place in the text: what is about our tables, we say better.
  const auto checked = session.check(statement.sql);
  if (!checked && !checked.error().where.empty()) return checked.error();
  TRY(const ChangeReport report, change_rows(lake, session, change, run, cancel));
  return answer(change.kind, report);
}

}  // namespace claimlake::lake
