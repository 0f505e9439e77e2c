#include "delta/json_writer.h"

#include <charconv>

#include "base/text.h"

namespace claimlake::delta {
namespace {

void append_escaped(std::string_view text, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    switch (c) {
      case '"':
      case '\\':
        out += '\\';
        out += static_cast<char>(c);
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += "\\u00";
        out += kHex[c >> 4];
        out += kHex[c & 15];
    }
  }
  out.append(text, plain);
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string out;
  JsonWriter(out).text(text);
  return out;
}

// A value follows another one exactly if the text ends with the end of a value.
void JsonWriter::comma() {
  if (out_.empty()) return;
  const char last = out_.back();
  if (last != '{' && last != '[' && last != ':' && last != '\n') out_ += ',';
}

JsonWriter& JsonWriter::open(char bracket) {
  comma();
  out_ += bracket;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  out_ += bracket;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  text(name);
  out_ += ':';
  return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
  comma();
  out_ += '"';
  if (is_utf8(value)) {
    append_escaped(value, out_);
  } else {
    append_escaped(to_utf8(value), out_);
  }
  out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::number(std::int64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  return raw({digits, static_cast<std::size_t>(end - digits)});
}

JsonWriter& JsonWriter::boolean(bool value) { return raw(value ? "true" : "false"); }

JsonWriter& JsonWriter::raw(std::string_view json) {
  comma();
  out_ += json;
  return *this;
}

JsonWriter& JsonWriter::texts(const std::vector<std::string>& values) {
  open_array();
  for (const std::string& value : values) text(value);
  return close_array();
}

JsonWriter& JsonWriter::texts(const std::map<std::string, std::string>& values) {
  open_object();
  for (const auto& [name, value] : values) key(name).text(value);
  return close_object();
}

JsonWriter& JsonWriter::texts(const std::map<std::string, std::optional<std::string>>& values) {
  open_object();
  for (const auto& [name, value] : values) {
    key(name);
    if (value) {
      text(*value);
    } else {
      null();
    }
  }
  return close_object();
}

JsonWriter& JsonWriter::member(std::string_view name, const std::optional<std::int64_t>& value) {
  if (value) key(name).number(*value);
  return *this;
}

}  // namespace claimlake::delta
