#include "pack/lineage_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace claimlake::pack {
namespace {

class TableTree {
 public:
  TableTree(const Pack& pack, Direction direction) : pack_(pack), direction_(direction) {}

  LineageNode of(const std::string& name, int depth) {
    LineageNode node{.name = name};
    if (depth == 0) return node;
    if (name.starts_with("raw.") && direction_ == Direction::kUpstream) {
      if (const Source* source = pack_.source(name.substr(4))) {
        for (const std::string& files : source->files) node.next.push_back({.name = files});
      }
      return node;
    }
    const auto neighbours = direction_ == Direction::kUpstream ? inputs_of(name) : readers_of(name);
    if (!neighbours.empty() && !shown_.insert(name).second) {
      node.repeated = true;
      return node;
    }
    for (const auto& [neighbour, note] : neighbours) {
      LineageNode& next = node.next.emplace_back(of(neighbour, depth - 1));
      next.note = note;
    }
    return node;
  }

 private:
  using Neighbours = std::vector<std::pair<std::string, std::string>>;  // name, note

  Neighbours inputs_of(const std::string& name) const {
    Neighbours out;
    const Model* model = pack_.model(name);
    if (model == nullptr) return out;
    for (const std::string& input : model->inputs) out.emplace_back(input, "");
    for (const std::string& input : model->rule_inputs) out.emplace_back(input, kByRule);
    return out;
  }
  Neighbours readers_of(const std::string& name) const {
    Neighbours out;
    for (const Model& model : pack_.models) {
      const auto has = [&](const std::vector<std::string>& names) {
        return std::find(names.begin(), names.end(), name) != names.end();
      };
      if (has(model.inputs)) {
        out.emplace_back(model.name, "");
      } else if (has(model.rule_inputs)) {
        out.emplace_back(model.name, kByRule);
      }
    }
    return out;
  }

  const Pack& pack_;
  const Direction direction_;
  std::set<std::string> shown_;
};

// What stands next to a column, each once, with all ways in which it does.
using Neighbours = std::map<std::pair<std::string, ColumnName>, std::string>;

void note(Neighbours& to, const std::string& text, const ColumnName& column,
          engine::LineageWay way) {
  std::string& ways = to[{text, column}];
  ways += (ways.empty() ? "" : ", ") + std::string(engine::lineage_way_name(way));
}

class ColumnTree {
 public:
  ColumnTree(const Lineage& lineage, Direction direction)
      : lineage_(lineage), direction_(direction) {}

  LineageNode of(const ColumnName& column, const std::string& text, int depth) {
    LineageNode node{.name = text};
    const TableLineage* table = lineage_.table(column.table);
    if (depth == 0 || column.column.empty() || table == nullptr) return node;
    const bool up = direction_ == Direction::kUpstream;
    if (up && !table->files.empty()) {
      std::string files;
      for (const std::string& each : table->files) files += (files.empty() ? "" : ", ") + each;
      node.next.push_back({.name = files});
      return node;
    }
    const Neighbours neighbours = up ? before(*table, column) : after(column);
    if (!neighbours.empty() && !shown_.insert(column).second) {
      node.repeated = true;
      return node;
    }
    for (const auto& [neighbour, ways] : neighbours) {
      LineageNode& next = node.next.emplace_back(of(neighbour.second, neighbour.first, depth - 1));
      next.note = ways;
    }
    return node;
  }

 private:
  static Neighbours before(const TableLineage& table, const ColumnName& column) {
    Neighbours out;
    const engine::ColumnLineage* found = table.column(column.column);
    if (found == nullptr) return out;
    for (const engine::ColumnSource& source : found->sources) {
      note(out, source_text(source), {source.table, source.column}, source.way);
    }
    return out;
  }
  Neighbours after(const ColumnName& column) const {
    Neighbours out;
    const auto is_it = [&](const engine::ColumnSource& source) {
      return source.table == column.table && source.column == column.column;
    };
    for (const TableLineage& table : lineage_.tables) {
      for (const auto& [name, sources] : table.columns) {
        for (const engine::ColumnSource& source : sources) {
          if (is_it(source)) note(out, table.name + "." + name, {table.name, name}, source.way);
        }
      }
      for (const engine::ColumnSource& source : table.rows) {
        if (is_it(source)) note(out, "rows of " + table.name, {table.name, ""}, source.way);
      }
    }
    return out;
  }

  const Lineage& lineage_;
  const Direction direction_;
  std::set<ColumnName> shown_;
};

}  // namespace

LineageNode table_tree(const Pack& pack, const std::string& table, Direction direction, int depth) {
  return TableTree(pack, direction).of(table, depth);
}

LineageNode column_tree(const Lineage& lineage, const ColumnName& column, Direction direction,
                        int depth) {
  return ColumnTree(lineage, direction).of(column, column.table + "." + column.column, depth);
}

std::string tree_text(const LineageNode& node, const std::string& indent) {
  std::string out;
  for (std::size_t i = 0; i < node.next.size(); ++i) {
    const LineageNode& child = node.next[i];
    const bool last = i + 1 == node.next.size();
    out += indent + (last ? "└─ " : "├─ ") + child.name;
    if (!child.note.empty()) out += "  (" + child.note + ")";
    if (child.repeated) out += "  (see above)";
    out += "\n" + tree_text(child, indent + (last ? "   " : "│  "));
  }
  return out;
}

std::string source_text(const engine::ColumnSource& source) {
  if (source.column.empty()) return "rows of " + source.table;
  return source.table + "." + source.column + (source.field.empty() ? "" : "." + source.field);
}

std::string sources_line(const std::vector<engine::ColumnSource>& sources, std::size_t shown) {
  const bool any = std::any_of(sources.begin(), sources.end(),
                               [](const auto& source) { return engine::gives_values(source.way); });
  std::vector<std::string> texts;
  for (const engine::ColumnSource& source : sources) {
    if (any && !engine::gives_values(source.way)) continue;
    const bool as_it_is = source.way == engine::LineageWay::kIdentity;
    texts.push_back(source_text(source) +
                    (as_it_is ? "" : fmt::format(" ({})", engine::lineage_way_name(source.way))));
  }
  const std::size_t more = texts.size() - std::min(texts.size(), shown);
  texts.resize(texts.size() - more);
  return fmt::format("{}{}", fmt::join(texts, ", "),
                     more > 0 ? fmt::format(", and {} more", more) : "");
}

std::string columns_text(const TableLineage& table) {
  constexpr std::size_t kShown = 4;  // of one column
  std::size_t width = 0;
  for (const auto& column : table.columns) width = std::max(width, column.column.size());
  std::string out;
  for (const auto& [column, sources] : table.columns) {
    if (sources.empty()) continue;
    out += fmt::format("  {:<{}}  {}\n", column, width, sources_line(sources, kShown));
  }
  return out;
}

}  // namespace claimlake::pack
