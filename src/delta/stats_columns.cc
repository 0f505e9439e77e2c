#include "delta/stats_columns.h"

#include <simdjson.h>

#include <algorithm>
#include <functional>
#include <set>

#include "base/text.h"
#include "delta/json_writer.h"
#include "delta/properties.h"

namespace claimlake::delta {
namespace {

Error refused(std::string what, std::string next = {}) {
  return {Fault::kInvalidInput, std::move(what), "", std::move(next)};
}

// True if `column` is `named`, or in it.
bool is_within(const FieldPath& column, const FieldPath& named) {
  return column.size() >= named.size() &&
         std::equal(
             named.begin(), named.end(), column.begin(),
             [](const std::string& a, const std::string& b) { return to_lower(a) == to_lower(b); });
}

bool is_within_any(const FieldPath& column, const std::vector<FieldPath>& named) {
  return std::any_of(named.begin(), named.end(),
                     [&](const FieldPath& one) { return is_within(column, one); });
}

struct Leaf {
  FieldPath path;     // as the table names it
  FieldPath in_file;  // as files name it
  bool personal = false;
};

// The leaves of `type` in their order.
void for_each_leaf(const StructType& type, const Leaf& parent, ColumnMapping mapping,
                   const std::function<void(const Leaf&)>& use) {
  for (const Field& field : type.fields) {
    Leaf leaf = parent;
    leaf.path.push_back(field.name);
    leaf.in_file.push_back(physical_name(field, mapping));
    leaf.personal = leaf.personal || is_personal(field);
    if (const auto* inner = field.type.as_struct()) {
      for_each_leaf(*inner, leaf, mapping, use);
    } else {
      use(leaf);
    }
  }
}

// Writes the members of `object`, which is a part of statistics: those at `at` of the whole. False
// if it cannot be read. Values are copied as texts, for numbers have more digits than a double.
bool copy_statistics(simdjson::ondemand::object& object, const FieldPath& at,
                     const std::vector<FieldPath>& columns, JsonWriter& json) {
  for (auto member : object) {
    std::string_view key;
    simdjson::ondemand::value value;
    simdjson::ondemand::json_type type;
    if (member.unescaped_key().get(key) || member.value().get(value)) return false;
    FieldPath path = at;
    path.emplace_back(key);
    if (value.type().get(type)) return false;
    const bool bounds = path.front() == "minValues" || path.front() == "maxValues";
    const FieldPath column(path.begin() + 1, path.end());
    if (bounds && std::find(columns.begin(), columns.end(), column) != columns.end()) continue;
    json.key(path.back());
    if (bounds && type == simdjson::ondemand::json_type::object) {
      simdjson::ondemand::object inner;
      if (value.get_object().get(inner)) return false;
      json.open_object();
      if (!copy_statistics(inner, path, columns, json)) return false;
      json.close_object();
      continue;
    }
    std::string_view text;
    if (simdjson::to_json_string(value).get(text)) return false;
    json.raw(text);
  }
  return true;
}

bool is_among(const std::vector<std::string>& columns, const std::string& name) {
  return std::any_of(columns.begin(), columns.end(),
                     [&](const std::string& column) { return to_lower(column) == to_lower(name); });
}

}  // namespace

StatsKept StatsColumns::take(const FieldPath& column) {
  const auto known = known_.find(column);
  if (known != known_.end()) return known->second;
  if (named_) return is_within_any(column, *named_) ? StatsKept::kAll : StatsKept::kNothing;
  if (left_ < 0) return StatsKept::kAll;
  if (left_ == 0) return StatsKept::kNothing;
  --left_;
  return StatsKept::kAll;
}

Result<std::vector<FieldPath>> parse_stats_columns(std::string_view text) {
  std::vector<FieldPath> out;
  FieldPath path;
  std::string name;
  const auto bad = [&] {
    return refused("'" + std::string(text) + "' is no list of columns",
                   "write names with commas between them, as in 'id, address.zip, `a.b`'");
  };
  std::size_t at = 0;
  const auto skip_blanks = [&] {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
  };
  for (skip_blanks(); at < text.size(); skip_blanks()) {
    name.clear();
    if (text[at] == '`') {
      for (++at;; ++at) {
        if (at >= text.size()) return bad();
        if (text[at] == '`' && (at + 1 >= text.size() || text[++at] != '`')) break;
        name += text[at];
      }
      if (at < text.size() && text[at] == '`') ++at;
    } else {
      while (at < text.size() && text[at] != ',' && text[at] != '.' && text[at] != '`') {
        name += text[at++];
      }
      while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.pop_back();
    }
    if (name.empty()) return bad();
    path.push_back(name);
    skip_blanks();
    const bool ends = at >= text.size() || text[at] == ',';
    if (!ends && text[at] != '.') return bad();
    if (ends) out.push_back(std::exchange(path, {}));
    if (at >= text.size()) return out;
    ++at;
    skip_blanks();
    if (at >= text.size()) return bad();
  }
  return out;
}

std::string quoted_text(const FieldPath& column) {
  std::string out;
  for (const std::string& name : column) {
    if (!out.empty()) out += '.';
    const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    });
    if (plain) {
      out += name;
      continue;
    }
    out += '`';
    for (const char c : name) out += c == '`' ? "``" : std::string(1, c);
    out += '`';
  }
  return out;
}

std::string stats_columns_text(const std::vector<FieldPath>& columns) {
  std::string out;
  for (const FieldPath& column : columns) {
    out += (out.empty() ? "" : ",") + quoted_text(column);
  }
  return out;
}

std::vector<std::string> tags_of(const Field& field) {
  std::vector<std::string> out;
  const auto found = field.metadata.find(kTags);
  if (found == field.metadata.end()) return out;
  simdjson::dom::parser parser;
  simdjson::dom::array tags;
  if (parser.parse(found->second).get(tags)) return out;
  for (const simdjson::dom::element tag : tags) {
    std::string_view text;
    if (!tag.get(text)) out.emplace_back(text);
  }
  return out;
}

void set_tags(Field& field, const std::vector<std::string>& tags) {
  if (tags.empty()) {
    field.metadata.erase(kTags);
    return;
  }
  std::string text;
  JsonWriter(text).texts(tags);
  field.metadata[kTags] = text;
}

bool is_personal(const Field& field) {
  const std::vector<std::string> tags = tags_of(field);
  return std::any_of(tags.begin(), tags.end(),
                     [](const std::string& tag) { return tag == "pii" || tag == "phi"; });
}

std::vector<FieldPath> personal_columns(const StoredColumns& columns) {
  std::vector<FieldPath> out;
  for_each_leaf(columns.schema, {}, columns.mapping, [&](const Leaf& leaf) {
    if (leaf.personal) out.push_back(leaf.in_file);
  });
  return out;
}

std::string without_bounds(std::string_view stats_json, const std::vector<FieldPath>& columns) {
  if (stats_json.empty()) return "";
  const simdjson::padded_string text(stats_json);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  if (parser.iterate(text).get(document) || document.get_object().get(object)) return "";
  std::string out;
  JsonWriter json(out);
  json.open_object();
  if (!copy_statistics(object, {}, columns, json)) return "";
  json.close_object();
  return out;
}

void rename_in_stats_columns(std::map<std::string, std::string>& properties, const FieldPath& path,
                             const std::string& name) {
  const auto list = properties.find(kStatsColumns);
  if (list == properties.end()) return;
  auto columns = parse_stats_columns(list->second);
  if (!columns) return;
  bool changed = false;
  for (FieldPath& column : *columns) {
    if (!is_within(column, path)) continue;
    column[path.size() - 1] = name;
    changed = true;
  }
  if (changed) list->second = stats_columns_text(*columns);
}

void drop_from_stats_columns(std::map<std::string, std::string>& properties,
                             const FieldPath& path) {
  const auto list = properties.find(kStatsColumns);
  if (list == properties.end()) return;
  auto columns = parse_stats_columns(list->second);
  if (!columns) return;
  const auto gone =
      std::erase_if(*columns, [&](const FieldPath& column) { return is_within(column, path); });
  if (gone == 0) return;
  if (!columns->empty()) {
    list->second = stats_columns_text(*columns);
    return;
  }
  // Without the list, other columns would begin to have statistics.
  properties.erase(list);
  properties[kStatsCount] = "0";
}

bool has_bounds(const DataType& type) {
  const PrimitiveType* primitive = type.primitive();
  if (primitive == nullptr) return false;
  static const std::set<std::string, std::less<>> kWith = {
      "byte",   "short",  "integer", "long",      "float",
      "double", "string", "date",    "timestamp", "timestamp_ntz"};
  return kWith.contains(primitive->name) || primitive->name.starts_with("decimal");
}

StatsColumns stats_columns(const StoredColumns& columns) {
  const TableProperties properties = read_properties(columns.configuration);
  std::optional<std::vector<FieldPath>> named;
  if (const auto text = columns.configuration.find(kStatsColumns);
      text != columns.configuration.end()) {
    // What cannot be read was let in by another engine; then the number counts.
    if (auto read = parse_stats_columns(text->second)) named = *std::move(read);
  }
  StatsColumns out = named ? StatsColumns(*named) : StatsColumns(properties.stats_columns);
  for_each_leaf(columns.schema, {}, columns.mapping, [&](const Leaf& leaf) {
    // A partition column is in no file, and does not count.
    if (is_among(columns.partition_columns, leaf.path.front())) return;
    StatsKept kept =
        named ? (is_within_any(leaf.path, *named) ? StatsKept::kAll : StatsKept::kNothing)
              : out.take(leaf.in_file);
    if (kept == StatsKept::kAll && leaf.personal) kept = StatsKept::kNullCount;
    out.set(leaf.in_file, kept);
  });
  // The protocol asks for them, and no tag stands on them.
  for (const FieldPath& column : columns.clustering) out.set(column, StatsKept::kAll);
  return out;
}

Done check_stats_columns(const Schema& schema, const std::vector<std::string>& partition_columns,
                         const std::map<std::string, std::string>& properties) {
  const auto text = properties.find(kStatsColumns);
  if (text == properties.end()) return done();
  TRY(const auto named, parse_stats_columns(text->second));
  std::set<std::string> seen;
  for (const FieldPath& path : named) {
    const std::string said = std::string(kStatsColumns) + " names column " + text_of(path);
    const auto field = field_at(schema, path);
    if (!field) return refused(said + ": " + field.error().message, field.error().next);
    if (is_among(partition_columns, path.front())) {
      return refused(said + ", which partitions the table: its values stand in the log anyway",
                     "leave it out");
    }
    if (field->type.as_struct() == nullptr && !has_bounds(field->type)) {
      return refused(said + " of type " + field->type.text() + ", of which no bounds are kept",
                     "name columns with numbers, texts, dates or times");
    }
    if (!seen.insert(to_lower(text_of(path))).second) return refused(said + " twice");
  }
  if (named.empty()) {
    return refused(std::string(kStatsColumns) + " names no column",
                   std::string("for no statistics at all set ") + kStatsCount + " to 0");
  }
  return done();
}

}  // namespace claimlake::delta
