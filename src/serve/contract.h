#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "net/http_message.h"
#include "serve/problem.h"

namespace claimlake::serve {

// The parameters of one request, checked against the contract, with defaults filled in.
class Parameters {
 public:
  bool has(std::string_view name) const { return values_.contains(name); }
  // The value as text, or "" if it was not given and has no default.
  std::string text(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;  // 0 if not given
  bool boolean(std::string_view name) const { return text(name) == "true"; }
  void set(std::string name, std::string value) { values_[std::move(name)] = std::move(value); }
  // The same text for the same parameters, whatever order they came in.
  std::string canonical() const;
  // The same without those that choose a page of a list instead of the list.
  std::string canonical_list() const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

// One parameter as the contract describes it.
struct ParameterRule {
  std::string name;
  bool in_path = false;
  bool required = false;
  std::string type;  // "string", "integer" or "boolean"
  std::vector<std::string> allowed;
  std::optional<std::int64_t> minimum, maximum;        // of an integer
  std::optional<std::int64_t> length_min, length_max;  // of a text, in characters
  std::optional<std::regex> pattern;
  std::string pattern_text;
  std::optional<std::string> fallback;

  // The value as it is kept: "1" for "01". Errors: a Problem that names the parameter.
  std::variant<std::string, Problem> check(const std::string& value) const;
};

// One call of the API.
struct Operation {
  std::string id;              // "listCustomers"
  std::string method = "GET";  // or "PUT", "POST", "PATCH": these take a JSON body
  std::string path;            // "/api/insights/customers/{customer_id}"
  std::vector<std::string> segments;
  std::vector<ParameterRule> parameters;
  std::string permission = {};  // who may call it, as govern::route_rule() reads it; "": nobody
};

// api/openapi.json as the server follows it: which calls there are and what they take. Reading it
// from the document keeps the document true. Immutable.
class Contract {
 public:
  // Errors: kCorrupt (not a document that this understands).
  static Result<Contract> read(std::string_view openapi_json);

  const std::vector<Operation>& operations() const { return operations_; }
  // The operation at these decoded path segments, or null.
  const Operation* find(const std::vector<std::string>& segments,
                        std::string_view method = "GET") const;
  // The methods that are taken there: "GET, HEAD, PUT"; "" if there is nothing.
  std::string methods_at(const std::vector<std::string>& segments) const;
  // The request's parameters, or the problem with them.
  static std::variant<Parameters, Problem> parameters(const Operation& operation,
                                                      const net::Request& request);

 private:
  std::vector<Operation> operations_;
};

}  // namespace claimlake::serve
