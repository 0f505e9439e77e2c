#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "engine/change_statement.h"
#include "lake/inspect.h"
#include "lake/lake.h"
#include "lake/maintain.h"
#include "lake/table_definition.h"

namespace claimlake::lake {

// A statement about a table of the lake that the engine itself does not run.
struct TableStatement {
  std::string sql;  // as it was typed, but for words that the engine's parser does not know
  std::variant<engine::ChangeStatement, Definition, Maintenance, Inspection> what;
};

// Reads INSERT, UPDATE, DELETE, TRUNCATE, MERGE, and what parse_definition, parse_maintenance and
// parse_inspection read. Absent: `sql` is for the engine, which also explains what cannot be read
// at all. Errors: kInvalidInput, a part that no table can do.
Result<std::optional<TableStatement>> parse_table_statement(std::string_view sql);

// Runs it in `session` (kInternal, at rest; its interrupt and time limit stop the statement). The
// answer is a small table with the columns that Spark answers with (num_affected_rows, ...).
// `run`: named in the history. Errors: those of change_rows and define; `where` is line:column in
// the text.
Result<engine::TextTable> run_table_statement(Lake& lake, engine::Session& session,
                                              const TableStatement& statement,
                                              const std::string& run, const Cancel& cancel = {});

}  // namespace claimlake::lake
