#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/help.h"
#include "app/version.h"
#include "base/log.h"
#include "base/text.h"
#include "store/store_url.h"

namespace claimlake::app {
namespace {

constexpr const char* kFooter = R"(Examples:
  claimlake demo                     a pet insurer in ./lake, with its page
  claimlake init --lake mylake       an empty lake
  claimlake ingest exports/          take raw files in
  claimlake run                      bring Silver and Gold up to date
  claimlake sql "SELECT * FROM gold.monthly_kpis"

Options may stand before or behind the command. claimlake COMMAND --help says what one takes.

Exit codes: 0 done, 1 a rule or table failed, 2 wrong usage, 3 wrong input, 4 not found,
5 conflict, 6 unavailable (disk, permission, memory), 7 damaged data, 8 timeout, 130 Ctrl-C)";

std::string version_text() {
  return std::string("claimlake ") + kVersion + "\nengine    DuckDB " + engine::engine_version();
}

void add_version_command(CLI::App& app, Globals& globals, Command& command) {
  app.add_subcommand("version",
                     "Versions of the program and of its SQL engine\n"
                     "  claimlake version --json")
      ->callback([&globals, &command] {
        command = [&globals]() -> Result<Exit> {
          globals.output.text(version_text());
          globals.output.value({{"claimlake", kVersion}, {"duckdb", engine::engine_version()}});
          return Exit::kDone;
        };
      });
}

// What is wrong with the command line, and what to type instead.
Error explain(const CLI::App& app, const CLI::ParseError& problem) {
  const CLI::App* at = &app;
  std::string typed = "claimlake";
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    typed += " " + at->get_name();
  }
  std::vector<std::string> names;
  for (const CLI::App* sub : at->get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(sub->get_name());
  }
  // A word that is no command looks to CLI11 like a missing command.
  for (const std::string& word : app.remaining(true)) {
    if (names.empty() || word.starts_with('-')) continue;
    const std::string near = nearest(word, names);
    return {Fault::kInvalidInput, "There is no command '" + typed + " " + word + "'", "",
            near.empty() ? typed + " --help" : typed + " " + near};
  }
  std::string what = problem.what();
  if (dynamic_cast<const CLI::RequiredError*>(&problem) != nullptr && !names.empty()) {
    what = "'" + typed + "' needs a command after it";
  }
  return {Fault::kInvalidInput, what, "", typed + " --help"};
}

// Commands that make or hold the lake as a whole have nothing to do with one of its environments.
Done check_environment(const CLI::App& app, std::string& environment) {
  if (environment == "main") environment.clear();
  if (environment.empty()) return done();
  TRY_DONE(check_environment_name(environment));
  const std::string name = app.get_subcommands().front()->get_name();
  for (const char* of_main : {"init", "demo", "generate", "env"}) {
    if (name != of_main) continue;
    return Error{Fault::kInvalidInput, fmt::format("claimlake {} works on the lake itself", name),
                 "", "leave out --env"};
  }
  return done();
}

// CLI11's own exceptions end here.
int usage_error(const CLI::App& app, const CLI::ParseError& problem, Output output, int argc,
                char** argv) {
  if (problem.get_exit_code() == 0) return app.exit(problem);  // --help
  // Parsing ended before it came to all options.
  for (int i = 1; i < argc; ++i) output.json = output.json || std::string_view(argv[i]) == "--json";
  report(explain(app, problem), output);
  return static_cast<int>(Exit::kUsage);
}

}  // namespace

Result<std::unique_ptr<Home>> Globals::open() const { return Home::open(folder, overrides); }

int run_cli(int argc, char** argv) {
  CLI::App app(
      "Claimlake: from insurance claims to decisions and dashboards, over open Delta tables",
      "claimlake");
  app.footer(kFooter);
  app.require_subcommand(1);
  app.fallthrough();  // --lake and --json may stand anywhere

  Globals globals;
  if (const char* folder = std::getenv("CLAIMLAKE_LAKE"); folder != nullptr)
    globals.folder = folder;
  app.add_option("--lake", globals.folder, "The lake's folder or URL, else that of CLAIMLAKE_LAKE")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_option("--env", globals.overrides.environment,
                 "Work in this environment of the lake (claimlake env --help)")
      ->type_name("NAME");
  app.add_flag("--json", globals.output.json, "Answer as one JSON value");
  app.add_option("--memory", globals.memory, "Memory of the SQL engine, for example 512MB")
      ->type_name("SIZE");
  app.add_option("--threads", globals.overrides.threads, "Threads of the SQL engine")
      ->type_name("N");

  Command command;
  add_lake_commands(app, globals, command);
  add_pipeline_commands(app, globals, command);
  add_live_commands(app, globals, command);
  add_sql_command(app, globals, command);
  add_table_commands(app, globals, command);
  add_model_commands(app, globals, command);
  add_plan_commands(app, globals, command);
  add_env_commands(app, globals, command);
  add_lineage_command(app, globals, command);
  add_why_command(app, globals, command);
  add_quality_commands(app, globals, command);
  add_prove_command(app, globals, command);
  add_upkeep_command(app, globals, command);
  add_serve_command(app, globals, command);
  add_version_command(app, globals, command);
  add_completion_command(app, globals, command);
  app.set_version_flag("--version", version_text(), "Like claimlake version");
  shape_help(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return usage_error(app, problem, globals.output, argc, argv);
  }
  if (!globals.memory.empty()) {
    auto bytes = parse_bytes(globals.memory);
    if (!bytes) return static_cast<int>(report(bytes.error(), globals.output));
    globals.overrides.memory_bytes = *bytes;
  }
  if (store::is_store_url(globals.folder)) {
    // Refused before anything else can repeat what may be a secret in it.
    const auto url = store::parse_store_url(globals.folder);
    if (!url) return static_cast<int>(report(url.error(), globals.output));
    globals.folder = url->text;
  }
  if (const Done there = check_environment(app, globals.overrides.environment); !there) {
    return static_cast<int>(report(there.error(), globals.output));
  }
  const auto result = command();
  return static_cast<int>(result ? *result : report(result.error(), globals.output));
}

}  // namespace claimlake::app
