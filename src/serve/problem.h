#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/http_message.h"

namespace claimlake::serve {

// What is wrong with one member of a body.
struct FieldError {
  std::string field;
  std::string detail;
  std::string next_step;
};

// An error as RFC 9457 tells it to a client; schema Problem of api/openapi.yaml.
struct Problem {
  int status = 500;
  std::string code;  // stable; programs branch on it
  std::string detail;
  std::string next_step;
  std::string field = {};               // the parameter at fault; may be empty
  std::string allow = {};               // of 405: the methods that are taken
  std::vector<FieldError> errors = {};  // of a body: all that is wrong with it, the first as above
};

// `instance` is the path of the request; may be empty.
net::Response to_response(const Problem& problem, std::string_view instance = {});

// What an Error from the engine or the lake means to a client. Errors that a client can do nothing
// about are not told in detail; they are logged where they are turned into a problem.
Problem to_problem(const Error& error);

Problem invalid_parameter(std::string_view name, std::string detail, std::string next_step);

// `text` as a JSON string with its quotes.
std::string json_string(std::string_view text);

}  // namespace claimlake::serve
