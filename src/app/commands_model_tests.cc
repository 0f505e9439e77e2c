#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "base/text.h"
#include "pack/test_file.h"
#include "quality/test_run.h"
#include "store/memory_store.h"

namespace claimlake::app {
namespace {

struct Arguments {
  std::vector<std::string> models;
  std::string pack_folder;
};

// A pack and an engine to run its tests in. There need not be a lake.
struct Bench {
  SystemClock clock;
  SystemRandom random;
  store::MemoryStore store{clock};
  std::unique_ptr<Home> home;  // of the lake, if there is one
  std::unique_ptr<engine::Engine> own_engine;
  pack::Pack own_pack;

  engine::Engine& engine() { return home ? home->engine() : *own_engine; }
  const pack::Pack& pack() const { return home ? home->pack() : own_pack; }
};

Result<std::unique_ptr<Bench>> open_bench(const Globals& globals, const std::string& pack_folder) {
  auto bench = std::make_unique<Bench>();
  if (pack_folder.empty() && Home::is_lake(globals.folder)) {
    TRY(bench->home, globals.open());
    return bench;
  }
  engine::EngineConfig config;
  config.memory_bytes = globals.overrides.memory_bytes.value_or(Config().memory_bytes);
  config.threads = globals.overrides.threads.value_or(0);
  config.count_progress = false;
  TRY(bench->own_engine, engine::open_engine(config, bench->store, bench->clock));
  std::string folder = pack_folder;
  if (folder.empty()) {
    TRY(const std::string packs, packs_folder({}));
    folder = packs + "/" + Config().pack;
  }
  TRY(bench->own_pack, pack::load_pack(folder, *bench->own_engine));
  return bench;
}

// What became of one test.
struct Outcome {
  const pack::ModelTest* test = nullptr;
  std::vector<quality::TestDifference> differences;
  std::optional<Error> error;  // its rows cannot be read
  double seconds = 0;

  bool ok() const { return differences.empty() && !error; }
};

std::string place_of(const pack::ModelTest& test) { return pack::where(test.file, test.place); }

void print_failure(const Outcome& outcome, const Output& output) {
  output.text(fmt::format("\nFAILED  {}: {}\n  where  {}", outcome.test->model, outcome.test->name,
                          place_of(*outcome.test)));
  if (outcome.error) {
    output.text("  " + outcome.error->text());
    return;
  }
  TextRows shown{{{"rows"}, {"key"}, {"column"}, {"expected"}, {"actual"}}, {}};
  for (const quality::TestDifference& each : outcome.differences) {
    if (each.column.empty()) {
      shown.rows.push_back({each.rows, each.key, "(the row)", each.expected.value_or("not there"),
                            each.actual.value_or("not there")});
    } else {
      shown.rows.push_back({each.rows, each.key, each.column, each.expected, each.actual});
    }
  }
  output.table(shown);
}

nlohmann::json or_null(const std::optional<std::string>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json();
}

nlohmann::json to_json(const Outcome& outcome) {
  nlohmann::json differences = nlohmann::json::array();
  for (const quality::TestDifference& each : outcome.differences) {
    differences.push_back({{"rows", each.rows},
                           {"key", each.key},
                           {"column", each.column},
                           {"expected", or_null(each.expected)},
                           {"actual", or_null(each.actual)}});
  }
  return {{"test", outcome.test->name},
          {"model", outcome.test->model},
          {"where", place_of(*outcome.test)},
          {"ok", outcome.ok()},
          {"message", outcome.error ? outcome.error->text() : ""},
          {"differences", differences},
          {"seconds", outcome.seconds}};
}

// One line per model, and what failed below.
void print(const std::vector<Outcome>& outcomes, double seconds, const Output& output) {
  struct Count {
    std::int64_t tests = 0;
    std::int64_t failed = 0;
  };
  std::map<std::string, Count> models;
  std::int64_t failed = 0;
  for (const Outcome& outcome : outcomes) {
    Count& count = models[outcome.test->model];
    ++count.tests;
    count.failed += outcome.ok() ? 0 : 1;
    failed += outcome.ok() ? 0 : 1;
  }
  TextRows shown{{{"model"}, {"tests", Align::kRight}, {"failed", Align::kRight}}, {}};
  for (const auto& [model, count] : models) {
    shown.rows.push_back({model, human_count(count.tests), human_count(count.failed)});
  }
  output.table(shown);
  for (const Outcome& outcome : outcomes) {
    if (!outcome.ok()) print_failure(outcome, output);
  }
  output.text(fmt::format("{}{} tests, {} failed, {}", failed > 0 ? "\n" : "",
                          human_count(static_cast<std::int64_t>(outcomes.size())),
                          human_count(failed), human_seconds(seconds)));
}

Result<Exit> test_models(const Globals& globals, const Arguments& arguments) {
  const SystemClock clock;
  const auto since = [&clock](std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(clock.steady_now() - start).count();
  };
  TRY(const auto bench, open_bench(globals, arguments.pack_folder));
  TRY(const auto tests, pack::load_tests(bench->pack(), arguments.models));
  if (tests.empty()) {
    return Error{Fault::kNotFound, "There are no tests of that", bench->pack().folder + "/tests",
                 "write some: docs/formats/model_test.md has their form"};
  }
  const auto start = clock.steady_now();
  TRY(auto runner, quality::TestRunner::open(bench->engine(), bench->pack()));
  std::vector<Outcome> outcomes;
  bool ok = true;
  for (const pack::ModelTest& test : tests) {
    const auto began = clock.steady_now();
    auto differences = runner.run(test);
    Outcome outcome{&test, {}, {}, since(began)};
    if (differences) {
      outcome.differences = *std::move(differences);
    } else {
      outcome.error = differences.error();
    }
    ok = ok && outcome.ok();
    outcomes.push_back(std::move(outcome));
  }
  print(outcomes, since(start), globals.output);
  nlohmann::json values = nlohmann::json::array();
  for (const Outcome& outcome : outcomes) values.push_back(to_json(outcome));
  globals.output.value({{"ok", ok}, {"tests", values}});
  return ok ? Exit::kDone : Exit::kFailed;
}

}  // namespace

void add_model_test_command(CLI::App& model, Globals& globals, Command& command) {
  CLI::App* test = model.add_subcommand(
      "test",
      "Run the pack's tests of models: given rows, expected rows; no lake is needed\n"
      "  claimlake model test                         all tests\n"
      "  claimlake model test gold.monthly_kpis       those of one model\n"
      "  claimlake model test --pack packs/pet        of a pack that no lake has yet");
  auto arguments = std::make_shared<Arguments>();
  test->add_option("MODEL", arguments->models, "Only tests of these models");
  test->add_option("--pack", arguments->pack_folder,
                   "The pack's folder (default: that of the lake, else packs/pet)")
      ->type_name("DIR");
  test->callback([&globals, &command, arguments] {
    command = [&globals, arguments] { return test_models(globals, *arguments); };
  });
}

}  // namespace claimlake::app
