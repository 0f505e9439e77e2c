#include "delta/stats_texts.h"

#include <simdjson.h>

#include "base/text.h"

namespace claimlake::delta {
namespace {

using simdjson::error_code;
using simdjson::ondemand::json_type;
using simdjson::ondemand::object;
using simdjson::ondemand::value;
using Node = StatsTexts::Node;

// Calls `take` with the number and the value of each column that is there.
template <class Take>
error_code walk(object from, const Node& columns, const Take& take) {
  for (auto field : from) {
    std::string_view name;
    if (const auto error = field.unescaped_key().get(name)) return error;
    const auto column = columns.fields.find(name);
    if (column == columns.fields.end()) continue;
    value found;
    if (const auto error = field.value().get(found)) return error;
    json_type type;
    if (const auto error = found.type().get(type)) return error;
    if (column->second.leaf) {
      if (const auto error = take(*column->second.leaf, found, type)) return error;
    } else if (type == json_type::object) {
      object inner;
      if (const auto error = found.get_object().get(inner)) return error;
      if (const auto error = walk(inner, column->second, take)) return error;
    }
  }
  return simdjson::SUCCESS;
}

// A text without its quotes, anything else that is a single value as it stands.
error_code read_text(value from, json_type type, std::optional<std::string>& out) {
  if (type == json_type::string) {
    std::string_view text;
    if (const auto error = from.get_string().get(text)) return error;
    out = text;
  } else if (type == json_type::number || type == json_type::boolean) {
    std::string_view text = from.raw_json_token();
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\n' ||
                             text.back() == '\r')) {
      text.remove_suffix(1);
    }
    out = text;
  }
  return simdjson::SUCCESS;
}

error_code read_part(value from, const Node& columns, std::vector<std::optional<std::string>>& to) {
  object part;
  if (from.get_object().get(part)) return simdjson::SUCCESS;
  return walk(part, columns, [&](std::size_t leaf, value found, json_type type) {
    return read_text(found, type, to[leaf]);
  });
}

error_code read_counts(value from, const Node& columns,
                       std::vector<std::optional<std::int64_t>>& to) {
  object part;
  if (from.get_object().get(part)) return simdjson::SUCCESS;
  return walk(part, columns, [&](std::size_t leaf, value found, json_type) {
    std::int64_t count = 0;
    if (!found.get_int64().get(count)) to[leaf] = count;
    return simdjson::SUCCESS;
  });
}

error_code read_member(std::string_view name, value from, const Node& columns,
                       StatsTexts::Values& out) {
  if (name == "minValues") return read_part(from, columns, out.min);
  if (name == "maxValues") return read_part(from, columns, out.max);
  if (name == "nullCount") return read_counts(from, columns, out.null_count);
  std::int64_t records = 0;
  bool tight = false;
  if (name == "numRecords" && !from.get_int64().get(records)) out.records = records;
  if (name == "tightBounds" && !from.get_bool().get(tight)) out.tight_bounds = tight;
  return simdjson::SUCCESS;
}

}  // namespace

StatsTexts::StatsTexts(const StructType& columns) { number(columns, root_); }

void StatsTexts::number(const StructType& type, Node& node) {
  for (const Field& field : type.fields) {
    Node& child = node.fields[field.name];
    if (const auto* inner = field.type.as_struct()) {
      number(*inner, child);
    } else {
      child.leaf = leaves_++;
    }
  }
}

std::optional<StatsTexts::Values> StatsTexts::read(std::string_view stats_json) {
  // What is no UTF-8 is no JSON either, and the parser looks at no more than it is asked for.
  if (!is_utf8(stats_json)) return std::nullopt;
  Values out;
  out.min.resize(leaves_);
  out.max.resize(leaves_);
  out.null_count.resize(leaves_);
  thread_local simdjson::ondemand::parser parser;
  buffer_.reserve(stats_json.size() + simdjson::SIMDJSON_PADDING);
  buffer_ = stats_json;
  simdjson::ondemand::document document;
  object all;
  if (parser.iterate(buffer_.data(), buffer_.size(), buffer_.capacity()).get(document) ||
      document.get_object().get(all)) {
    return std::nullopt;
  }
  for (auto member : all) {
    std::string_view name;
    value found;
    if (member.unescaped_key().get(name) || member.value().get(found)) return std::nullopt;
    if (read_member(std::string(name), found, root_, out)) return std::nullopt;
  }
  const char* more = nullptr;
  if (!document.current_location().get(more)) return std::nullopt;  // behind the object
  return out;
}

}  // namespace claimlake::delta
