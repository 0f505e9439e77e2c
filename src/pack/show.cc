#include "pack/show.h"

#include <algorithm>

#include "base/text.h"

namespace claimlake::pack {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// Characters, not bytes.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}
std::string padded(const std::string& text, std::size_t to) {
  const std::size_t length = width(text);
  return length < to ? text + std::string(to - length, ' ') : text;
}

void draw_columns(const std::vector<ColumnDoc>& columns, std::string& out) {
  std::size_t names = 0;
  std::size_t types = 0;
  for (const ColumnDoc& column : columns) {
    names = std::max(names, width(column.name));
    types = std::max(types, width(column.type));
  }
  for (const ColumnDoc& column : columns) {
    std::string line = "  " + padded(column.name, names) + "  " + padded(column.type, types) +
                       "  " + column.doc + (column.unit.empty() ? "" : " [" + column.unit + "]");
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
}

void draw_header(const Model& model, std::string& out) {
  const Header& header = model.header;
  const auto line = [&](const char* name, const std::string& value) {
    if (!value.empty()) out += "  " + padded(name, 12) + value + "\n";
  };
  line("kind", kind_name(header.kind));
  line("key", joined(header.key));
  line("latest by", joined(header.latest_by));
  line("clock", header.clock_day ? "day" : "");
  line("partition", joined(header.partition));
  line("about", header.aggregation);
  line("owner", header.owner);
  for (const auto& [name, type] : header.parameters) line("parameter", name + " " + type);
  for (const auto& [tag, columns] : header.tags) line("tag", tag + ": " + joined(columns));
  line("file", model.file);
}

}  // namespace

Result<ModelDetail> model_detail(const Pack& pack, std::string_view name) {
  const Model* model = pack.model(to_lower(name));
  if (!model) {
    return Error{Fault::kNotFound,
                 "there is no model " + std::string(name) + did_you_mean(name, pack.model_names()),
                 "pack " + pack.name, "claimlake model list"};
  }
  ModelDetail detail{.model = model};
  if (model->is_table()) detail.added = program_columns(model->schema);
  detail.lineage = table_tree(pack, model->name, Direction::kUpstream);
  for (const LineageNode& reader : table_tree(pack, model->name, Direction::kDownstream, 1).next) {
    detail.readers.push_back(reader.name);
  }
  return detail;
}

std::string model_text(const ModelDetail& detail) {
  const Model& model = *detail.model;
  std::string out = model.name + "\n  " + model.header.description + "\n\n";
  draw_header(model, out);
  out += "\nColumns\n";
  draw_columns(model.columns, out);
  if (!detail.added.empty()) {
    out += "\nColumns that the program adds\n";
    draw_columns(detail.added, out);
  }
  if (!model.rules.rules.empty()) out += "\nRules\n";
  std::size_t names = 0;
  for (const Rule& rule : model.rules.rules) names = std::max(names, width(rule.name));
  for (const Rule& rule : model.rules.rules) {
    out += "  " + padded(rule.name, names) + "  " + padded(action_name(rule.action), 10) + "  " +
           rule_text(rule) + "\n";
  }
  out += "\nLineage\n  " + detail.lineage.name + "\n";
  out += tree_text(detail.lineage, "  ");
  if (!detail.readers.empty()) out += "\nRead by\n  " + joined(detail.readers) + "\n";
  return out;
}

}  // namespace claimlake::pack
