#include "pack/source.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "pack/yaml.h"

namespace claimlake::pack {
namespace {

Done read_columns(const YamlReader& yaml, const Yaml& node, Source& source) {
  if (!node.is_map() || node.keys.empty()) {
    return yaml.error(node, "columns must map names to types");
  }
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    TRY(const std::string word, yaml.text(node.items[i], "a type"));
    auto type = source_sql_type(word);
    if (!type) return yaml.error(node.items[i], type.error().message, type.error().next);
    if (node.keys[i].starts_with("_")) {
      return error_at(yaml.file(), node.key_places[i],
                      "names that begin with _ are the program's own: " + node.keys[i]);
    }
    source.columns.push_back({.name = node.keys[i], .type = *type, .place = node.key_places[i]});
  }
  return done();
}

Done check_required(const YamlReader& yaml, const Yaml& node, const Source& source) {
  const std::vector<std::string> names = column_names(source.columns);
  for (const std::string& name : source.required) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      return yaml.error(node, "required names a column that is not in columns: " + name +
                                  did_you_mean(name, names));
    }
  }
  return done();
}

Done check_files(const YamlReader& yaml, const Yaml& node, const Source& source) {
  for (const std::string& pattern : source.files) {
    if (pattern.starts_with("/") || pattern.find("..") != std::string::npos) {
      return yaml.error(node, "files are patterns below the raw folder: " + pattern);
    }
    if (!pattern.ends_with(".csv") && !pattern.ends_with(".json") && !pattern.ends_with(".jsonl")) {
      return yaml.error(node, "a pattern must end in .csv, .json or .jsonl: " + pattern);
    }
  }
  return done();
}

}  // namespace

Result<Source> parse_source(std::string_view text, std::string_view name, std::string_view file) {
  TRY(const Yaml root, parse_yaml(text, file));
  const YamlReader yaml{std::string(file)};
  TRY_DONE(yaml.map(root, "a source",
                    {"source", "table", "description", "owner", "files", "required", "columns"}));
  Source source;
  source.file = file;
  source.text = text;
  TRY(const Yaml* source_node, yaml.need(root, "a source", "source"));
  TRY(source.name, yaml.text(*source_node, "source"));
  if (source.name != name) {
    return yaml.error(*source_node, "the source is called " + source.name + " but its file " +
                                        std::string(name) + ".yml");
  }
  TRY(const Yaml* table, yaml.need(root, "a source", "table"));
  TRY(source.table, yaml.text(*table, "table"));
  source.place = table->place;
  for (const auto& [key, field] :
       {std::pair{"description", &source.description}, std::pair{"owner", &source.owner}}) {
    if (const Yaml* node = root.find(key)) {
      TRY(*field, yaml.text(*node, key));
    }
  }
  TRY(const Yaml* files, yaml.need(root, "a source", "files"));
  TRY(source.files, yaml.texts(*files, "files"));
  TRY_DONE(check_files(yaml, *files, source));
  TRY(const Yaml* columns, yaml.need(root, "a source", "columns"));
  TRY_DONE(read_columns(yaml, *columns, source));
  TRY(const Yaml* required, yaml.need(root, "a source", "required"));
  TRY(source.required, yaml.texts(*required, "required"));
  TRY_DONE(check_required(yaml, *required, source));
  return source;
}

Result<std::string> source_sql_type(std::string_view type) {
  static const std::map<std::string, std::string, std::less<>> types = {
      {"string", "VARCHAR"},
      {"boolean", "BOOLEAN"},
      {"integer", "INTEGER"},
      {"bigint", "BIGINT"},
      {"double", "DOUBLE"},
      {"date", "DATE"},
      {"timestamp", "TIMESTAMP WITH TIME ZONE"}};
  if (const auto known = types.find(type); known != types.end()) return known->second;
  int precision = 0;
  int scale = 0;
  char end = 0;
  const std::string text(type);
  if (std::sscanf(text.c_str(), "decimal(%2d,%2d%c", &precision, &scale, &end) == 3 && end == ')' &&
      text.ends_with(")") && precision >= 1 && precision <= 38 && scale >= 0 &&
      scale <= precision) {
    return "DECIMAL(" + std::to_string(precision) + "," + std::to_string(scale) + ")";
  }
  std::vector<std::string> words = {"decimal(18,2)"};
  for (const auto& [word, sql] : types) words.push_back(word);
  return Error{Fault::kInvalidInput, "there is no type " + text + did_you_mean(type, words), "",
               "types: string, boolean, integer, bigint, double, decimal(p,s), date, timestamp"};
}

std::vector<ColumnDoc> arrival_columns() {
  return {{"_ingestion_timestamp", "TIMESTAMP WITH TIME ZONE", "when the batch was taken in (UTC)"},
          {"_source_file", "VARCHAR", "path of the file relative to the raw folder"},
          {"_batch_id", "VARCHAR", "the batch that brought the row"},
          {"_source_position", "BIGINT", "where the row stands in its file"},
          {"_rescued_data", "VARCHAR", "JSON object of what did not fit; null where all fitted"}};
}

}  // namespace claimlake::pack
