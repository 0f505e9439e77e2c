#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "base/text.h"
#include "pack/lineage.h"
#include "pack/lineage_tree.h"
#include "refresh/why_json.h"

namespace claimlake::app {
namespace {

using Cell = std::optional<std::string>;

std::string rows_of(std::int64_t count) {
  return count == 1 ? "1 row" : human_count(count) + " rows";
}

std::string written_text(const refresh::WrittenBy& written) {
  std::string out =
      fmt::format("version {} of {}, run {}", written.version, to_text(written.time), written.run);
  return written.way.empty() ? out : out + "\n  " + written.way;
}

std::string refused_text(const std::vector<refresh::RefusedRow>& rows, const std::string& indent) {
  std::string out;
  for (const refresh::RefusedRow& row : rows) {
    out += fmt::format("{}in quarantine ({}) since {}: {}\n", indent, row.state, row.since,
                       row.reason);
    if (!row.source_file.empty()) {
      out += fmt::format("{}  from {}#{}, batch {}\n", indent, row.source_file,
                         row.source_position.value_or("?"), row.batch);
    }
  }
  return out;
}

std::string waivers_text(const std::vector<refresh::RowWaiver>& waivers,
                         const std::string& indent) {
  std::string out;
  for (const refresh::RowWaiver& waiver : waivers) {
    out += fmt::format(
        "{}{} was waived for {} by {} at {}: {}{}\n", indent, waiver.rule, waiver.key, waiver.by,
        waiver.at, waiver.why,
        waiver.withdrawn_by.empty() ? "" : fmt::format("; {} took that back", waiver.withdrawn_by));
  }
  return out;
}

std::string columns_text(const refresh::Why& why, const pack::TableLineage& table) {
  constexpr int kValueWidth = 32;
  constexpr std::size_t kShown = 3;  // sources of one column; --json has all
  std::size_t names = 0;
  int values = 0;
  for (std::size_t i = 0; i < why.row.columns.size(); ++i) {
    names = std::max(names, why.row.columns[i].name.size());
    const std::string value = fit(why.row.rows[0][i].value_or("null"), kValueWidth);
    values = std::max(values, display_width(value));
  }
  std::string out;
  for (std::size_t i = 0; i < why.row.columns.size(); ++i) {
    const std::string& name = why.row.columns[i].name;
    const std::string value = fit(why.row.rows[0][i].value_or("null"), kValueWidth);
    const engine::ColumnLineage* column = table.column(name);
    const std::string from = column == nullptr ? "" : pack::sources_line(column->sources, kShown);
    std::string line = fmt::format(
        "  {:<{}}  {}{}  {}", name, names, value,
        std::string(static_cast<std::size_t>(values - display_width(value)), ' '), from);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string rules_text(const std::vector<refresh::JudgedRule>& rules) {
  constexpr int kDemandWidth = 100;  // of a query; --json has all of it
  std::size_t outcomes = 0;
  std::size_t names = 0;
  for (const refresh::JudgedRule& rule : rules) {
    outcomes = std::max(outcomes, rule.outcome.size());
    names = std::max(names, rule.rule.size());
  }
  std::string out;
  for (const refresh::JudgedRule& rule : rules) {
    out += fmt::format("  {:<{}}  {:<{}}  {}{}\n", rule.outcome, outcomes, rule.rule, names,
                       fit(rule.demand, kDemandWidth), rule.of_table ? "  (of the table)" : "");
  }
  return out;
}

std::string row_text(const engine::TextTable& table, const std::vector<Cell>& row) {
  std::string out;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const bool dull = table.columns[i].name == "_dq" && !row[i];
    if (dull) continue;
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", table.columns[i].name,
                       row[i].value_or("null"));
  }
  return out;
}

void inputs_text(const std::vector<refresh::RowsBehind>& inputs, const std::string& indent,
                 std::string& out) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const refresh::RowsBehind& input = inputs[i];
    const bool last = i + 1 == inputs.size();
    const std::string below = indent + (last ? "   " : "│  ");
    out += fmt::format("{}{}{}{}: {}\n", indent, last ? "└─ " : "├─ ", input.table,
                       input.version ? fmt::format(" version {}", *input.version) : "",
                       !input.whole.empty()     ? "any row may be behind it: " + input.whole
                       : !input.problem.empty() ? "cannot be read: " + input.problem
                                                : rows_of(input.count));
    const std::string lines = below + (input.inputs.empty() ? "   " : "│  ");
    for (const auto& row : input.rows.rows) out += lines + row_text(input.rows, row) + "\n";
    const auto shown = static_cast<std::int64_t>(input.rows.rows.size());
    if (input.count > shown) out += fmt::format("{}and {} more\n", lines, input.count - shown);
    for (const refresh::WrittenBy& written : input.written) {
      out += lines + "taken in as " + written_text(written) + "\n";
    }
    out += refused_text(input.refused, lines) + waivers_text(input.waivers, lines);
    inputs_text(input.inputs, below, out);
  }
}

std::string text_of(const refresh::Why& why, const pack::TableLineage& table) {
  std::string out = why.table;
  for (const auto& [column, value] : why.key) out += fmt::format(", {} {}", column, value);
  out += "\n";
  if (why.written) {
    out += fmt::format("  computed as {}\n", written_text(*why.written));
    const bool newest = why.written->version == why.version;
    out += newest ? std::string("  the newest version\n")
                  : fmt::format("  the same in version {}, the newest\n", why.version);
  } else if (why.present) {
    out += fmt::format("  in version {}; no refresh has written it\n", why.version);
  } else {
    out += fmt::format("  there is no such row in version {}, the newest\n", why.version);
  }
  out += refused_text(why.refused, "  ") + waivers_text(why.waivers, "  ");
  if (why.present) out += "\nValues, and what they are computed from\n" + columns_text(why, table);
  if (!why.rules.empty()) out += "\nRules\n" + rules_text(why.rules);
  out +=
      why.present ? "\nRows that it is computed from\n" : "\nRows that it would be computed from\n";
  inputs_text(why.inputs, "  ", out);
  out.pop_back();
  return out;
}

Result<Exit> show_why(const Globals& globals, const std::string& table, const std::string& key) {
  TRY(const auto home, globals.open());
  TRY(const auto lineage, pack::read_lineage(home->pack(), home->engine()));
  const auto values = refresh::key_values(home->pack(), table, key);
  TRY(const auto why, refresh::why({home->lake(), home->engine(), home->pack()}, table, values));
  const pack::TableLineage& of_table = *lineage.table(why.table);
  globals.output.text(text_of(why, of_table));
  globals.output.value(refresh::to_json(why, of_table));
  return why.present ? Exit::kDone : Exit::kNotFound;
}

}  // namespace

void add_why_command(CLI::App& app, Globals& globals, Command& command) {
  CLI::App* why = app.add_subcommand(
      "why",
      "Why a row is as it is: the run that wrote it, and the rows, files and rules behind it\n"
      "  claimlake why gold.customer_360_view --key CUST-00001\n"
      "  claimlake why silver.fact_claims --key CLM-000001");
  auto table = std::make_shared<std::string>();
  auto key = std::make_shared<std::string>();
  why->add_option("TABLE", *table, "A Silver or Gold table")->required();
  why->add_option("--key", *key, "The row's key; several columns are parted by commas")
      ->type_name("VALUE")
      ->required();
  why->callback([&globals, &command, table, key] {
    command = [&globals, table, key] { return show_why(globals, *table, *key); };
  });
}

}  // namespace claimlake::app
