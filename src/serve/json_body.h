#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "net/http_message.h"
#include "serve/problem.h"

namespace claimlake::serve {

// Bodies of calls that are never cached: what they take, and what is answered.

// A member of an object of texts, which a call takes.
struct BodyMember {
  std::string name;
  bool required = false;                // and not empty
  std::size_t characters_max = 10'000;  // more is no name of anything, and no reason
};
using Texts = std::map<std::string, std::string>;  // by member; "" where it was not given

// The members of the JSON object `body`, of which only `known` are taken.
std::variant<Texts, Problem> texts_of(const std::string& body,
                                      const std::vector<BodyMember>& known);

net::Response json_response(const nlohmann::json& json);

// What an error of the pipeline means to a client: what it asked for in vain is told as it is.
// `field` is the member or parameter at fault, if one is.
net::Response failed(const Error& error, const net::Request& request, std::string_view field = {});

// Whether a browser sent it for a page of another site.
bool comes_from_elsewhere(const net::Request& request);
// Why `request` may not change anything, if it may not: it comes from a page of another site, or
// could come from a form of one. There is no sign-in yet, so this and the Host are what tells.
std::optional<Problem> refused_change(const net::Request& request);

}  // namespace claimlake::serve
