#pragma once

#include <nlohmann/json.hpp>
#include <regex>
#include <string>
#include <vector>

namespace claimlake::serve {

// Checks a value against a JSON Schema of an OpenAPI 3.1 document, as far as api/openapi.json uses
// it; a keyword that it does not know is an error, so that nothing goes unchecked.
class JsonSchema {
 public:
  using Json = nlohmann::json;
  explicit JsonSchema(const Json& document) : document_(document) {}  // outlives this

  // What is wrong, each with its place; empty if the value is valid.
  std::vector<std::string> errors(const Json& schema, const Json& value,
                                  const std::string& place = "$") const {
    std::vector<std::string> found;
    check(schema, value, place, found);
    return found;
  }

 private:
  static bool is_type(const std::string& type, const Json& value) {
    if (type == "null") return value.is_null();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "array") return value.is_array();
    if (type == "object") return value.is_object();
    if (type == "integer") return value.is_number_integer();
    return type == "number" && value.is_number();
  }

  void check(const Json& schema, const Json& value, const std::string& place,
             std::vector<std::string>& found) const {
    for (const auto& [keyword, rule] : schema.items()) {
      if (const char* wrong = broken(schema, keyword, rule, value, place, found)) {
        found.push_back(place + ": " + wrong + " " + rule.dump().substr(0, 80) + ": " +
                        value.dump().substr(0, 80));
      }
    }
  }

  // Null if the keyword holds or reports by itself.
  const char* broken(const Json& schema, const std::string& keyword, const Json& rule,
                     const Json& value, const std::string& place,
                     std::vector<std::string>& found) const {
    if (keyword == "$ref") {
      check(document_.at(Json::json_pointer(rule.get<std::string>().substr(1))), value, place,
            found);
    } else if (keyword == "type") {
      bool any = false;
      for (const Json& type : rule.is_array() ? rule : Json::array({rule})) {
        any = any || is_type(type.get<std::string>(), value);
      }
      if (!any) return "is not of type";
    } else if (keyword == "enum") {
      if (std::find(rule.begin(), rule.end(), value) == rule.end()) return "is not one of";
    } else if (keyword == "anyOf") {
      const bool any = std::any_of(rule.begin(), rule.end(),
                                   [&](const Json& way) { return errors(way, value).empty(); });
      if (!any) return "matches none of";
    } else if (keyword == "pattern") {
      if (value.is_string() &&
          !std::regex_search(value.get<std::string>(), std::regex(rule.get<std::string>()))) {
        return "does not match";
      }
    } else if (keyword == "minimum") {
      if (value.is_number() && value < rule) return "is less than";
    } else if (keyword == "maximum") {
      if (value.is_number() && value > rule) return "is more than";
    } else if (keyword == "maxItems") {
      if (value.is_array() && value.size() > rule.get<std::size_t>()) return "has more items than";
    } else if (keyword == "format") {
      if (value.is_string()) return broken_format(rule, value);
    } else if (keyword == "required") {
      for (const Json& name : rule) {
        if (value.is_object() && !value.contains(name)) {
          found.push_back(place + ": lacks " + name.get<std::string>());
        }
      }
    } else if (keyword == "items") {
      for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) {
        check(rule, value[i], place + "[" + std::to_string(i) + "]", found);
      }
    } else if (keyword == "properties") {
      for (const auto& [name, inner] : rule.items()) {
        if (value.is_object() && value.contains(name)) {
          check(inner, value[name], place + "." + name, found);
        }
      }
    } else if (keyword == "additionalProperties") {
      check_additional(schema, rule, value, place, found);
    } else if (!keyword.starts_with("x-") && keyword != "description" && keyword != "examples" &&
               keyword != "default") {
      return "has an unknown keyword";
    }
    return nullptr;
  }

  static const char* broken_format(const std::string& format, const std::string& value) {
    static const std::regex kDate(R"(\d{4}-\d{2}-\d{2})");
    static const std::regex kInstant(R"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z)");
    if (format == "date") return std::regex_match(value, kDate) ? nullptr : "is no";
    if (format == "date-time") return std::regex_match(value, kInstant) ? nullptr : "is no";
    return format == "uri-reference" ? nullptr : "has an unknown format";
  }

  void check_additional(const Json& schema, const Json& rule, const Json& value,
                        const std::string& place, std::vector<std::string>& found) const {
    if (!value.is_object()) return;
    for (const auto& [name, inner] : value.items()) {
      if (schema.contains("properties") && schema["properties"].contains(name)) continue;
      if (rule.is_boolean()) {
        if (!rule.get<bool>()) found.push_back(place + ": has an unknown member " + name);
      } else {
        check(rule, inner, place + "." + name, found);
      }
    }
  }

  const Json& document_;
};

}  // namespace claimlake::serve
