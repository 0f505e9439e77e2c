#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/demo.h"

namespace claimlake::app {
namespace {

Result<Exit> init(const Globals& globals) {
  SystemRandom random;
  TRY_DONE(Home::create(globals.folder, "pet", random));
  TRY(const auto home, globals.open());
  NoProgress quiet;
  TRY_DONE(home->pipeline(quiet, Cancel()));
  globals.output.text(
      fmt::format("'{0}' is a lake now. Put raw files into {0}/raw or name them:\n"
                  "  claimlake generate --lake {0}     makes raw files of a pet insurer\n"
                  "  claimlake ingest --lake {0}       takes them in\n"
                  "  claimlake run --lake {0}          builds Silver and Gold",
                  globals.folder));
  globals.output.value({{"lake", globals.folder}});
  return Exit::kDone;
}

// One thing that doctor looks at.
struct Finding {
  std::string what;
  bool ok = true;
  std::string detail;
};

Finding check_space(const std::string& folder) {
  std::error_code problem;
  const auto space = std::filesystem::space(folder, problem);
  if (problem) return {"disk space", false, problem.message()};
  constexpr std::uintmax_t kEnough = 1'000'000'000;
  return {"disk space", space.available >= kEnough,
          human_bytes(static_cast<std::int64_t>(space.available)) + " free" +
              (space.available >= kEnough ? "" : "; make room, 1 GB is little")};
}

Finding check_writing(store::Store& store) {
  constexpr const char* kProbe = ".claimlake/probe";
  auto put = store.put(kProbe, "probe");
  if (!put) return {"writing", false, put.error().text()};
  auto removed = store.remove(kProbe);
  return {"writing", removed.has_value(), removed ? "works" : removed.error().text()};
}

void check_tables(lake::Lake& lake, std::vector<Finding>& findings) {
  std::size_t good = 0;
  const auto names = lake.all_tables();
  for (const lake::TableName& name : names) {
    auto snapshot = lake.snapshot(name);
    if (snapshot) {
      ++good;
    } else {
      findings.push_back({name.text(), false, snapshot.error().text()});
    }
  }
  findings.push_back(
      {"tables", good == names.size(), fmt::format("{} of {} can be read", good, names.size())});
}

Result<Exit> doctor(const Globals& globals) {
  std::vector<Finding> findings;
  auto home = globals.open();
  if (!home) {
    findings.push_back({"lake", false, home.error().text()});
  } else {
    findings.push_back({"lake", true, (*home)->store().root()});
    findings.push_back({"engine", true, "DuckDB " + engine::engine_version()});
    findings.push_back(
        {"pack", true,
         fmt::format("{}, {} models", (*home)->pack().name, (*home)->pack().models.size())});
    findings.push_back(check_space((*home)->work_folder()));
    findings.push_back(check_writing((*home)->store()));
    check_tables((*home)->lake(), findings);
  }
  nlohmann::json values = nlohmann::json::array();
  bool all_ok = true;
  for (const Finding& finding : findings) {
    all_ok = all_ok && finding.ok;
    // Not a table: an error over several lines, with what to do, must be seen whole.
    globals.output.text(
        fmt::format("{}  {:<10}  {}", finding.ok ? "ok " : "BAD", finding.what, finding.detail));
    values.push_back({{"check", finding.what}, {"ok", finding.ok}, {"detail", finding.detail}});
  }
  globals.output.value(values);
  return all_ok ? Exit::kDone : Exit::kFailed;
}

}  // namespace

void add_lake_commands(CLI::App& app, Globals& globals, Command& command) {
  app.add_subcommand("init",
                     "Make an empty lake in a new folder\n"
                     "  claimlake init                  in ./lake\n"
                     "  claimlake init --lake mylake    in another folder")
      ->callback([&globals, &command] { command = [&globals] { return init(globals); }; });

  CLI::App* demo = app.add_subcommand(
      "demo",
      "A pet insurer from nothing to a page: generates, ingests, builds, serves\n"
      "  claimlake demo            goes on with what is there\n"
      "  claimlake demo --fresh    starts over");
  auto options = std::make_shared<DemoOptions>();
  auto quiet = std::make_shared<bool>(false);
  demo->add_flag("--fresh", options->fresh, "Delete the lake first (only a folder that is a lake)");
  demo->add_option("--scale", options->scale, "1 is 15,000 claims")
      ->type_name("N")
      ->capture_default_str();
  demo->add_option("--port", globals.overrides.port,
                   "Port of the page, 0 for any free one (default: port of claimlake.yml, 8360)")
      ->type_name("N");
  demo->add_flag("--no-serve", *quiet, "Build only");
  demo->callback([&globals, &command, options, quiet] {
    command = [&globals, options, quiet] {
      options->serve = !*quiet;
      return run_demo(globals, *options);
    };
  });

  app.add_subcommand("doctor",
                     "Look at everything that may be wrong and say what to do\n"
                     "  claimlake doctor --lake mylake")
      ->callback([&globals, &command] { command = [&globals] { return doctor(globals); }; });
}

}  // namespace claimlake::app
