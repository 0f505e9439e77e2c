#include "app/commands.h"
#include "app/shell.h"

namespace claimlake::app {

void add_sql_command(CLI::App& app, Globals& globals, Command& command) {
  CLI::App* sql = app.add_subcommand(
      "sql",
      "Ask the lake in SQL: one statement, or a shell without one\n"
      "  claimlake sql \"SELECT * FROM gold.monthly_kpis ORDER BY year_month DESC LIMIT 3\"\n"
      "  claimlake sql \"SELECT count(*) FROM silver.fact_claims AT (VERSION => 0)\"\n"
      "  claimlake sql \"CREATE TABLE gold.notes (claim_id STRING NOT NULL, note STRING)\"\n"
      "  claimlake sql \"DELETE FROM gold.notes WHERE claim_id = 'C1'\"");
  struct Options {
    std::string statement;
    std::string format = "box";
    bool timing = false;
  };
  auto options = std::make_shared<Options>();
  const CLI::Option* statement = sql->add_option(
      "STATEMENT", options->statement, "A query, or a change of a table; none starts the shell");
  sql->add_option("--format", options->format, "box, csv or json")
      ->type_name("FORM")
      ->capture_default_str();
  sql->add_flag("--timing", options->timing, "Say how long the statement took");
  sql->callback([&globals, &command, options, statement] {
    command = [&globals, options, shell_wanted = statement->count() == 0]() -> Result<Exit> {
      ShellOptions shell;
      TRY(shell.format, parse_row_format(globals.output.json ? "json" : options->format));
      shell.timing = options->timing;
      TRY(const auto home, globals.open());
      if (shell_wanted) return run_shell(*home, shell);
      return run_statement(*home, options->statement, shell);
    };
  });
}

}  // namespace claimlake::app
