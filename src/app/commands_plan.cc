#include <fmt/format.h>
#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/interrupt.h"
#include "app/plan_output.h"
#include "app/progress_line.h"
#include "app/run_output.h"
#include "base/text.h"
#include "refresh/definitions.h"

namespace claimlake::app {
namespace {

struct PlanArguments {
  std::string as_of;
  bool diff = false;
  double sample = 0;  // share of keys; 0: none
  bool no_breaking = false;
};

struct ApplyArguments {
  std::string as_of;
  std::string plan;  // its id
  bool yes = false;
};

Result<Date> date_of(Home& home, const std::string& text) {
  return text.empty() ? home.today() : parse_date(text);
}

Result<refresh::Plan> plan_of(Home& home, Date as_of) {
  TRY(const auto session, home.engine().session({.access = engine::Access::kInternal}));
  return refresh::make_plan({home.lake(), *session, home.pack(), as_of});
}

Result<Exit> plan(const Globals& globals, const PlanArguments& arguments) {
  TRY(const auto home, globals.open());
  TRY(const Date as_of, date_of(*home, arguments.as_of));
  const double share = arguments.diff ? 1 : arguments.sample;
  if (share < 0 || share > 1) {
    return Error{Fault::kInvalidInput, "A sample is a share of the keys, above 0 and at most 1", "",
                 "claimlake plan --sample 0.01"};
  }
  TRY(const refresh::Plan made, plan_of(*home, as_of));
  print_plan(made, home->environment(), globals.output);
  nlohmann::json value = to_json(made);
  if (share > 0 && !made.tables().empty()) {
    TRY(const auto session, home->engine().session({.access = engine::Access::kInternal}));
    TRY(const auto diffs,
        refresh::diff_plan({home->lake(), *session, home->pack(), as_of}, made, share));
    print_diffs(diffs, globals.output);
    value["diff"] = to_json(diffs);
  }
  globals.output.value(value);
  return arguments.no_breaking && made.any_breaking() ? Exit::kFailed : Exit::kDone;
}

// True if a person says so.
Result<bool> confirmed(const ApplyArguments& arguments) {
  if (arguments.yes || !arguments.plan.empty()) return true;
  if (isatty(STDIN_FILENO) == 0) {
    return Error{Fault::kInvalidInput, "apply asks before it works, and here nobody can answer", "",
                 "claimlake apply --yes, or --plan ID to apply just what a plan said"};
  }
  std::fputs("Apply this? [y/N] ", stderr);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

Error changed_meanwhile() {
  return {Fault::kConflict, "The lake or the pack is not as it was planned for", "",
          "look again: claimlake plan"};
}

// What of the pack was edited since it was read; "" if nothing.
std::string edited_meanwhile(Home& home) {
  const auto again = pack::load_pack(home.pack().folder, home.engine());
  if (!again) {
    return "The pack was edited meanwhile, and cannot be read as it is now: " +
           again.error().message;
  }
  if (refresh::definitions_number(*again) == refresh::definitions_number(home.pack())) return "";
  return "The pack was edited meanwhile: what was applied is what is shown above, and claimlake "
         "plan shows the rest";
}

Result<refresh::RunReport> run_plan(Home& home, const refresh::Plan& made, Date as_of) {
  const Cancel cancel;
  ProgressLine line(home.clock());
  TRY(const auto pipeline, home.pipeline(line, cancel));
  const Interrupt interrupt(cancel, [&pipeline] { pipeline->interrupt(); });
  TRY_DONE(pipeline->keep_definitions());
  refresh::RunOptions options;
  options.as_of = as_of;
  options.tables = made.tables();
  // Without a table, run would take all.
  if (options.tables.empty()) return refresh::RunReport{};
  return pipeline->run(options);
}

Result<Exit> apply(const Globals& globals, const ApplyArguments& arguments) {
  TRY(const auto home, globals.open());
  TRY(const Date as_of, date_of(*home, arguments.as_of));
  TRY(const refresh::Plan made, plan_of(*home, as_of));
  if (!arguments.plan.empty() && arguments.plan != made.id) return changed_meanwhile();
  print_plan(made, home->environment(), globals.output);
  if (!made.any_work()) {
    globals.output.value({{"plan", to_json(made)}, {"run", nullptr}, {"edited_meanwhile", ""}});
    return Exit::kDone;
  }
  TRY(const bool go, confirmed(arguments));
  if (!go) {
    globals.output.text("Nothing was applied");
    return Exit::kDone;
  }
  // While a person was reading, another process may have applied something else.
  TRY(const refresh::Plan now, plan_of(*home, as_of));
  if (now.id != made.id) return changed_meanwhile();
  TRY(const auto report, run_plan(*home, made, as_of));
  const std::string edited = edited_meanwhile(*home);
  globals.output.text("");
  if (!report.tables.empty()) print_report(report, globals.output);
  if (!edited.empty()) globals.output.text("\n" + edited);
  globals.output.value(
      {{"plan", to_json(made)}, {"run", to_json(report)}, {"edited_meanwhile", edited}});
  return report.ok() ? Exit::kDone : Exit::kFailed;
}

void add_date(CLI::App* app, std::string& as_of) {
  app->add_option("--as-of", as_of, "\"Today\" of models that depend on the date (default: today)")
      ->type_name("DATE");
}

}  // namespace

void add_plan_commands(CLI::App& app, Globals& globals, Command& command) {
  CLI::App* plan_app = app.add_subcommand(
      "plan",
      "What an edit of models or rules changes, and what it takes\n"
      "  claimlake plan                   what differs from what the lake is built by\n"
      "  claimlake plan --diff            and how many rows, by computing them\n"
      "  claimlake plan --sample 0.01     the same for a hundredth of the keys\n"
      "  claimlake plan --no-breaking     1 if readers of a table would break");
  auto planned = std::make_shared<PlanArguments>();
  add_date(plan_app, planned->as_of);
  plan_app->add_flag("--diff", planned->diff, "Compute the new rows and compare all of them");
  plan_app
      ->add_option("--sample", planned->sample,
                   "Compare about this share of the keys of what is another model")
      ->type_name("P");
  plan_app->add_flag("--no-breaking", planned->no_breaking, "Fail where a change is breaking");
  plan_app->callback([&globals, &command, planned] {
    command = [&globals, planned] { return plan(globals, *planned); };
  });

  CLI::App* apply_app =
      app.add_subcommand("apply",
                         "Do what plan says; readers see the old rows until the new are there\n"
                         "  claimlake apply                  shows the plan and asks\n"
                         "  claimlake apply --plan ID        only if the plan is still that one");
  auto applied = std::make_shared<ApplyArguments>();
  add_date(apply_app, applied->as_of);
  apply_app->add_option("--plan", applied->plan, "The id of a plan (plan --json)")->type_name("ID");
  apply_app->add_flag("--yes", applied->yes, "Do not ask");
  apply_app->callback([&globals, &command, applied] {
    command = [&globals, applied] { return apply(globals, *applied); };
  });
}

}  // namespace claimlake::app
