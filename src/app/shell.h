#pragma once

#include <string>

#include "app/home.h"
#include "app/interrupt.h"
#include "app/output.h"

namespace claimlake::app {

enum class RowFormat { kBox, kCsv, kJson };

// An error of `sql` with line:column as its place, with that line and a mark under the column.
Error point_into(Error error, const std::string& sql);
// Errors: kInvalidInput for a name that is none.
Result<RowFormat> parse_row_format(const std::string& name);

struct ShellOptions {
  RowFormat format = RowFormat::kBox;
  bool timing = false;
  std::size_t row_limit = 1'000;  // of the box form; the others print all
  Interrupt::Again again = Interrupt::Again::kEnds;
};

// Runs one statement and prints its rows.
Result<Exit> run_statement(Home& home, const std::string& sql, const ShellOptions& options);

// Reads statements from the terminal (history, several lines, Ctrl-C stops the query and not the
// shell) or from standard input until its end. Returns the worst exit of a statement for standard
// input, kDone for a terminal.
Exit run_shell(Home& home, ShellOptions options);

// True if `text` holds a whole statement: a ';' outside of quotes and comments ends it.
bool is_complete_statement(const std::string& text);

}  // namespace claimlake::app
