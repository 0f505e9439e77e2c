#include "bronze/json_objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace claimlake::bronze {
namespace {

std::string_view between(const char* from, const char* to) {
  return {from, static_cast<std::size_t>(to - from)};
}

}  // namespace

JsonObjects::JsonObjects(const RawSchema& schema) : schema_(schema) {
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    quoted_names_.push_back('"' + schema.columns[i].name + "\":");
    order_.push_back(static_cast<int>(i));  // the declared order is the best guess
  }
}

std::optional<std::string> JsonObjects::read(std::string_view text, RawRows& rows) {
  JsonCursor cursor{text.data(), text.data() + text.size()};
  cursor.skip_space();
  const bool is_object = cursor.at < cursor.end && *cursor.at == '{';
  if (!is_object) return "the record is not a JSON object";
  bool read = read_fields(cursor, rows);
  if (read) {
    cursor.skip_space();
    if (cursor.at != cursor.end) read = cursor.fail("text follows the object");
  }
  if (!read) {
    return fmt::format("the record is not valid JSON at byte {}: {}",
                       std::min(cursor.at, cursor.end) - text.data() + 1, cursor.error);
  }
  for (std::size_t i = 0; i < schema_.columns.size(); ++i) {
    if (schema_.columns[i].required && !rows.has(i)) {
      return fmt::format("the record has no field {}", schema_.columns[i].name);
    }
  }
  return std::nullopt;
}

bool JsonObjects::read_fields(JsonCursor& cursor, RawRows& rows) {
  ++cursor.at;
  cursor.skip_space();
  if (*cursor.at == '}') {
    ++cursor.at;
    return true;
  }
  for (std::size_t field = 0;; ++field) {
    if (!read_name(cursor, field, rows)) return false;
    cursor.skip_space();
    if (!read_value(cursor, rows)) return false;
    cursor.skip_space();
    if (*cursor.at == '}') {
      ++cursor.at;
      return true;
    }
    if (*cursor.at != ',') return cursor.fail("a comma or the end of the object is expected");
    ++cursor.at;
    cursor.skip_space();
  }
}

bool JsonObjects::read_name(JsonCursor& cursor, std::size_t field, RawRows& rows) {
  if (field < order_.size() && order_[field] != kUnknown) {
    const std::string& expected = quoted_names_[static_cast<std::size_t>(order_[field])];
    if (static_cast<std::size_t>(cursor.end - cursor.at) >= expected.size() &&
        std::memcmp(cursor.at, expected.data(), expected.size()) == 0) {
      cursor.at += expected.size();
      column_ = order_[field];
      return true;
    }
  }
  if (*cursor.at != '"') return cursor.fail("a field name in quotes is expected");
  const char* const from = cursor.at + 1;
  bool escaped = false;
  if (!skip_string(cursor, escaped)) return false;
  name_ = between(from, cursor.at - 1);
  if (escaped) {
    const auto plain = unescape(name_, rows.arena());
    if (!plain) return cursor.fail("a \\u escape is half of a pair");
    name_ = *plain;
  }
  cursor.skip_space();
  if (*cursor.at != ':') return cursor.fail("a colon is expected behind a field name");
  ++cursor.at;
  column_ = find(name_);
  if (field < order_.size()) order_[field] = column_;
  return true;
}

int JsonObjects::find(std::string_view name) const {
  for (std::size_t i = 0; i < schema_.columns.size(); ++i) {
    if (schema_.columns[i].name == name) return static_cast<int>(i);
  }
  return kUnknown;
}

bool JsonObjects::read_value(JsonCursor& cursor, RawRows& rows) {
  if (column_ == kUnknown) {
    const char* const from = cursor.at;
    if (!skip_value(cursor)) return false;
    rows.rescue(name_, between(from, cursor.at));
    return true;
  }
  const auto column = static_cast<std::size_t>(column_);
  const char* const from = cursor.at;
  switch (*from) {
    case '"':
      return read_string(cursor, rows);
    case '{':
    case '[':
      if (!skip_value(cursor)) return false;
      rows.reject(column, between(from, cursor.at));
      return true;
    case 't':
    case 'f':
      if (!skip_value(cursor)) return false;
      rows.set_bool(column, *from == 't');
      return true;
    case 'n':
      if (!skip_value(cursor)) return false;
      rows.set_null(column);
      return true;
    default:
      if (!skip_number(cursor)) return false;
      rows.set_number(column, between(from, cursor.at));
      return true;
  }
}

bool JsonObjects::read_string(JsonCursor& cursor, RawRows& rows) {
  const char* const from = cursor.at;
  bool escaped = false;
  if (!skip_string(cursor, escaped)) return false;
  std::string_view text = between(from + 1, cursor.at - 1);
  if (escaped) {
    const auto plain = unescape(text, rows.arena());
    if (!plain) return cursor.fail("a \\u escape is half of a pair");
    text = *plain;
  }
  rows.set_text(static_cast<std::size_t>(column_), text, between(from, cursor.at));
  return true;
}

}  // namespace claimlake::bronze
