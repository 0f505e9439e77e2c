#include "serve/contract.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace claimlake::serve {
namespace {

using Json = nlohmann::json;

bool is_placeholder(std::string_view segment) { return segment.starts_with('{'); }

// Follows "$ref" to a part of the same document.
const Json& resolve(const Json& document, const Json& node) {
  const Json* at = &node;
  while (at->contains("$ref")) {
    const std::string ref = at->at("$ref");
    at = &document.at(Json::json_pointer(ref.substr(1)));
  }
  return *at;
}

std::optional<std::int64_t> number(const Json& schema, const char* key) {
  if (!schema.contains(key)) return std::nullopt;
  return schema.at(key).get<std::int64_t>();
}

ParameterRule read_parameter(const Json& document, const Json& node) {
  const Json& schema = resolve(document, node.at("schema"));
  ParameterRule rule;
  rule.name = node.at("name");
  rule.in_path = node.at("in") == "path";
  rule.required = node.value("required", false);
  rule.type = schema.at("type");
  if (schema.contains("enum")) rule.allowed = schema.at("enum").get<std::vector<std::string>>();
  rule.minimum = number(schema, "minimum");
  rule.maximum = number(schema, "maximum");
  rule.length_min = number(schema, "minLength");
  rule.length_max = number(schema, "maxLength");
  if (schema.contains("pattern")) {
    rule.pattern_text = schema.at("pattern");
    rule.pattern = std::regex(rule.pattern_text);
  }
  if (schema.contains("default")) {
    const Json& fallback = schema.at("default");
    rule.fallback = fallback.is_string() ? fallback.get<std::string>() : fallback.dump();
  }
  return rule;
}

Operation read_operation(const Json& document, const std::string& path, std::string_view method,
                         const Json& told) {
  Operation operation;
  operation.id = told.at("operationId");
  operation.permission = told.value("x-permission", "");
  operation.method.clear();
  for (const char c : method) operation.method += static_cast<char>(c - 'a' + 'A');
  operation.path = path;
  operation.segments = split(std::string_view(path).substr(1), '/');
  for (const Json& parameter : told.value("parameters", Json::array())) {
    const Json& node = resolve(document, parameter);
    if (node.at("in") != "header") {
      operation.parameters.push_back(read_parameter(document, node));
    }
  }
  return operation;
}

bool is_at(const Operation& operation, const std::vector<std::string>& segments) {
  return std::equal(operation.segments.begin(), operation.segments.end(), segments.begin(),
                    segments.end(), [](const std::string& known, const std::string& asked) {
                      return is_placeholder(known) ? !asked.empty() : known == asked;
                    });
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

Problem not_an_integer(const ParameterRule& rule, const std::string& value) {
  return invalid_parameter(rule.name,
                           fmt::format("{} is '{}', and must be a whole number", rule.name, value),
                           fmt::format("Write {} in digits.", rule.name));
}

std::variant<std::string, Problem> check_integer(const ParameterRule& rule,
                                                 const std::string& value) {
  const auto number = whole_number(value);
  if (!number) return not_an_integer(rule, value);
  const std::int64_t parsed = *number;
  if (rule.minimum && parsed < *rule.minimum) {
    return invalid_parameter(
        rule.name, fmt::format("{} is {}, and the least is {}", rule.name, parsed, *rule.minimum),
        fmt::format("Ask for at least {}.", *rule.minimum));
  }
  if (rule.maximum && parsed > *rule.maximum) {
    return invalid_parameter(
        rule.name, fmt::format("{} is {}, and the most is {}", rule.name, parsed, *rule.maximum),
        fmt::format("Ask for at most {}{}.", *rule.maximum,
                    rule.name == "limit" ? " rows and follow pagination.next_cursor" : ""));
  }
  return std::to_string(parsed);
}

std::variant<std::string, Problem> check_text(const ParameterRule& rule, const std::string& value) {
  if (!rule.allowed.empty() &&
      std::find(rule.allowed.begin(), rule.allowed.end(), value) == rule.allowed.end()) {
    const std::string near = nearest(value, rule.allowed);
    return invalid_parameter(
        rule.name, fmt::format("{} is '{}', which is not one of its values", rule.name, value),
        near.empty() ? fmt::format("Use one of: {}.", fmt::join(rule.allowed, ", "))
                     : fmt::format("Did you mean '{}'? It can be: {}.", near,
                                   fmt::join(rule.allowed, ", ")));
  }
  const auto length = static_cast<std::int64_t>(characters(value));
  if (rule.length_min && length < *rule.length_min) {
    return invalid_parameter(
        rule.name, fmt::format("{} is too short", rule.name),
        fmt::format("Give at least {} characters, or leave it out.", *rule.length_min));
  }
  if (rule.length_max && length > *rule.length_max) {
    return invalid_parameter(
        rule.name,
        fmt::format("{} has {} characters, and may have {}", rule.name, length, *rule.length_max),
        "Shorten it.");
  }
  if (rule.pattern && !std::regex_match(value, *rule.pattern)) {
    return invalid_parameter(
        rule.name,
        fmt::format("{} is '{}', and must match {}", rule.name, value, rule.pattern_text),
        "Write it in that form.");
  }
  return value;
}

}  // namespace

std::string Parameters::text(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string() : found->second;
}

std::int64_t Parameters::integer(std::string_view name) const {
  return whole_number(text(name)).value_or(0);
}

std::string Parameters::canonical() const {
  std::string out;
  for (const auto& [name, value] : values_) {
    out += fmt::format("{}={}&", name, net::percent_encode(value));
  }
  return out;
}

std::string Parameters::canonical_list() const {
  Parameters list = *this;
  for (const char* paging : {"limit", "offset", "cursor", "total"}) list.values_.erase(paging);
  return list.canonical();
}

std::variant<std::string, Problem> ParameterRule::check(const std::string& value) const {
  if (type == "integer") return check_integer(*this, value);
  if (type == "boolean" && value != "true" && value != "false") {
    return invalid_parameter(name, fmt::format("{} is '{}', and can be true or false", name, value),
                             "Write true or false.");
  }
  return check_text(*this, value);
}

Result<Contract> Contract::read(std::string_view openapi_json) {
  Contract contract;
  try {
    const Json document = Json::parse(openapi_json);
    for (const auto& [path, item] : document.at("paths").items()) {
      for (const auto& [method, told] : item.items()) {
        contract.operations_.push_back(read_operation(document, path, method, told));
      }
    }
  } catch (const std::exception& failure) {
    return Error{Fault::kCorrupt,
                 fmt::format("the API contract cannot be read: {}", failure.what()),
                 "api/openapi.json", "build it again from api/openapi.yaml"};
  }
  return contract;
}

const Operation* Contract::find(const std::vector<std::string>& segments,
                                std::string_view method) const {
  for (const Operation& operation : operations_) {
    if (operation.method == method && is_at(operation, segments)) return &operation;
  }
  return nullptr;
}

std::string Contract::methods_at(const std::vector<std::string>& segments) const {
  std::string methods;
  for (const Operation& operation : operations_) {
    if (!is_at(operation, segments)) continue;
    methods += (methods.empty() ? "" : ", ") + operation.method;
    if (operation.method == "GET") methods += ", HEAD";
  }
  return methods;
}

std::variant<Parameters, Problem> Contract::parameters(const Operation& operation,
                                                       const net::Request& request) {
  std::map<std::string, std::string> given;
  std::vector<std::string> known;
  for (std::size_t i = 0; i < operation.segments.size(); ++i) {
    const std::string& segment = operation.segments[i];
    if (is_placeholder(segment)) given[segment.substr(1, segment.size() - 2)] = request.segments[i];
  }
  for (const ParameterRule& rule : operation.parameters) {
    if (!rule.in_path) known.push_back(rule.name);
  }
  for (const auto& [name, value] : request.query) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      const std::string near = nearest(name, known);
      return Problem{422, "unknown_parameter", fmt::format("There is no parameter '{}' here", name),
                     !near.empty()   ? fmt::format("Did you mean '{}'?", near)
                     : known.empty() ? "This call takes no parameters."
                                     : fmt::format("It takes: {}.", fmt::join(known, ", ")),
                     name};
    }
    if (!given.emplace(name, value).second) {
      return invalid_parameter(name, fmt::format("{} is given more than once", name),
                               "Give it once.");
    }
  }
  Parameters parameters;
  for (const ParameterRule& rule : operation.parameters) {
    const auto found = given.find(rule.name);
    if (found == given.end()) {
      if (rule.fallback) parameters.set(rule.name, *rule.fallback);
      if (rule.required) {
        return invalid_parameter(rule.name, fmt::format("{} is not given", rule.name),
                                 fmt::format("Say which {} is meant: ?{}=…", rule.name, rule.name));
      }
      continue;
    }
    auto checked = rule.check(found->second);
    if (auto* problem = std::get_if<Problem>(&checked)) return std::move(*problem);
    parameters.set(rule.name, std::get<std::string>(std::move(checked)));
  }
  return parameters;
}

}  // namespace claimlake::serve
