#pragma once

#include <optional>
#include <string>
#include <variant>

#include "net/http_message.h"
#include "records/records.h"
#include "serve/caller.h"
#include "serve/problem.h"

namespace claimlake::serve {

// The Idempotency-Key of a request that makes something: sent again with the same body, it gets the
// answer of the first time. Kept in the transaction of what it made, for 24 hours.
class Idempotency {
 public:
  // Errors: a Problem if the header is no key.
  static std::variant<Idempotency, Problem> of(const net::Request& request, const Caller& caller);

  // What was answered the first time, or that the key went with another body. Nothing: go on.
  Result<std::optional<net::Response>> answered(records::Transaction& all,
                                                const net::Request& request) const;
  Done keep(records::Transaction& all, const net::Response& response, std::int64_t now) const;

 private:
  std::string caller_;
  std::string key_;  // "": there is none
  std::string digest_;
};

}  // namespace claimlake::serve
