#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/interrupt.h"
#include "app/progress_line.h"
#include "check/check_table.h"
#include "store/store_url.h"

namespace claimlake::app {
namespace {

using nlohmann::json;

struct CheckArguments {
  std::string table;  // a table of the lake, a folder, or a URL; "" for all tables of the lake
  bool data = false;
};

const char* severity_name(check::Severity severity) {
  return severity == check::Severity::kError ? "error" : "warning";
}

json to_json(const std::string& table, const check::CheckReport& report) {
  json findings = json::array();
  for (const check::Finding& finding : report.findings.kept()) {
    const check::RuleInfo& rule = check::info(finding.rule);
    findings.push_back({{"rule", rule.name},
                        {"severity", severity_name(rule.severity)},
                        {"where", finding.where},
                        {"seen", finding.seen},
                        {"expected", rule.expected},
                        {"do", rule.advice}});
  }
  return {{"table", table},
          {"ok", report.ok()},
          {"oldest_version", report.oldest},
          {"version", report.newest},
          {"files", report.files},
          {"bytes", report.bytes},
          {"errors", report.findings.count(check::Severity::kError)},
          {"warnings", report.findings.count(check::Severity::kWarning)},
          {"findings", findings}};
}

void print(const std::string& table, const check::CheckReport& report, const Output& output) {
  for (const check::RuleInfo& rule : check::all_rules()) {
    const std::int64_t count = report.findings.count(rule.rule);
    if (count == 0) continue;
    std::string text = fmt::format("{} {}\n", severity_name(rule.severity), rule.name);
    for (const check::Finding& finding : report.findings.kept()) {
      if (finding.rule != rule.rule) continue;
      text += fmt::format("  where     {}\n  seen      {}\n", finding.where, finding.seen);
    }
    if (count > check::Findings::kKept) {
      text += fmt::format("            and {} more\n", human_count(count - check::Findings::kKept));
    }
    output.text(text + fmt::format("  expected  {}\n  do        {}\n", rule.expected, rule.advice));
  }
  const std::int64_t errors = report.findings.count(check::Severity::kError);
  const std::int64_t warnings = report.findings.count(check::Severity::kWarning);
  output.text(fmt::format(
      "{}: versions {} to {}, {} {} ({}): {}", table, report.oldest, report.newest,
      human_count(report.files), report.files == 1 ? "file" : "files", human_bytes(report.bytes),
      errors + warnings == 0 ? "nothing is wrong"
                             : fmt::format("{} {}, {} {}", errors, errors == 1 ? "error" : "errors",
                                           warnings, warnings == 1 ? "warning" : "warnings")));
}

// Checks tables of one store, and gathers what it finds.
class Checker {
 public:
  Checker(const Globals& globals, store::Store& store, engine::Engine& engine, const Clock& clock,
          Random& random)
      : globals_(globals), store_(store), engine_(engine), clock_(clock), random_(random) {}

  Done check(const std::string& name, const std::string& path, bool with_rows) {
    TRY(const auto session, engine_.session({.access = engine::Access::kInternal}));
    Cancel cancel;
    const Interrupt interrupt(cancel, [&] { session->interrupt(); });
    ProgressLine progress(clock_);
    const check::CheckContext context{
        {store_, engine_.parquet_io(), clock_, random_}, *session, progress, cancel};
    TRY(const auto report, check::check_table(context, path, {.with_rows = with_rows}));
    print(name, report, globals_.output);
    values_.push_back(to_json(name, report));
    ok_ = ok_ && report.ok();
    return done();
  }

  // One table answers with an object, several with a list.
  Exit finish(bool as_list) const {
    globals_.output.value(as_list || values_.empty() ? values_ : values_.front());
    return ok_ ? Exit::kDone : Exit::kFailed;
  }

 private:
  const Globals& globals_;
  store::Store& store_;
  engine::Engine& engine_;
  const Clock& clock_;
  Random& random_;
  json values_ = json::array();
  bool ok_ = true;
};

// Any Delta table, in a lake or not. Nothing is kept beside it, so the engine does not spill.
Result<Exit> check_place(const Globals& globals, const CheckArguments& arguments) {
  SystemClock clock;
  SystemRandom random;
  std::string folder = arguments.table;
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  TRY(const auto place, LakePlace::find(folder));
  const std::string whole = place.is_remote
                                ? place.name
                                : std::filesystem::absolute(place.name).lexically_normal().string();
  TRY(const auto store, open_place(whole, place.config, clock, random));
  engine::EngineConfig config{.count_progress = false, .random = &random};
  if (globals.overrides.memory_bytes) config.memory_bytes = *globals.overrides.memory_bytes;
  if (globals.overrides.threads) config.threads = *globals.overrides.threads;
  TRY(const auto engine, engine::open_engine(config, *store, clock));
  Checker checker(globals, *store, *engine, clock, random);
  TRY_DONE(checker.check(arguments.table, "", arguments.data));
  return checker.finish(false);
}

Result<Exit> check_lake(const Globals& globals, const CheckArguments& arguments) {
  std::vector<lake::TableName> names;
  if (!arguments.table.empty()) {
    TRY(const auto name, lake::TableName::parse(arguments.table));
    names.push_back(name);
  }
  TRY(const auto home, globals.open());
  if (arguments.table.empty()) names = home->lake().all_tables();
  Checker checker(globals, home->store(), home->engine(), home->clock(), home->random());
  for (const lake::TableName& name : names) {
    auto checked = checker.check(name.text(), name.folder(), arguments.data);
    if (checked) continue;
    if (checked.error().fault != Fault::kNotFound) return std::move(checked).error();
    TRY_DONE(home->lake().snapshot(name));  // says which names are near
    return std::move(checked).error();
  }
  return checker.finish(arguments.table.empty());
}

}  // namespace

void add_check_command(CLI::App& table, Globals& globals, Command& command) {
  CLI::App* sub = table.add_subcommand(
      "check",
      "Hold tables against the Delta protocol: the whole log, and the files of the newest version\n"
      "  claimlake table check gold.monthly_kpis\n"
      "  claimlake table check                            all tables of the lake\n"
      "  claimlake table check ./exports/claims --data    any Delta table, with its rows\n"
      "  claimlake table check s3://bucket/claims --json");
  auto arguments = std::make_shared<CheckArguments>();
  sub->add_option("TABLE", arguments->table,
                  "A table of the lake, or a folder or URL of any Delta table; none: all tables");
  sub->add_flag("--data", arguments->data,
                "Also read all rows of the newest version, and hold the statistics against them");
  sub->callback([&globals, &command, arguments] {
    command = [&globals, arguments]() -> Result<Exit> {
      const std::string& table = arguments->table;
      std::error_code ignored;
      const bool is_place = store::is_store_url(table) || table.find('/') != std::string::npos ||
                            std::filesystem::is_directory(table, ignored);
      return is_place ? check_place(globals, *arguments) : check_lake(globals, *arguments);
    };
  });
}

}  // namespace claimlake::app
