#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "app/commands.h"
#include "base/text.h"
#include "pack/lineage.h"
#include "pack/lineage_tree.h"
#include "refresh/fingerprint.h"

namespace claimlake::app {
namespace {

using nlohmann::json;
using pack::Direction;

struct Asked {
  std::string name;
  bool upstream = false;
  bool downstream = false;
  int depth = 100;

  // Both, if neither is asked for.
  std::vector<Direction> directions() const {
    std::vector<Direction> out;
    if (upstream || !downstream) out.push_back(Direction::kUpstream);
    if (downstream || !upstream) out.push_back(Direction::kDownstream);
    return out;
  }
};

json name_or_null(const std::string& name) { return name.empty() ? json() : json(name); }

json to_json(const pack::LineageEdge& edge) {
  return {{"from",
           {{"table", edge.from.table},
            {"column", name_or_null(edge.from.column)},
            {"field", name_or_null(edge.from.field)}}},
          {"to", {{"table", edge.table}, {"column", name_or_null(edge.column)}}},
          {"way", engine::lineage_way_name(edge.from.way)},
          {"direct", engine::gives_values(edge.from.way)}};
}

// How fresh a table is, and how many rows its rules refused; nulls for what has no versions.
json state_of(Home& home, const pack::TableLineage& table) {
  json out = {{"table", table.name},
              {"files", table.files},
              {"version", nullptr},
              {"committed_at", nullptr},
              {"refused_rows", nullptr}};
  const pack::Model* model = home.pack().model(table.name);
  if (model == nullptr || !model->is_table()) return out;
  const auto snapshot = home.lake().snapshot_if_any({model->schema, model->table});
  if (!snapshot || *snapshot == nullptr) return out;
  out["version"] = (*snapshot)->version();
  out["committed_at"] = to_rfc3339((*snapshot)->timestamp());
  if (const auto refused = (*snapshot)->txn(refresh::kRefusedAppId)) out["refused_rows"] = *refused;
  return out;
}

std::string state_text(const json& state) {
  if (!state["files"].empty()) {
    return fmt::format("files {}", fmt::join(state["files"].get<std::vector<std::string>>(), ", "));
  }
  if (state["version"].is_null()) return "no version";
  std::string out = fmt::format("version {} of {}", state["version"].get<std::int64_t>(),
                                state["committed_at"].get<std::string>());
  if (!state["refused_rows"].is_null()) {
    out += fmt::format(", {} rows refused", state["refused_rows"].get<std::int64_t>());
  }
  return out;
}

std::string rows_text(const pack::TableLineage& table) {
  std::string out;
  for (const engine::ColumnSource& source : table.rows) {
    out += fmt::format("  {:<12}{}\n", engine::lineage_way_name(source.way),
                       pack::source_text(source));
  }
  return out.empty() ? "" : fmt::format("\nWhich rows {} has hangs on\n{}", table.name, out);
}

std::string text_of(const pack::Pack& pack, const pack::Lineage& lineage,
                    const pack::ColumnName& start, const Asked& asked, const json& state) {
  const pack::TableLineage& table = *lineage.table(start.table);
  const bool whole = start.column.empty();
  std::string out =
      fmt::format("{}{}{}\n  {}\n", table.name, whole ? "" : ".", start.column, state_text(state));
  for (const Direction direction : asked.directions()) {
    const bool up = direction == Direction::kUpstream;
    const auto tree = whole ? pack::table_tree(pack, table.name, direction, asked.depth)
                            : pack::column_tree(lineage, start, direction, asked.depth);
    const std::string lines = pack::tree_text(tree, "  ");
    out += fmt::format("\n{}\n{}", up ? "Is computed from" : "Goes into",
                       lines.empty() ? "  nothing\n" : lines);
    if (up && whole && table.files.empty()) {
      out += fmt::format("\nColumns are computed from\n{}", pack::columns_text(table));
    }
    if (up) out += rows_text(table);
  }
  out.pop_back();
  return out;
}

Result<Exit> show_lineage(const Globals& globals, const Asked& asked) {
  if (asked.depth < 1) {
    return Error{Fault::kInvalidInput, "--depth is how many tables far to go", "",
                 "give 1 or more"};
  }
  TRY(const auto home, globals.open());
  TRY(const auto lineage, pack::read_lineage(home->pack(), home->engine()));
  TRY(const auto start, pack::find_column(lineage, asked.name));
  const json state = state_of(*home, *lineage.table(start.table));
  globals.output.text(text_of(home->pack(), lineage, start, asked, state));
  json out = {{"table", start.table}, {"column", name_or_null(start.column)}};
  std::set<std::string> reached = {start.table};
  for (const Direction direction : asked.directions()) {
    json edges = json::array();
    for (const auto& edge : pack::edges(lineage, start, direction, asked.depth)) {
      edges.push_back(to_json(edge));
      reached.insert(edge.from.table);
      reached.insert(edge.table);
    }
    out[direction == Direction::kUpstream ? "upstream" : "downstream"] = edges;
  }
  out["tables"] = json::array();
  for (const pack::TableLineage& table : lineage.tables) {
    if (reached.contains(table.name)) out["tables"].push_back(state_of(*home, table));
  }
  globals.output.value(out);
  return Exit::kDone;
}

}  // namespace

void add_lineage_command(CLI::App& app, Globals& globals, Command& command) {
  CLI::App* lineage = app.add_subcommand(
      "lineage",
      "What a table or column hangs on, down to the raw files, and what hangs on it\n"
      "  claimlake lineage gold.customer_360_view\n"
      "  claimlake lineage gold.customer_360_view.loss_ratio --upstream\n"
      "  claimlake lineage bronze.claims_raw.paid_amount --downstream");
  auto asked = std::make_shared<Asked>();
  lineage->add_option("TABLE", asked->name, "A table, or one of its columns: TABLE.COLUMN")
      ->required();
  lineage->add_flag("--upstream", asked->upstream, "Only what it hangs on");
  lineage->add_flag("--downstream", asked->downstream, "Only what hangs on it");
  lineage->add_option("--depth", asked->depth, "How many tables far")
      ->type_name("N")
      ->default_str("all the way");
  lineage->callback([&globals, &command, asked] {
    command = [&globals, asked] { return show_lineage(globals, *asked); };
  });
}

}  // namespace claimlake::app
