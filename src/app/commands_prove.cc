#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/interrupt.h"
#include "app/progress_line.h"
#include "refresh/prove.h"

namespace claimlake::app {
namespace {

using nlohmann::json;
using On = refresh::DifferentRow::On;

struct ProveArguments {
  std::vector<std::string> tables;
  std::vector<std::string> named;  // by --table
  std::optional<double> sample;
  std::string from = "inputs";
  std::int64_t rows = 10;
};

json or_null(const std::optional<std::string>& text) { return text ? json(*text) : json(); }

std::string shown(const std::optional<std::string>& text) { return text ? *text : "null"; }

const char* on_name(On on) {
  switch (on) {
    case On::kBoth:
      return "both";
    case On::kLeft:
      return "stored";
    case On::kRight:
      return "recomputed";
  }
  return "";
}

json to_json(const refresh::ProvedRow& row) {
  json key = json::object();
  for (std::size_t i = 0; i < row.row.key.size(); ++i) {
    key[row.key_columns[i]] = or_null(row.row.key[i]);
  }
  json columns = json::object();
  for (const refresh::DifferentCell& cell : row.row.cells) {
    columns[cell.column] = {{"stored", or_null(cell.left)}, {"recomputed", or_null(cell.right)}};
  }
  json from;
  if (row.from) {
    from = {{"version", row.from->version},
            {"operation", row.from->operation},
            {"run", row.from->run.empty() ? json() : json(row.from->run)},
            {"at", to_rfc3339(row.from->at)}};
  }
  return {{"table", row.place},
          {"key", key},
          {"in", on_name(row.row.on)},
          {"columns", columns},
          {row.row.on == On::kRight ? "removed_by" : "written_by", from}};
}

json to_json(const refresh::ProofReport& report) {
  json tables = json::array();
  for (const refresh::TableProof& table : report.tables) {
    json rows = json::array();
    for (const refresh::ProvedRow& row : table.first_rows) rows.push_back(to_json(row));
    tables.push_back({{"table", table.table},
                      {"outcome", refresh::proof_name(table.outcome)},
                      {"version", table.version ? json(*table.version) : json()},
                      {"inputs", table.inputs},
                      {"as_of", table.as_of.empty() ? json() : json(table.as_of)},
                      {"whole", table.whole},
                      {"rows", table.rows},
                      {"recomputed_rows", table.recomputed},
                      {"only_stored", table.only_stored},
                      {"only_recomputed", table.only_recomputed},
                      {"differing", table.differing},
                      {"differing_columns", table.by_column},
                      {"differences", rows},
                      {"seconds", table.seconds},
                      {"message", table.message},
                      {"next", table.next}});
  }
  return {{"ok", report.ok()}, {"seconds", report.seconds}, {"tables", tables}};
}

// "from version 4 (UPDATE, no run of claimlake)".
std::string from_text(const refresh::ProvedRow& row) {
  const bool removed = row.row.on == On::kRight;
  if (!row.from)
    return removed ? "none of the last versions had it" : "which commit wrote it is not known";
  const refresh::RowWriter& from = *row.from;
  std::string text =
      fmt::format("{} version {}", removed ? "taken out by" : "written by", from.version);
  if (from.operation.empty()) return text;
  return text + fmt::format(" ({} at {}, {})", from.operation, to_rfc3339(from.at),
                            from.run.empty() ? "by no run" : "run " + from.run);
}

std::string row_text(const refresh::ProvedRow& row) {
  std::string name;
  for (std::size_t i = 0; i < row.row.key.size(); ++i) {
    name += fmt::format("{}{} {}", i == 0 ? "" : ", ", row.key_columns[i], shown(row.row.key[i]));
  }
  const bool both = row.row.on == On::kBoth;
  std::string text = fmt::format("  {}{}{}\n", row.place, name.empty() ? "" : ", " + name,
                                 both ? "" : fmt::format(": only {}", on_name(row.row.on)));
  // Rows without a key are told by what they hold.
  for (const refresh::DifferentCell& cell : row.row.cells) {
    if (both) {
      text += fmt::format("    {}: stored {}, recomputed {}\n", cell.column, shown(cell.left),
                          shown(cell.right));
    } else if (name.empty()) {
      text += fmt::format("    {} {}\n", cell.column,
                          shown(row.row.on == On::kLeft ? cell.left : cell.right));
    }
  }
  return text + fmt::format("    {}\n", from_text(row));
}

std::string differences_text(const refresh::TableProof& table) {
  std::string what;
  const auto add = [&](std::int64_t rows, const char* how) {
    if (rows == 0) return;
    what += fmt::format("{}{} {} {}", what.empty() ? "" : ", ", human_count(rows),
                        rows == 1 ? "row" : "rows", how);
  };
  add(table.differing, "with other values");
  add(table.only_stored, "only stored");
  add(table.only_recomputed, "only recomputed");
  std::string columns;
  for (const auto& [column, rows] : table.by_column) {
    columns += fmt::format("{}{} {}", columns.empty() ? "" : ", ", column, human_count(rows));
  }
  std::string text =
      fmt::format("\n{} at version {} differs from what its model gives{}{}{}\n", table.table,
                  table.version.value_or(0), what.empty() ? "" : ": " + what,
                  columns.empty() ? "" : "; values by column: " + columns,
                  table.message.empty() ? "" : "; " + table.message);
  for (const refresh::ProvedRow& row : table.first_rows) text += row_text(row);
  const auto told = static_cast<std::int64_t>(table.first_rows.size());
  const std::int64_t all = table.differing + table.only_stored + table.only_recomputed;
  if (all > told && told > 0) text += fmt::format("  and {} more\n", human_count(all - told));
  // Raw files are taken in once: of Bronze nothing is written anew.
  if (table.table.starts_with("bronze.")) return text;
  return text + fmt::format("  try    claimlake run {} --force writes what the model gives\n",
                            table.table);
}

void print(const refresh::ProofReport& report, const Output& output) {
  TextRows shown_rows{{{"table"},
                       {"outcome"},
                       {"version", Align::kRight},
                       {"rows compared", Align::kRight},
                       {"seconds", Align::kRight},
                       {"of it"}},
                      {}};
  std::string problems;
  std::int64_t equal = 0;
  std::int64_t rows = 0;
  for (const refresh::TableProof& table : report.tables) {
    rows += table.rows;
    equal += table.outcome == refresh::ProofOutcome::kEqual ? 1 : 0;
    const bool unproved = table.outcome == refresh::ProofOutcome::kUnproved;
    shown_rows.rows.push_back({table.table, refresh::proof_name(table.outcome),
                               table.version ? std::to_string(*table.version) : "",
                               human_count(table.rows), fmt::format("{:.2f}", table.seconds),
                               unproved                ? ""
                               : !table.whole          ? "a sample"
                               : table.message.empty() ? "all"
                                                       : table.message});
    if (table.outcome == refresh::ProofOutcome::kDiffers) problems += differences_text(table);
    if (unproved) {
      problems += fmt::format("\n{} is not proved: {}\n  try    {}\n", table.table, table.message,
                              table.next);
    }
  }
  output.table(shown_rows);
  if (!problems.empty()) output.text(problems.substr(1));
  output.text(fmt::format("{} of {} tables equal what their models give; {} rows compared, {}",
                          equal, report.tables.size(), human_count(rows),
                          human_seconds(report.seconds)));
}

Result<refresh::ProveOptions> options_of(const ProveArguments& arguments) {
  refresh::ProveOptions options;
  options.tables = arguments.tables;
  options.tables.insert(options.tables.end(), arguments.named.begin(), arguments.named.end());
  options.rows_max = static_cast<std::size_t>(arguments.rows);
  const std::map<std::string, refresh::ProofFrom> places = {{"inputs", refresh::ProofFrom::kInputs},
                                                            {"bronze", refresh::ProofFrom::kBronze},
                                                            {"raw", refresh::ProofFrom::kRaw}};
  if (!places.contains(arguments.from)) {
    return Error{Fault::kInvalidInput, fmt::format("--from takes no '{}'", arguments.from), "",
                 "use inputs, bronze or raw"};
  }
  options.from = places.at(arguments.from);
  if (arguments.rows < 1 || arguments.rows > 1000) {
    return Error{Fault::kInvalidInput, fmt::format("--rows takes no {}", arguments.rows), "",
                 "use a number from 1 to 1000"};
  }
  if (arguments.sample && !(*arguments.sample > 0 && *arguments.sample <= 1)) {
    return Error{Fault::kInvalidInput, fmt::format("--sample takes no {}", *arguments.sample), "",
                 "use a share of the keys, above 0 and up to 1: 0.1 is a tenth"};
  }
  if (arguments.sample && *arguments.sample < 1) options.sample = arguments.sample;
  return options;
}

Result<Exit> prove(const Globals& globals, const ProveArguments& arguments) {
  TRY(refresh::ProveOptions options, options_of(arguments));
  TRY(const auto home, globals.open());
  options.raw_store = &home->store();
  options.raw_folder = "raw";
  TRY(const auto session, home->engine().session({.access = engine::Access::kInternal}));
  const Cancel cancel;
  ProgressLine line(home->clock());
  const Interrupt interrupt(cancel, [&session] { session->interrupt(); });
  TRY(const auto report,
      refresh::prove({home->lake(), *session, home->pack(), home->clock(), line, cancel}, options));
  print(report, globals.output);
  globals.output.value(to_json(report));
  return report.ok() ? Exit::kDone : Exit::kFailed;
}

}  // namespace

void add_prove_command(CLI::App& app, Globals& globals, Command& command) {
  CLI::App* sub = app.add_subcommand(
      "prove",
      "Compute tables again from what they were computed from, and compare both ways\n"
      "  claimlake prove                                  all Silver and Gold tables\n"
      "  claimlake prove gold.monthly_kpis\n"
      "  claimlake prove --sample 0.01                    a hundredth of the keys\n"
      "  claimlake prove gold.monthly_kpis --from bronze  and the versions of Silver it came from\n"
      "  claimlake prove --from raw                       and Bronze from the raw files");
  auto arguments = std::make_shared<ProveArguments>();
  sub->add_option("TABLE", arguments->tables, "Only these tables (default: all)");
  sub->add_option("--table", arguments->named, "The same as TABLE")->type_name("T");
  sub->add_option("--sample", arguments->sample,
                  "Only this share of the keys, 0..1: always the same ones")
      ->type_name("P");
  sub->add_option("--from", arguments->from,
                  "inputs: from the versions that each table was computed from; bronze: prove the "
                  "Silver versions among these, too; raw: and those of Bronze from the raw files")
      ->type_name("WHERE")
      ->capture_default_str();
  sub->add_option("--rows", arguments->rows, "So many rows that differ are told, per table")
      ->type_name("N")
      ->capture_default_str();
  sub->callback([&globals, &command, arguments] {
    command = [&globals, arguments] { return prove(globals, *arguments); };
  });
}

}  // namespace claimlake::app
