#include "serve/problem.h"

#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"

namespace claimlake::serve {
namespace {

// "invalid_parameter" as a title: "Invalid parameter".
std::string title_of(std::string_view code) {
  std::string title(code);
  for (char& c : title) {
    if (c == '_') c = ' ';
  }
  if (!title.empty() && title[0] >= 'a' && title[0] <= 'z') title[0] -= 'a' - 'A';
  return title;
}

std::string errors_json(const std::vector<FieldError>& errors) {
  std::string json;
  for (const FieldError& error : errors) {
    json += fmt::format(R"({}{{"field":{},"detail":{},"next_step":{}}})", json.empty() ? "" : ",",
                        json_string(error.field), json_string(error.detail),
                        json_string(error.next_step));
  }
  return "[" + json + "]";
}

}  // namespace

std::string json_string(std::string_view text) {
  const std::string valid = to_utf8(text);
  std::string out = "\"";
  for (const char c : valid) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

net::Response to_response(const Problem& problem, std::string_view instance) {
  net::Response response;
  response.status = problem.status;
  response.headers.add("Content-Type", "application/problem+json");
  response.headers.add("Cache-Control", "no-store");
  if (problem.status == 503 || problem.status == 429) response.headers.add("Retry-After", "1");
  if (problem.status == 405) response.headers.add("Allow", problem.allow);
  response.body = fmt::format(
      R"({{"type":"about:blank","title":{},"status":{},"code":{},"detail":{},"next_step":{})",
      json_string(title_of(problem.code)), problem.status, json_string(problem.code),
      json_string(problem.detail), json_string(problem.next_step));
  if (!problem.errors.empty()) response.body += ",\"errors\":" + errors_json(problem.errors);
  if (!problem.field.empty()) response.body += ",\"field\":" + json_string(problem.field);
  if (!instance.empty()) response.body += ",\"instance\":" + json_string(instance);
  response.body += '}';
  return response;
}

Problem to_problem(const Error& error) {
  switch (error.fault) {
    case Fault::kTimeout:
      return {504, "deadline_exceeded", "The answer took longer than it may.",
              "Ask for fewer rows, or try again when the server is less busy."};
    case Fault::kCancelled:
      return {503, "not_ready", "The server is stopping.", "Try again when it runs again."};
    case Fault::kUnavailable:
      log(LogLevel::kWarning, "answer_unavailable", {{"error", error.text()}});
      return {503, "not_ready", "The lake could not be read just now.",
              "Try again in a second; if it stays so, run: claimlake doctor"};
    default:
      log(LogLevel::kError, "answer_failed", {{"error", error.text()}});
      return {500, "internal", "The server failed to answer.",
              "See the server's log; claimlake doctor checks the lake."};
  }
}

Problem invalid_parameter(std::string_view name, std::string detail, std::string next_step) {
  return {422, "invalid_parameter", std::move(detail), std::move(next_step), std::string(name)};
}

}  // namespace claimlake::serve
