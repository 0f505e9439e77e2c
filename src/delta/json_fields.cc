#include "delta/json_fields.h"

namespace claimlake::delta {

using simdjson::dom::element;

bool JsonFields::find(const char* name, element& value) {
  return object_[std::string_view(name)].get(value) == simdjson::SUCCESS && !value.is_null();
}

void JsonFields::report(std::string_view problem) {
  if (problem_.empty()) problem_ = problem;
}

std::string JsonFields::text(const char* name) {
  element value;
  std::string text;
  if (find(name, value)) take(name, value, text);
  return text;
}

std::string JsonFields::required_text(const char* name) {
  if (element value; !find(name, value)) {
    report("member '" + std::string(name) + "' is missing");
    return {};
  }
  return text(name);
}

std::optional<std::int64_t> JsonFields::number(const char* name) {
  element value;
  std::int64_t number = 0;
  if (!find(name, value)) return std::nullopt;
  if (value.get(number)) report("member '" + std::string(name) + "' is not a whole number");
  return number;
}

std::int64_t JsonFields::required_number(const char* name) {
  const auto value = number(name);
  if (!value) report("member '" + std::string(name) + "' is missing");
  return value.value_or(0);
}

bool JsonFields::boolean(const char* name, bool if_absent) {
  element value;
  bool truth = if_absent;
  if (find(name, value) && value.get(truth)) {
    report("member '" + std::string(name) + "' is not true or false");
  }
  return truth;
}

std::vector<std::string> JsonFields::texts(const char* name) {
  element value;
  std::vector<std::string> out;
  if (!find(name, value)) return out;
  simdjson::dom::array items;
  if (value.get(items))
    report("member '" + std::string(name) + "' is not a list");
  else {
    for (const element item : items) {
      std::string_view text;
      if (item.get(text)) report("member '" + std::string(name) + "' holds more than texts");
      out.emplace_back(text);
    }
  }
  return out;
}

std::optional<simdjson::dom::object> JsonFields::object(const char* name) {
  element value;
  simdjson::dom::object out;
  if (!find(name, value)) return std::nullopt;
  if (value.get(out)) {
    report("member '" + std::string(name) + "' is not an object");
    return std::nullopt;
  }
  return out;
}

bool JsonFields::take(std::string_view name, element value, std::string& out) {
  std::string_view text;
  if (value.get(text)) {
    report("member '" + std::string(name) + "' is not a text");
    return false;
  }
  out = text;
  return true;
}

bool JsonFields::take(std::string_view name, element value, std::int64_t& out) {
  if (!value.get(out)) return true;
  report("member '" + std::string(name) + "' is not a whole number");
  return false;
}

bool JsonFields::take(std::string_view name, element value, bool& out) {
  if (!value.get(out)) return true;
  report("member '" + std::string(name) + "' is not true or false");
  return false;
}

bool JsonFields::take(std::string_view name, element value,
                      std::map<std::string, std::optional<std::string>>& out) {
  simdjson::dom::object entries;
  if (value.get(entries)) {
    report("member '" + std::string(name) + "' is not an object");
    return false;
  }
  for (const auto [key, entry] : entries) {
    std::string_view text;
    if (entry.is_null()) {
      out.emplace(key, std::nullopt);
    } else if (entry.get(text)) {
      report("member '" + std::string(name) + "' holds more than texts");
      return false;
    } else {
      out.emplace(key, text);
    }
  }
  return true;
}

std::map<std::string, std::optional<std::string>> JsonFields::nullable_text_map(const char* name) {
  std::map<std::string, std::optional<std::string>> out;
  element value;
  if (find(name, value)) take(name, value, out);
  return out;
}

std::map<std::string, std::string> JsonFields::text_map(const char* name) {
  std::map<std::string, std::string> out;
  for (auto& [key, value] : nullable_text_map(name)) {
    if (value) out.emplace(key, std::move(*value));
  }
  return out;
}

std::map<std::string, std::string> JsonFields::plain_map(const char* name) {
  std::map<std::string, std::string> out;
  if (const auto members = object(name)) {
    for (const auto [key, value] : *members) {
      std::string_view text;
      out.emplace(key, value.get(text) ? simdjson::minify(value) : std::string(text));
    }
  }
  return out;
}

std::map<std::string, std::string> JsonFields::json_map(const char* name) {
  std::map<std::string, std::string> out;
  if (const auto members = object(name)) {
    for (const auto [key, value] : *members) out.emplace(key, simdjson::minify(value));
  }
  return out;
}

}  // namespace claimlake::delta
