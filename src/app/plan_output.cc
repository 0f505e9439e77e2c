#include "app/plan_output.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/terminal.h"
#include "serve/call_reads.h"

namespace claimlake::app {
namespace {

using refresh::PlannedModel;
using refresh::PlanState;
using refresh::PlanWork;

const char* work_name(PlanWork work) {
  switch (work) {
    case PlanWork::kNothing:
      return "nothing";
    case PlanWork::kWhole:
      return "whole";
    case PlanWork::kNewRows:
      return "new rows";
    case PlanWork::kAtOnce:
      return "at once";
  }
  return "nothing";
}

std::string work_text(const PlannedModel& model) {
  switch (model.work) {
    case PlanWork::kNothing:
      return model.state == PlanState::kRemoved
                 ? "nothing; a table of it stays until it is dropped: DROP TABLE " + model.model
                 : "nothing; its rows stay as they are";
    case PlanWork::kNewRows:
      return "rows that arrive from now on; those that are there stay as they are";
    case PlanWork::kAtOnce:
      return "nothing; it is computed when it is read";
    case PlanWork::kWhole:
      break;
  }
  std::string text = "as a whole";
  if (model.rows) {
    text += fmt::format("; it has {} rows, {}", human_count(*model.rows), human_bytes(model.bytes));
  }
  if (model.seconds) text += "; the last time it took " + human_seconds(*model.seconds);
  return text;
}

void add_line(std::string& text, const char* what, const std::vector<std::string>& names) {
  if (!names.empty()) text += fmt::format("  {:<10}{}\n", what, fmt::join(names, ", "));
}

// What may differ beyond what is named, and why.
std::string others_text(const PlannedModel& model) {
  const pack::DefinitionChange& change = model.change;
  if (!change.ctes_changed.empty()) {
    return fmt::format("any may differ: {} {}", change.ctes_changed.size() > 1 ? "CTEs" : "CTE",
                       fmt::join(change.ctes_changed, ", "));
  }
  if (change.rest_changed) return "any may differ: FROM, WHERE or GROUP BY";
  if (!change.header_changed.empty()) {
    return fmt::format("any may differ: {} in the header", fmt::join(change.header_changed, ", "));
  }
  return "";
}

std::string head_of(const PlannedModel& model) {
  if (model.state == PlanState::kChanged) {
    return fmt::format("changed: {}", pack::change_class_name(model.change.change_class));
  }
  if (model.state == PlanState::kUnknown)
    return "built by a definition that the lake does not keep";
  return plan_state_name(model.state);
}

// A model that is itself another one.
std::string change_text(const PlannedModel& model) {
  const pack::DefinitionChange& change = model.change;
  if (model.state == PlanState::kAdded) {
    const char* work = model.work == PlanWork::kWhole     ? "computed as a whole"
                       : model.work == PlanWork::kNewRows ? "takes rows that arrive"
                                                          : "computed when it is read";
    return fmt::format("{}  added; {}\n", model.model, work);
  }
  std::string text = fmt::format("{}  {}\n", model.model, head_of(model));
  if (!model.file.empty()) text += fmt::format("  {:<10}{}\n", "file", model.file);
  if (model.state == PlanState::kChanged || model.state == PlanState::kRemoved) {
    add_line(text, "breaking", change.breaking);
    add_line(text, "comes", change.columns_added);
    add_line(text, "goes", change.columns_removed);
    add_line(text, "differs", change.columns_changed);
    const std::string others = others_text(model);
    if (!others.empty()) text += fmt::format("  {:<10}{}\n", "columns", others);
    add_line(text, "rules +", change.rules_added);
    add_line(text, "rules -", change.rules_removed);
    add_line(text, "rules ~", change.rules_changed);
  }
  return text + fmt::format("  {:<10}{}\n", "computed", work_text(model));
}

bool is_change(const PlannedModel& model) {
  return model.state != PlanState::kUnchanged && model.state != PlanState::kAffected;
}

TextRows affected_rows(const refresh::Plan& plan) {
  constexpr std::size_t kShown = 5;  // columns; --json has all
  TextRows shown{{{"reads what changes"},
                  {"through"},
                  {"columns that may differ"},
                  {"computed"},
                  {"rows", Align::kRight},
                  {"last took", Align::kRight}},
                 {}};
  for (const PlannedModel& model : plan.models) {
    if (model.state != PlanState::kAffected) continue;
    std::string columns = model.all_columns ? "any" : "";
    if (model.all_columns && !model.decided_by.empty()) {
      columns += ", by " + model.decided_by.front();
      if (model.decided_by.size() > 1) {
        columns += fmt::format(" and {} more", model.decided_by.size() - 1);
      }
    }
    for (std::size_t i = 0; !model.all_columns && i < model.columns.size() && i < kShown; ++i) {
      columns += (columns.empty() ? "" : ", ") + model.columns[i];
    }
    if (!model.all_columns && model.columns.size() > kShown) {
      columns += fmt::format(", and {} more", model.columns.size() - kShown);
    }
    if (columns.empty()) columns = model.rows_may_differ ? "none; rows may come or go" : "none";
    shown.rows.push_back({model.model, fmt::format("{}", fmt::join(model.because, ", ")), columns,
                          model.work == PlanWork::kWhole ? "as a whole" : "when it is read",
                          model.rows ? human_count(*model.rows) : std::string(),
                          model.seconds ? human_seconds(*model.seconds) : std::string()});
  }
  return shown;
}

// The seconds of all tables to be computed, and how many of them have none that are known.
struct Cost {
  double seconds = 0;
  std::int64_t tables = 0;
  std::int64_t unknown = 0;
};
Cost cost_of(const refresh::Plan& plan) {
  Cost cost;
  for (const PlannedModel& model : plan.models) {
    if (model.work != PlanWork::kWhole) continue;
    ++cost.tables;
    cost.seconds += model.seconds.value_or(0);
    cost.unknown += model.seconds ? 0 : 1;
  }
  return cost;
}

// What the page and the API show of tables that may differ, by call.
std::vector<serve::CallReads> shown_by(const refresh::Plan& plan) {
  std::vector<serve::CallReads> out;
  auto calls = serve::call_reads();
  if (!calls) return out;  // a test holds the contract of the program to be good
  const std::vector<std::string> differ = plan.tables();
  for (serve::CallReads& call : *calls) {
    std::erase_if(call.tables, [&](const std::string& table) {
      return std::find(differ.begin(), differ.end(), table) == differ.end();
    });
    if (!call.tables.empty()) out.push_back(std::move(call));
  }
  return out;
}

TextRows shown_by_rows(const refresh::Plan& plan) {
  TextRows shown{{{"shown by the page and the API"}, {"of what may differ"}}, {}};
  for (const serve::CallReads& call : shown_by(plan)) {
    shown.rows.push_back({call.path, fmt::format("{}", fmt::join(call.tables, ", "))});
  }
  return shown;
}

std::string summary(const refresh::Plan& plan, const std::string& environment) {
  const Cost cost = cost_of(plan);
  const auto count = [&](auto fits) {
    return std::count_if(plan.models.begin(), plan.models.end(), fits);
  };
  const auto changed = count(is_change);
  const auto behind = count([](const PlannedModel& model) { return model.behind; });
  const std::string place = environment.empty() ? "" : " --env " + environment;
  std::string text;
  if (!plan.any_work()) {
    text = fmt::format("The {} is built by the pack as it is: nothing to apply",
                       environment.empty() ? "lake" : "environment " + environment);
  } else {
    text =
        fmt::format("{} {}; {} {} computed as a whole", changed,
                    changed == 1 ? "model is new or another one" : "models are new or other ones",
                    cost.tables, cost.tables == 1 ? "table is" : "tables are");
    if (cost.tables > cost.unknown) {
      text += fmt::format(", which took {} the last time", human_seconds(cost.seconds));
    }
    if (cost.unknown > 0) {
      text += cost.tables == cost.unknown ? "; how long that takes is not known"
                                          : fmt::format(", and {} not known", cost.unknown);
    }
    text += fmt::format(
        "\nclaimlake apply{} does it; readers see the old rows until each table is complete",
        place);
  }
  if (behind > 0) {
    text +=
        fmt::format("\n{} {} behind {} inputs: claimlake run{}", behind,
                    behind == 1 ? "table is" : "tables are", behind == 1 ? "its" : "their", place);
  }
  return text;
}

nlohmann::json to_json(const PlannedModel& model) {
  const pack::DefinitionChange& change = model.change;
  return {{"model", model.model},
          {"state", plan_state_name(model.state)},
          {"class", pack::change_class_name(change.change_class)},
          {"breaking", change.breaking},
          {"columns_added", change.columns_added},
          {"columns_removed", change.columns_removed},
          {"columns_changed", change.columns_changed},
          {"ctes_changed", change.ctes_changed},
          {"rest_changed", change.rest_changed},
          {"header_changed", change.header_changed},
          {"rules_added", change.rules_added},
          {"rules_removed", change.rules_removed},
          {"rules_changed", change.rules_changed},
          {"because", model.because},
          {"may_differ", model.all_columns ? nlohmann::json("any") : nlohmann::json(model.columns)},
          {"decided_by", model.decided_by},
          {"rows_may_differ", model.rows_may_differ},
          {"computed", work_name(model.work)},
          {"behind", model.behind},
          {"rows", model.rows ? nlohmann::json(*model.rows) : nlohmann::json()},
          {"bytes", model.bytes},
          {"whole_seconds", model.seconds ? nlohmann::json(*model.seconds) : nlohmann::json()},
          {"file", model.file}};
}

}  // namespace

void print_plan(const refresh::Plan& plan, const std::string& environment, const Output& output) {
  for (const PlannedModel& model : plan.models) {
    if (is_change(model)) output.text(change_text(model));
  }
  const TextRows affected = affected_rows(plan);
  if (!affected.rows.empty()) output.table(affected);
  const TextRows shown = shown_by_rows(plan);
  if (!shown.rows.empty()) {
    if (!affected.rows.empty()) output.text("");
    output.table(shown);
  }
  output.text((affected.rows.empty() && shown.rows.empty() ? "" : "\n") +
              summary(plan, environment));
}

nlohmann::json to_json(const refresh::Plan& plan) {
  nlohmann::json models = nlohmann::json::array();
  for (const PlannedModel& model : plan.models) models.push_back(to_json(model));
  const Cost cost = cost_of(plan);
  nlohmann::json shown = nlohmann::json::array();
  for (const serve::CallReads& call : shown_by(plan)) {
    shown.push_back({{"call", call.call}, {"path", call.path}, {"tables", call.tables}});
  }
  return {{"id", plan.id},
          {"shown_by", shown},
          {"nothing_to_apply", !plan.any_work()},
          {"breaking", plan.any_breaking()},
          {"tables", plan.tables()},
          {"whole_seconds", cost.seconds},
          {"models", models}};
}

void print_diffs(const std::vector<refresh::PlanDiff>& diffs, const Output& output) {
  TextRows shown{{{"table"},
                  {"compared", Align::kRight},
                  {"come", Align::kRight},
                  {"go", Align::kRight},
                  {"differ", Align::kRight},
                  {"note"}},
                 {}};
  TextRows columns{
      {{"table"}, {"column"}, {"differs in", Align::kRight}, {"for example"}, {"is"}, {"becomes"}},
      {}};
  constexpr std::size_t kShown = 8;  // columns of a table; --json has all
  for (const refresh::PlanDiff& diff : diffs) {
    shown.rows.push_back({diff.table, human_count(diff.compared), human_count(diff.come),
                          human_count(diff.go), human_count(diff.differ), diff.note});
    for (std::size_t i = 0; i < std::min(diff.columns.size(), kShown); ++i) {
      const refresh::PlanDiff::Column& column = diff.columns[i];
      columns.rows.push_back({diff.table, column.column, human_count(column.rows), column.key,
                              column.before, column.after});
    }
    if (diff.columns.size() > kShown) {
      columns.rows.push_back(
          {diff.table, fmt::format("and {} more", diff.columns.size() - kShown), "", "", "", ""});
    }
  }
  output.text("");
  output.table(shown);
  if (columns.rows.empty()) return;
  output.text("");
  output.table(columns);
}

nlohmann::json to_json(const std::vector<refresh::PlanDiff>& diffs) {
  const auto or_null = [](const std::optional<std::string>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json();
  };
  nlohmann::json out = nlohmann::json::array();
  for (const refresh::PlanDiff& diff : diffs) {
    nlohmann::json columns = nlohmann::json::array();
    for (const refresh::PlanDiff::Column& column : diff.columns) {
      columns.push_back({{"column", column.column},
                         {"rows", column.rows},
                         {"key", column.key},
                         {"before", or_null(column.before)},
                         {"after", or_null(column.after)}});
    }
    out.push_back({{"table", diff.table},
                   {"by_key", diff.by_key},
                   {"compared", diff.compared},
                   {"come", diff.come},
                   {"go", diff.go},
                   {"differ", diff.differ},
                   {"columns", columns},
                   {"note", diff.note}});
  }
  return out;
}

}  // namespace claimlake::app
