#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/interrupt.h"
#include "app/progress_line.h"
#include "app/run_output.h"
#include "datagen/generate.h"
#include "store/local_store.h"
#include "store/path.h"
#include "store/store_url.h"

namespace claimlake::app {
namespace {

namespace fs = std::filesystem;

struct GenerateArguments {
  std::string folder;
  datagen::GenerateOptions options;
  std::string as_of;
};

Result<datagen::GenerateReport> make_files(const datagen::GenerateOptions& options,
                                           const std::string& folder, const SystemClock& clock,
                                           const Cancel& cancel) {
  ProgressLine line(clock);
  std::atomic<std::int64_t> rows_done{0};
  std::atomic<std::int64_t> rows_total{0};
  const ProgressStep step(line, "generate", options.scale * std::int64_t{32'700}, [&] {
    return rows_total > 0 ? static_cast<double>(rows_done) / static_cast<double>(rows_total) : -1;
  });
  SystemRandom random;
  TRY(const LakePlace place, LakePlace::find(folder));
  TRY(auto store, place.open(clock, random));
  auto made = datagen::generate(
      options, *store,
      [&](std::int64_t done_rows, std::int64_t total_rows) {
        rows_done = done_rows;
        rows_total = total_rows;
      },
      cancel);
  // The folder is for people and other programs: what the store needs to write goes with it.
  // Only an empty folder is removed.
  store.reset();
  std::error_code ignored;
  if (!place.is_remote) fs::remove(fs::path(folder) / store::kHiddenFolder, ignored);
  return made;
}

Result<Exit> generate(const Globals& globals, GenerateArguments arguments) {
  const SystemClock clock;
  const Cancel cancel;
  const Interrupt interrupt(cancel, nullptr);
  std::string folder = arguments.folder;
  if (folder.empty()) {
    if (!Home::is_lake(globals.folder)) {
      return Error{Fault::kNotFound, fmt::format("There is no lake in '{}'", globals.folder), "",
                   "name a folder: claimlake generate FOLDER, or make a lake: claimlake init"};
    }
    folder = globals.folder + "/raw";
  }
  if (arguments.as_of.empty()) {
    arguments.options.as_of = std::chrono::floor<std::chrono::days>(clock.now());
  } else {
    TRY(arguments.options.as_of, parse_date(arguments.as_of));
  }
  const auto started = clock.steady_now();
  TRY(const auto made, make_files(arguments.options, folder, clock, cancel));
  const double seconds = std::chrono::duration<double>(clock.steady_now() - started).count();
  constexpr const char* kNames[] = {"customers", "pets", "policies", "vet_providers", "claims"};
  nlohmann::json rows;
  std::string text;
  for (std::size_t i = 0; i < made.rows.size(); ++i) {
    rows[kNames[i]] = made.rows[i];
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", human_count(made.rows[i]), kNames[i]);
  }
  globals.output.text(fmt::format(
      "{} in {} ({}, {}, loss ratio {}.{} %)", text, folder, human_bytes(made.bytes),
      human_seconds(seconds), made.loss_ratio_tenths_pct / 10, made.loss_ratio_tenths_pct % 10));
  if (made.defects > 0) {
    globals.output.text(fmt::format("{} defects planted, listed in {}/defects.csv",
                                    human_count(made.defects), folder));
  }
  globals.output.value({{"folder", folder},
                        {"as_of", to_text(arguments.options.as_of)},
                        {"rows", rows},
                        {"bytes", made.bytes},
                        {"defects", made.defects},
                        {"seconds", seconds}});
  return Exit::kDone;
}

// The store and folder that hold what `path` names, and the file's name if it is one.
struct RawPlace {
  std::unique_ptr<store::Store> store;
  refresh::IngestOptions options;
};

// The last part of a URL is a file if there is an object of that name, else a folder.
Result<RawPlace> remote_raw_place(const std::string& url, Home& home) {
  const auto open = [&home](const std::string& place) {
    return open_place(place, home.config(), home.clock(), home.random());
  };
  TRY(const store::StoreUrl parsed, store::parse_store_url(url));
  const std::size_t slash = parsed.text.rfind('/');
  RawPlace place;
  if (!parsed.prefix.empty()) {
    TRY(place.store, open(parsed.text.substr(0, slash)));
    place.options.only = parsed.text.substr(slash + 1);
    const auto file = place.store->head(place.options.only);
    if (!file && file.error().fault != Fault::kNotFound) return file.error();
    if (!file) place.options.only.clear();
  }
  if (place.options.only.empty()) {
    TRY(place.store, open(parsed.text));
  }
  place.options.raw_store = place.store.get();
  return place;
}

Result<RawPlace> raw_place(const std::string& path, Home& home) {
  if (store::is_store_url(path)) return remote_raw_place(path, home);
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    return Error{Fault::kNotFound, fmt::format("There is no file or folder '{}'", path), "",
                 "check the path; claimlake ingest without one reads the lake's raw/ folder"};
  }
  const bool is_folder = fs::is_directory(path, ignored);
  const fs::path whole = fs::absolute(path).lexically_normal();
  RawPlace place;
  TRY(place.store, store::open_local(is_folder ? whole.string() : whole.parent_path().string()));
  place.options.raw_store = place.store.get();
  if (!is_folder) place.options.only = whole.filename().string();
  return place;
}

Result<Exit> ingest(const Globals& globals, const std::vector<std::string>& paths) {
  TRY(const auto home, globals.open());
  const Cancel cancel;
  ProgressLine line(home->clock());
  TRY(const auto pipeline, home->pipeline(line, cancel));
  const Interrupt interrupt(cancel, [&pipeline] { pipeline->interrupt(); });
  bool ok = true;
  nlohmann::json reports = nlohmann::json::array();
  const auto take_in = [&](const refresh::IngestOptions& options) -> Done {
    TRY(const auto made, pipeline->ingest(options));
    ok = ok && made.ok();
    print_report(made, globals.output);
    reports.push_back(to_json(made));
    return done();
  };
  if (paths.empty()) {
    TRY_DONE(take_in({&home->store(), "raw", ""}));
  }
  // All paths are looked at before the first is taken in: a slip in the last one costs nothing.
  std::vector<RawPlace> places;
  for (const std::string& path : paths) {
    TRY(auto place, raw_place(path, *home));
    places.push_back(std::move(place));
  }
  for (const RawPlace& place : places) {
    TRY_DONE(take_in(place.options));
  }
  globals.output.value(reports.size() == 1 ? reports.front() : reports);
  return ok ? Exit::kDone : Exit::kFailed;
}

struct RunArguments {
  std::string as_of;
  std::vector<std::string> tables;
  bool force = false;
};

Result<Exit> run(const Globals& globals, const RunArguments& arguments) {
  TRY(const auto home, globals.open());
  const Cancel cancel;
  refresh::RunOptions options;
  options.tables = arguments.tables;
  options.force = arguments.force;
  if (arguments.as_of.empty()) {
    TRY(options.as_of, home->today());
  } else {
    TRY(options.as_of, parse_date(arguments.as_of));
  }
  ProgressLine line(home->clock());
  TRY(const auto pipeline, home->pipeline(line, cancel));
  const Interrupt interrupt(cancel, [&pipeline] { pipeline->interrupt(); });
  TRY(const auto made, pipeline->run(options));
  TRY_DONE(pipeline->keep_up());
  print_report(made, globals.output);
  globals.output.value(to_json(made));
  return made.ok() ? Exit::kDone : Exit::kFailed;
}

}  // namespace

void add_pipeline_commands(CLI::App& app, Globals& globals, Command& command) {
  CLI::App* generate_app = app.add_subcommand(
      "generate",
      "Make raw files of a pet insurer: same arguments, same bytes\n"
      "  claimlake generate                                      into the lake's raw/\n"
      "  claimlake generate exports/ --scale 10 --dirty 0.01");
  auto generate_arguments = std::make_shared<GenerateArguments>();
  generate_app->add_option("FOLDER", generate_arguments->folder, "Where to (default: LAKE/raw)");
  generate_app->add_option("--scale", generate_arguments->options.scale, "1 is 15,000 claims")
      ->type_name("N")
      ->capture_default_str();
  generate_app->add_option("--seed", generate_arguments->options.seed, "Another seed, another book")
      ->type_name("N")
      ->capture_default_str();
  generate_app
      ->add_option("--as-of", generate_arguments->as_of,
                   "The book ends before this day (default: today)")
      ->type_name("DATE");
  generate_app
      ->add_option("--dirty", generate_arguments->options.dirty,
                   "Share of rows with a defect, 0..1; defects.csv lists them (default: 0)")
      ->type_name("P");
  generate_app->callback([&globals, &command, generate_arguments] {
    command = [&globals, generate_arguments] { return generate(globals, *generate_arguments); };
  });

  CLI::App* ingest_app =
      app.add_subcommand("ingest",
                         "Take new raw files into Bronze, each exactly once\n"
                         "  claimlake ingest             the lake's raw/ folder\n"
                         "  claimlake ingest exports/    another folder, or one file");
  auto paths = std::make_shared<std::vector<std::string>>();
  ingest_app->add_option("PATH", *paths, "Folders or files (default: LAKE/raw)");
  ingest_app->callback([&globals, &command, paths] {
    command = [&globals, paths] { return ingest(globals, *paths); };
  });

  CLI::App* run_app =
      app.add_subcommand("run",
                         "Bring Silver and Gold up to date with Bronze\n"
                         "  claimlake run                      all tables\n"
                         "  claimlake run gold.monthly_kpis    only this table and what it needs");
  auto run_arguments = std::make_shared<RunArguments>();
  run_app->add_option("TABLE", run_arguments->tables, "Only these tables and what they need");
  run_app
      ->add_option("--as-of", run_arguments->as_of,
                   "\"Today\" of models that depend on the date (default: today)")
      ->type_name("DATE");
  run_app->add_flag("--force", run_arguments->force, "Rebuild although no input changed");
  run_app->callback([&globals, &command, run_arguments] {
    command = [&globals, run_arguments] { return run(globals, *run_arguments); };
  });
}

}  // namespace claimlake::app
