#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <memory>
#include <string>

#include "app/home.h"
#include "app/output.h"

namespace claimlake::app {

// What every command knows from the command line.
struct Globals {
  std::string folder = "lake";
  std::string memory;  // text of --memory
  Output output;
  Overrides overrides;

  // Opens the lake with what the command line says.
  Result<std::unique_ptr<Home>> open() const;
};

// The command that the command line names; run after parsing.
using Command = std::function<Result<Exit>()>;

// Each adds its commands to `app`; parsing then sets `command`. `globals` and `command` outlive
// `app`.
void add_lake_commands(CLI::App& app, Globals& globals, Command& command);  // init demo doctor
void add_pipeline_commands(CLI::App& app, Globals& globals,
                           Command& command);                               // generate ingest run
void add_live_commands(CLI::App& app, Globals& globals, Command& command);  // watch pipeline
void add_sql_command(CLI::App& app, Globals& globals, Command& command);
void add_table_commands(CLI::App& app, Globals& globals, Command& command);
// `table` is the command "table".
void add_check_command(CLI::App& table, Globals& globals, Command& command);
void add_model_commands(CLI::App& app, Globals& globals, Command& command);
// `model` is the command "model".
void add_model_test_command(CLI::App& model, Globals& globals, Command& command);
void add_plan_commands(CLI::App& app, Globals& globals, Command& command);  // plan apply
void add_env_commands(CLI::App& app, Globals& globals, Command& command);   // env
void add_lineage_command(CLI::App& app, Globals& globals, Command& command);
void add_why_command(CLI::App& app, Globals& globals, Command& command);
void add_quality_commands(CLI::App& app, Globals& globals, Command& command);
// recheck replay waive withdraw; `quality` is the command "quality".
void add_quarantine_commands(CLI::App& quality, Globals& globals, Command& command);
void add_prove_command(CLI::App& app, Globals& globals, Command& command);
void add_upkeep_command(CLI::App& app, Globals& globals, Command& command);
void add_serve_command(CLI::App& app, Globals& globals, Command& command);
void add_completion_command(CLI::App& app, Globals& globals, Command& command);

// Parses the command line and runs what it names. Never throws.
int run_cli(int argc, char** argv);

}  // namespace claimlake::app
