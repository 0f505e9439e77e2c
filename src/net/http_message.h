#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"

namespace claimlake::net {

// The fields of a message in the order of arrival. Names match whatever their case.
class Headers {
 public:
  void add(std::string name, std::string value);
  // The value of the first field of that name, or "".
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const;
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct Request {
  std::string method;                 // as sent, but a HEAD arrives as GET
  std::string path;                   // as sent, without the query: "/api/customers/a%2Fb"
  std::vector<std::string> segments;  // its parts, decoded: "api", "customers", "a/b"
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order of arrival
  Headers headers;
  std::string body;
  // The network address that it came from; "" where nobody knows.
  std::string peer = {};
  Cancel cancel;  // the server is stopping and will not wait for the answer any longer
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  std::string route;  // the label for metrics, one of few: "/api/customers/{id}"; never sent
  // Of an answer without a known end: what comes behind `body`, "" where there is nothing just
  // now, absent at its end. Asked ten times a second, by a thread that it must not block.
  std::function<std::optional<std::string>()> more = {};
};

// Fills path, segments and query of `request` from a request target such as "/a/b?x=1&y=%20".
// Errors: kInvalidInput (does not start with '/', bad escapes, text that is not UTF-8).
Done parse_target(std::string_view target, Request& request);

// `text` with every byte but letters, digits and "-._~" escaped.
std::string percent_encode(std::string_view text);

// Whether the value of an If-None-Match field names `etag`, a quoted text. Weak tags match too.
bool matches_etag(std::string_view if_none_match, std::string_view etag);

// Whether a client that sent this Accept-Encoding takes gzip.
bool accepts_gzip(std::string_view accept_encoding);

// The standard phrase of a status: "Not Found". "Unknown" for others.
std::string_view status_phrase(int status);

}  // namespace claimlake::net
