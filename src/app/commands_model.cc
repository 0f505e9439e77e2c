#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "base/text.h"
#include "pack/explain.h"
#include "pack/key_mapping.h"
#include "pack/lineage.h"
#include "pack/lint.h"
#include "pack/show_json.h"
#include "refresh/publish.h"

namespace claimlake::app {
namespace {

Result<Exit> list_models(const Globals& globals) {
  TRY(const auto home, globals.open());
  TextRows shown{{{"model"}, {"kind"}, {"reads"}, {"what it is"}}, {}};
  nlohmann::json values = nlohmann::json::array();
  for (const pack::Model& model : home->pack().models) {
    std::string reads;
    for (const std::string& input : model.inputs) reads += (reads.empty() ? "" : " ") + input;
    shown.rows.push_back(
        {model.name, pack::kind_name(model.header.kind), reads, model.header.description});
    values.push_back({{"model", model.name},
                      {"kind", pack::kind_name(model.header.kind)},
                      {"inputs", model.inputs},
                      {"key", model.header.key},
                      {"description", model.header.description},
                      {"file", model.file}});
  }
  globals.output.table(shown);
  globals.output.value(values);
  return Exit::kDone;
}

nlohmann::json to_json(const pack::LineageNode& node) {
  nlohmann::json reads = nlohmann::json::array();
  for (const pack::LineageNode& each : node.next) reads.push_back(to_json(each));
  return {{"name", node.name}, {"by_rule", node.note == pack::kByRule}, {"reads", reads}};
}

Result<Exit> show_model(const Globals& globals, const std::string& name) {
  TRY(const auto home, globals.open());
  TRY(const auto detail, pack::model_detail(home->pack(), name));
  TRY(const auto lineage, pack::read_lineage(home->pack(), home->engine()));
  const pack::TableLineage& table = *lineage.table(detail.model->name);
  nlohmann::json value = pack::to_json(detail);
  for (nlohmann::json& column : value["columns"]) {
    column["from"] = nlohmann::json::array();
    const engine::ColumnLineage* known = table.column(column["name"].get<std::string>());
    for (std::size_t i = 0; known != nullptr && i < known->sources.size(); ++i) {
      const engine::ColumnSource& source = known->sources[i];
      if (engine::gives_values(source.way)) column["from"].push_back(pack::source_text(source));
    }
  }
  value["lineage"] = to_json(detail.lineage);
  globals.output.text(pack::model_text(detail) + "\nColumns are computed from\n" +
                      pack::columns_text(table));
  globals.output.value(value);
  return Exit::kDone;
}

std::string seconds_text(const std::optional<double>& seconds) {
  return seconds ? fmt::format("{:.3f} s", *seconds) : std::string("not known");
}

std::string explain_text(const pack::Model& model, const refresh::Past& past) {
  const std::string name = fmt::format("{}\n", model.name);
  if (model.mapping == nullptr) {
    return fmt::format("{}  has no key, so changes cannot be led to some of its rows", name);
  }
  std::string text = fmt::format("{}  key {}\n", name, fmt::join(model.header.key, ", "));
  for (const pack::InputRoute& input : pack::input_routes(model)) {
    text +=
        fmt::format("\n  {}: {}\n", input.table,
                    input.whole ? "any change may touch any key" : "a change leads to its keys");
    for (const std::string& way : input.ways) text += "    " + way + "\n";
  }
  if (const std::string day = pack::day_text(model); !day.empty()) {
    text += fmt::format("\n  the day: {}\n", day);
  }
  if (!past.way.empty()) {
    text += fmt::format("\n  last refresh: {}\n  last time by key: {}; as a whole: {}\n", past.way,
                        seconds_text(past.by_key_seconds), seconds_text(past.whole_seconds));
  }
  if (past.by_key_failures > 0) {
    const int builds = past.builds_before_by_key();
    text += fmt::format(
        "  by key it failed {} of late: it is tried again {}\n",
        past.by_key_failures == 1 ? "once" : fmt::format("{} times", past.by_key_failures),
        builds == 0 ? "with the next refresh" : fmt::format("after {} more as a whole", builds));
  }
  text.pop_back();
  return text;
}

// Null for a model without `clock: day`.
nlohmann::json day_json(const pack::Model& model) {
  if (!model.header.clock_day || model.mapping == nullptr) return {};
  const pack::DayWay way = pack::day_way(model);
  nlohmann::json rules = nlohmann::json::array();
  for (const pack::Rule* rule : way.rules) rules.push_back(rule->name);
  using Kind = pack::DayWay::Kind;
  return {{"decides", way.kind == Kind::kNothing ? "nothing"
                      : way.kind == Kind::kRows  ? "rows"
                                                 : "columns"},
          {"columns", way.columns},
          {"rules", rules}};
}

nlohmann::json or_null(const std::optional<double>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json();
}

// What leads from a change of each input to the keys of a model, or what does not.
Result<Exit> explain_models(const Globals& globals, const std::string& name) {
  TRY(const auto home, globals.open());
  if (!name.empty()) {
    TRY_DONE(pack::model_detail(home->pack(), name));
  }
  nlohmann::json values = nlohmann::json::array();
  std::string text;
  for (const pack::Model& model : home->pack().models) {
    const bool asked = name.empty() ? model.mapping != nullptr : model.name == to_lower(name);
    if (!asked) continue;
    // A table that was not built yet has no past.
    refresh::Past past;
    if (auto known = refresh::past_of(home->lake(), model)) past = *std::move(known);
    text += (text.empty() ? "" : "\n\n") + explain_text(model, past);
    nlohmann::json inputs = nlohmann::json::array();
    for (const pack::InputRoute& input : pack::input_routes(model)) {
      inputs.push_back({{"table", input.table}, {"whole", input.whole}, {"ways", input.ways}});
    }
    values.push_back({{"model", model.name},
                      {"key", model.header.key},
                      {"inputs", inputs},
                      {"day", day_json(model)},
                      {"last_way", past.way},
                      {"by_key_seconds", or_null(past.by_key_seconds)},
                      {"whole_seconds", or_null(past.whole_seconds)},
                      {"by_key_failures", past.by_key_failures},
                      {"builds_before_by_key", past.builds_before_by_key()}});
  }
  globals.output.text(text);
  globals.output.value(values);
  return Exit::kDone;
}

// Loading the pack has bound every model; what is left to look at is how portable they are.
Result<Exit> check_models(const Globals& globals) {
  TRY(const auto home, globals.open());
  nlohmann::json values = nlohmann::json::array();
  for (const pack::Model& model : home->pack().models) {
    for (const Error& finding : pack::lint_model(model)) {
      globals.output.text(finding.text());
      values.push_back(
          {{"where", finding.where}, {"message", finding.message}, {"next", finding.next}});
    }
  }
  globals.output.text(fmt::format("{} models bind; {} places are not portable",
                                  home->pack().models.size(), values.size()));
  globals.output.value({{"models", home->pack().models.size()}, {"findings", values}});
  return values.empty() ? Exit::kDone : Exit::kFailed;
}

}  // namespace

void add_model_commands(CLI::App& app, Globals& globals, Command& command) {
  CLI::App* model = app.add_subcommand("model",
                                       "The SQL models of the pack\n"
                                       "  claimlake model show gold.customer_360_view");
  model->require_subcommand(1);
  model
      ->add_subcommand("list",
                       "All models in the order of work\n"
                       "  claimlake model list")
      ->callback([&globals, &command] { command = [&globals] { return list_models(globals); }; });
  model
      ->add_subcommand("check",
                       "Does every model bind, and would it run in Spark and Trino too?\n"
                       "  claimlake model check")
      ->callback([&globals, &command] { command = [&globals] { return check_models(globals); }; });
  CLI::App* show =
      model->add_subcommand("show",
                            "Columns with formula and unit, rules, and where the rows come from\n"
                            "  claimlake model show gold.customer_360_view");
  auto name = std::make_shared<std::string>();
  show->add_option("MODEL", *name, "For example gold.customer_360_view")->required();
  show->callback([&globals, &command, name] {
    command = [&globals, name] { return show_model(globals, *name); };
  });
  CLI::App* explain = model->add_subcommand(
      "explain",
      "Which keys of a model a change of its inputs touches, read from its SQL\n"
      "  claimlake model explain gold.customer_360_view");
  auto explained = std::make_shared<std::string>();
  explain->add_option("MODEL", *explained, "All models with a key, if it is left out");
  explain->callback([&globals, &command, explained] {
    command = [&globals, explained] { return explain_models(globals, *explained); };
  });
  add_model_test_command(*model, globals, command);
}

}  // namespace claimlake::app
