#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "pack/lint.h"
#include "pack/show.h"

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
  for (const pack::LineageNode& each : node.reads) reads.push_back(to_json(each));
  return {{"name", node.name}, {"by_rule", node.by_rule}, {"reads", reads}};
}

Result<Exit> show_model(const Globals& globals, const std::string& name) {
  TRY(const auto home, globals.open());
  TRY(const auto detail, pack::model_detail(home->pack(), name));
  nlohmann::json columns = nlohmann::json::array();
  for (const pack::ColumnDoc& column : detail.model->columns) {
    columns.push_back(
        {{"name", column.name}, {"type", column.type}, {"doc", column.doc}, {"unit", column.unit}});
  }
  globals.output.text(pack::model_text(detail));
  globals.output.value({{"model", detail.model->name},
                        {"description", detail.model->header.description},
                        {"file", detail.model->file},
                        {"columns", columns},
                        {"lineage", to_json(detail.lineage)},
                        {"readers", detail.readers}});
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
}

}  // namespace claimlake::app
