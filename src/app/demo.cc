#include "app/demo.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/interrupt.h"
#include "app/progress_line.h"
#include "app/run_output.h"
#include "app/serving.h"
#include "base/text.h"
#include "datagen/generate.h"

namespace claimlake::app {
namespace {

constexpr const char* kRawFolder = "raw";

Done make_lake(const Globals& globals, const DemoOptions& options) {
  SystemRandom random;
  if (options.fresh && Home::is_lake(globals.folder)) {
    TRY_DONE(Home::erase(globals.folder));
  }
  if (Home::is_lake(globals.folder)) return done();
  return Home::create(globals.folder, "pet", random);
}

Done make_raw_files(Home& home, const Globals& globals, const DemoOptions& options,
                    const Cancel& cancel) {
  if (home.store().head(std::string(kRawFolder) + "/meta.json")) return done();
  datagen::GenerateOptions generate;
  generate.scale = options.scale;
  generate.folder = kRawFolder;
  // A little dirt, so that quality and quarantine have something to show.
  generate.dirty = 0.004;
  TRY(generate.as_of, home.today());
  TRY(const auto made, datagen::generate(generate, home.store(), {}, cancel));
  globals.output.text(fmt::format("generated  {} claims of {} customers", human_count(made.rows[4]),
                                  human_count(made.rows[0])));
  return done();
}

// How this program is called from here: who came by run.sh has it on no path yet.
std::string program_name() {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::path self = fs::read_symlink("/proc/self/exe", ignored);
  const char* path = std::getenv("PATH");
  for (const std::string& folder : split(path == nullptr ? "" : path, ':')) {
    const fs::path found = fs::path(folder) / "claimlake";
    if (!folder.empty() && fs::exists(found, ignored)) {
      if (fs::equivalent(found, self, ignored)) return "claimlake";
      break;
    }
  }
  const std::string near = fs::relative(self, ignored).string();
  return near.empty() || near.starts_with("..") ? self.string() : "./" + near;
}

void say(const Globals& globals, const char* what, const refresh::RunReport& made) {
  globals.output.text(fmt::format("{:<10} {} rows, {} refused, {}", what, human_count(made.rows()),
                                  human_count(made.refused_rows()), human_seconds(made.seconds)));
  for (const refresh::TableReport& table : made.tables) {
    if (!table.message.empty()) {
      globals.output.text(fmt::format("  {} {}: {}", table.table,
                                      refresh::outcome_name(table.outcome), table.message));
    }
  }
}

}  // namespace

Result<Exit> run_demo(const Globals& globals, const DemoOptions& options) {
  if (options.fresh && !Home::is_lake(globals.folder)) {
    // Says why it is refused if something else is there; nothing there is fine.
    std::error_code ignored;
    if (std::filesystem::exists(globals.folder, ignored) &&
        !std::filesystem::is_empty(globals.folder, ignored)) {
      TRY_DONE(Home::erase(globals.folder));
    }
  }
  TRY_DONE(make_lake(globals, options));
  TRY(const auto home, globals.open());
  const Cancel cancel;
  refresh::RunReport ingested, built;
  {
    ProgressLine line(home->clock());
    TRY(const auto pipeline, home->pipeline(line, cancel));
    const Interrupt interrupt(cancel, [&pipeline] { pipeline->interrupt(); });
    TRY_DONE(make_raw_files(*home, globals, options, cancel));
    TRY(ingested, pipeline->ingest({&home->store(), kRawFolder, ""}));
    refresh::RunOptions run;
    TRY(run.as_of, home->today());
    TRY(built, pipeline->run(run));
  }
  say(globals, "ingested", ingested);
  say(globals, "built", built);
  globals.output.value(
      {{"lake", globals.folder}, {"ingest", to_json(ingested)}, {"run", to_json(built)}});
  globals.output.text(fmt::format(R"(
Three things to try, in another terminal:
  {1} sql --lake {0} "SELECT year_month, total_claims, loss_ratio FROM gold.monthly_kpis ORDER BY 1 DESC LIMIT 3"
  {1} quality show --lake {0}
  {1} model show gold.customer_360_view --lake {0}
)",
                                  globals.folder, program_name()));
  if (!options.serve) return ingested.ok() && built.ok() ? Exit::kDone : Exit::kFailed;
  return serve_until_stopped(*home, globals);
}

}  // namespace claimlake::app
