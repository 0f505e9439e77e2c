#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace claimlake::store {

// "https://host:9000/base" in its parts.
struct Endpoint {
  std::string scheme;     // "http" or "https"
  std::string authority;  // host, with the port unless it is the scheme's own
  std::string base;       // "" or "/base", without '/' at its end

  // Nobody between here and the server can read along: TLS, or this machine itself.
  bool is_private() const;
};

// Errors: kInvalidInput: not of that form, or with a user or query, which may be secrets and are
// not repeated. `key` is the setting, for the message.
Result<Endpoint> parse_endpoint(std::string_view text, std::string_view key);

// The service's own text about an error in few words: one line of UTF-8, cut short.
std::string in_few_words(std::string_view service_text);

// How far this machine's clock is from the time in a Date field, for people: "this machine's clock
// is 17 minutes ahead of the service's". "" if the field holds no time.
std::string clock_skew(std::string_view date_field, Timestamp now);

}  // namespace claimlake::store
