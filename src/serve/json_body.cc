#include "serve/json_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/characters.h"
#include "base/text.h"

namespace claimlake::serve {
namespace {

using Json = nlohmann::json;

std::optional<Problem> fault_of(const BodyMember& member, const Json& value) {
  if (!value.is_string()) {
    return invalid_parameter(member.name, member.name + " is no text",
                             "Write it as a JSON string.");
  }
  const auto& text = value.get_ref<const std::string&>();
  if (characters_count(text) > member.characters_max) {
    return invalid_parameter(
        member.name,
        fmt::format("{} has more than {} characters", member.name, member.characters_max),
        "Say it shorter.");
  }
  if (text.find('\0') != std::string::npos) {
    return invalid_parameter(member.name, member.name + " has a character that is no text",
                             "Leave the character U+0000 out.");
  }
  return std::nullopt;
}

}  // namespace

std::variant<Texts, Problem> texts_of(const std::string& body,
                                      const std::vector<BodyMember>& known) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) {
    return Problem{422, "invalid_body", "The body is no JSON object",
                   "Send an object, such as {\"" + known.front().name + "\": \"…\"}."};
  }
  std::vector<std::string> names;
  Texts texts;
  for (const BodyMember& member : known) {
    names.push_back(member.name);
    texts[member.name] = "";
  }
  for (const auto& [name, value] : json.items()) {
    const auto member = std::find(names.begin(), names.end(), name);
    if (member == names.end()) {
      const std::string near = nearest(name, names);
      return Problem{422, "unknown_parameter", "There is no member '" + excerpt(name) + "' here",
                     near.empty() ? "Leave it out." : "Did you mean '" + near + "'?",
                     excerpt(name)};
    }
    const auto place = static_cast<std::size_t>(member - names.begin());
    if (auto problem = fault_of(known[place], value)) return *std::move(problem);
    texts[name] = value.get<std::string>();
  }
  for (const BodyMember& member : known) {
    if (!member.required || !texts[member.name].empty()) continue;
    return invalid_parameter(member.name, member.name + " is not given",
                             fmt::format("Say it in the body: {{\"{}\": \"…\"}}", member.name));
  }
  return texts;
}

net::Response json_response(const Json& json) {
  net::Response response;
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-store");
  response.body = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  return response;
}

net::Response failed(const Error& error, const net::Request& request, std::string_view field) {
  Problem problem;
  if (error.fault == Fault::kInvalidInput) {
    problem = {422, "invalid_parameter", error.message, error.next, std::string(field)};
  } else if (error.fault == Fault::kNotFound) {
    problem = {404, "not_found", error.message, error.next, std::string(field)};
  } else if (error.fault == Fault::kConflict) {
    problem = {409, "conflict", error.message, error.next};
  } else {
    problem = to_problem(error);
  }
  if (problem.next_step.empty()) problem.next_step = "See /docs for what this call takes.";
  return to_response(problem, request.path);
}

bool comes_from_elsewhere(const net::Request& request) {
  const std::string_view origin = request.headers.get("Origin");
  const std::string own = "http://" + std::string(request.headers.get("Host"));
  const std::string_view site = request.headers.get("Sec-Fetch-Site");
  return (!origin.empty() && origin != own) ||
         (!site.empty() && site != "same-origin" && site != "none");
}

std::optional<Problem> refused_change(const net::Request& request) {
  if (comes_from_elsewhere(request)) {
    return Problem{403, "cross_origin", "A page of another site may not change anything here.",
                   "Ask from the page of this server, or from a program."};
  }
  if (!request.headers.get("Content-Type").starts_with("application/json")) {
    return Problem{415, "unsupported_media_type", "The body must be application/json.",
                   "Send the header Content-Type: application/json."};
  }
  return std::nullopt;
}

}  // namespace claimlake::serve
