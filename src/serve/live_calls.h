#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/guarded.h"
#include "net/http_message.h"
#include "pack/lineage.h"
#include "serve/answer.h"
#include "serve/session_pool.h"

namespace claimlake::serve {

// The calls of the contract that are about what is now, or change it: the pipeline, and why a row
// is as it is. Nothing of them is cached. Thread-safe.
class LiveCalls {
 public:
  // All outlive this.
  LiveCalls(const ServeContext& context, SessionPool& sessions);

  // Whether `operation` is one of them.
  bool has(const Operation& operation) const { return calls_.contains(operation.id); }
  net::Response answer(const Operation& operation, const Parameters& parameters,
                       const net::Request& request) const;

 private:
  using Call = std::function<net::Response(const Parameters&, const net::Request&)>;

  net::Response status() const;
  net::Response mode() const;
  net::Response set_mode(const net::Request& request) const;
  net::Response waiting(const Parameters& parameters, const net::Request& request) const;
  net::Response step(const net::Request& request) const;
  net::Response events(const Parameters& parameters, const net::Request& request) const;
  net::Response why(const Parameters& parameters, const net::Request& request) const;

  const ServeContext& context_;
  SessionPool& sessions_;
  mutable Guarded<std::optional<pack::Lineage>> lineage_;  // read when it is first asked for
  const std::map<std::string, Call> calls_;                // by operation id
};

// Why `request` may not change anything, if it may not: it comes from a page of another site, or
// could come from a form of one. There is no sign-in yet, so this and the Host are what tells.
std::optional<Problem> refused_change(const net::Request& request);

}  // namespace claimlake::serve
