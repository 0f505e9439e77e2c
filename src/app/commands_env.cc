#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/environments.h"
#include "app/plan_output.h"
#include "refresh/environment.h"
#include "store/environment.h"

namespace claimlake::app {
namespace {

using nlohmann::json;

struct Sums {
  std::size_t tables = 0;
  std::size_t shared = 0;
  std::int64_t own_bytes = 0;
  std::int64_t shared_bytes = 0;
};

Sums sums_of(const std::vector<refresh::EnvironmentTable>& tables) {
  Sums sums;
  for (const refresh::EnvironmentTable& table : tables) {
    ++sums.tables;
    sums.shared += table.shared ? 1 : 0;
    sums.own_bytes += table.own_bytes;
    sums.shared_bytes += table.shared_bytes;
  }
  return sums;
}

json to_json(const Environment& environment, const std::vector<refresh::EnvironmentTable>& tables) {
  json values = json::array();
  for (const refresh::EnvironmentTable& table : tables) {
    values.push_back({{"table", table.table},
                      {"shared", table.shared},
                      {"files", table.files},
                      {"own_files", table.own_files},
                      {"own_bytes", table.own_bytes},
                      {"shared_bytes", table.shared_bytes}});
  }
  const auto created = environment.created_at;
  return {{"environment", environment.name},
          {"complete", environment.complete},
          {"created_at", created ? json(to_rfc3339(*created)) : json()},
          {"created_by", environment.created_by},
          {"packs_folder", environment.packs_folder},
          {"tables", values}};
}

Result<std::vector<refresh::EnvironmentTable>> tables_of(Home& home, const std::string& name) {
  const auto store = store::make_environment_store(home.store(), name);
  // Its checkpoints are read from its own folders.
  TRY(const auto engine, engine::open_engine({.threads = 1}, *store, home.clock()));
  lake::Lake lake({*store, home.clock(), home.random(), engine->parquet_io(), ""});
  return refresh::environment_tables(lake);
}

Result<Exit> list(const Globals& globals) {
  TRY(const auto home, globals.open());
  TRY(const auto environments, list_environments(home->store()));
  TextRows shown{{{"environment"},
                  {"created"},
                  {"by"},
                  {"tables", Align::kRight},
                  {"shared", Align::kRight},
                  {"own data", Align::kRight},
                  {"models of"}},
                 {}};
  json values = json::array();
  for (const Environment& each : environments) {
    std::vector<refresh::EnvironmentTable> tables;
    if (each.complete) {
      TRY(tables, tables_of(*home, each.name));
    }
    const Sums sums = sums_of(tables);
    shown.rows.push_back(
        {each.name,
         each.created_at ? to_text(*each.created_at).substr(0, 16) + " UTC" : std::string(),
         each.created_by, each.complete ? std::to_string(sums.tables) : "not complete",
         std::to_string(sums.shared), human_bytes(sums.own_bytes),
         each.packs_folder.empty() ? "the lake's pack" : each.packs_folder});
    values.push_back(to_json(each, tables));
  }
  if (environments.empty()) {
    globals.output.text("There is no environment but main; claimlake env create dev makes one");
  } else {
    globals.output.table(shown);
  }
  globals.output.value(values);
  return Exit::kDone;
}

// Undoes what was begun unless it comes to its end.
class Unfinished {
 public:
  Unfinished(store::Store& main, std::string name) : main_(&main), name_(std::move(name)) {}
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  ~Unfinished() {
    if (main_ != nullptr) (void)erase_environment(*main_, name_);
  }
  void finished() { main_ = nullptr; }

 private:
  store::Store* main_;
  const std::string name_;
};

struct CreateArguments {
  std::string name;
  std::string packs;
};

Result<Exit> create(const Globals& globals, const CreateArguments& arguments) {
  TRY_DONE(check_environment_name(arguments.name));
  TRY(const auto main, globals.open());
  Environment environment{.name = arguments.name, .complete = false};
  environment.created_at = main->clock().now();
  environment.created_by = main->lake().context().user;
  if (!arguments.packs.empty()) {
    environment.packs_folder =
        std::filesystem::absolute(arguments.packs).lexically_normal().string();
  }
  TRY_DONE(claim_environment(main->store(), environment));
  Unfinished unfinished(main->store(), arguments.name);
  Overrides overrides = globals.overrides;
  overrides.environment = arguments.name;
  overrides.is_new_environment = true;
  overrides.packs_folder = environment.packs_folder;
  TRY(const auto home, Home::open(globals.folder, overrides));
  TRY(const auto session, home->engine().session({.access = engine::Access::kInternal}));
  TRY(const auto tables, refresh::clone_main(home->lake(), *session, uuid4(home->random())));
  environment.complete = true;
  TRY_DONE(write_environment(main->store(), environment));
  unfinished.finished();
  const Sums sums = sums_of(tables);
  globals.output.text(
      fmt::format("The environment {0} shares {1} tables with main, {2}; nothing was copied\n"
                  "  claimlake plan --env {0}     after an edit of the pack: what it changes\n"
                  "  claimlake apply --env {0}    computes that, in the environment only\n"
                  "  claimlake sql --env {0}      gold.t is its table, gold__main.t that of main\n"
                  "  claimlake env drop {0}",
                  arguments.name, sums.tables, human_bytes(sums.shared_bytes)));
  globals.output.value(to_json(environment, tables));
  return Exit::kDone;
}

struct DiffArguments {
  std::string name;
  std::vector<std::string> tables;
};

Result<Exit> diff(const Globals& globals, const DiffArguments& arguments) {
  Overrides overrides = globals.overrides;
  overrides.environment = arguments.name;
  TRY(const auto home, Home::open(globals.folder, overrides));
  TRY(const auto session, home->engine().session({.access = engine::Access::kInternal}));
  TRY(const auto diffs,
      refresh::diff_with_main({home->lake(), *session, home->pack(), Date{}}, arguments.tables));
  if (diffs.empty()) {
    globals.output.text(fmt::format(
        "All tables of {} share all files with main as it was; name a table to compare its rows",
        arguments.name));
  } else {
    print_diffs(diffs, globals.output);
  }
  globals.output.value(app::to_json(diffs));
  return Exit::kDone;
}

Result<Exit> drop(const Globals& globals, const std::string& name) {
  TRY_DONE(check_environment_name(name));
  if (!Home::is_lake(globals.folder)) {
    return Error{Fault::kNotFound, fmt::format("There is no lake in '{}'", globals.folder), "",
                 "name the lake's folder with --lake"};
  }
  // Neither the pack nor the tables need to be good for this.
  const SystemClock clock;
  SystemRandom random;
  TRY(const LakePlace place, LakePlace::find(globals.folder));
  TRY(const auto store, place.open(clock, random));
  TRY(const auto environments, list_environments(*store));
  const bool known = std::any_of(environments.begin(), environments.end(),
                                 [&](const auto& each) { return each.name == name; });
  std::unique_ptr<EnvironmentUse> use;
  if (known) {
    TRY(use, EnvironmentUse::begin(place.work_folder_of(name), true));
    if (use == nullptr) {
      return Error{
          Fault::kConflict,
          fmt::format("Another process of this machine works in the environment '{}'", name), "",
          fmt::format("end what was started with --env {}, then drop it", name)};
    }
  }
  TRY(const std::int64_t bytes, erase_environment(*store, name));
  std::error_code ignored;
  std::filesystem::remove_all(place.work_folder_of(name), ignored);
  if (!place.is_remote) {
    std::filesystem::remove(place.name + "/" + store::environment_folder(name), ignored);
    std::filesystem::remove(place.name + "/" + std::string(store::kEnvironmentsFolder), ignored);
  }
  globals.output.text(fmt::format("The environment {} is gone, {} of its own; main is as it was",
                                  name, human_bytes(bytes)));
  globals.output.value({{"environment", name}, {"bytes", bytes}});
  return Exit::kDone;
}

}  // namespace

void add_env_commands(CLI::App& app, Globals& globals, Command& command) {
  CLI::App* env =
      app.add_subcommand("env",
                         "Environments: the tables of the lake to try an edit on, without a copy\n"
                         "  claimlake env create dev\n"
                         "  claimlake plan --env dev, apply --env dev, sql --env dev ...\n"
                         "  claimlake env drop dev");
  env->require_subcommand(1);
  env->add_subcommand("list", "The environments, and how much of each is its own")
      ->callback([&globals, &command] { command = [&globals] { return list(globals); }; });

  CLI::App* create_app = env->add_subcommand(
      "create",
      "Make an environment of shallow clones of all tables; no data file is written\n"
      "  claimlake env create dev\n"
      "  claimlake env create fix_12 --packs ../fix_12/packs    with the models of another folder");
  auto created = std::make_shared<CreateArguments>();
  create_app->add_option("NAME", created->name, "Its name: dev, fix_12")->required();
  create_app->add_option("--packs", created->packs, "The folder of packs that it is built by")
      ->type_name("DIR");
  create_app->callback([&globals, &command, created] {
    command = [&globals, created] { return create(globals, *created); };
  });

  CLI::App* diff_app = env->add_subcommand(
      "diff",
      "How rows differ from those of main\n"
      "  claimlake env diff dev                       tables that it computed itself\n"
      "  claimlake env diff dev gold.monthly_kpis");
  auto compared = std::make_shared<DiffArguments>();
  diff_app->add_option("NAME", compared->name, "Its name")->required();
  diff_app->add_option("TABLE", compared->tables, "Only these tables");
  diff_app->callback([&globals, &command, compared] {
    command = [&globals, compared] { return diff(globals, *compared); };
  });

  CLI::App* drop_app =
      env->add_subcommand("drop",
                          "Delete an environment with its own data; what it shares stays\n"
                          "  claimlake env drop dev");
  auto dropped = std::make_shared<std::string>();
  drop_app->add_option("NAME", *dropped, "Its name")->required();
  drop_app->callback([&globals, &command, dropped] {
    command = [&globals, dropped] { return drop(globals, *dropped); };
  });
}

}  // namespace claimlake::app
