#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/guarded.h"
#include "net/http_message.h"
#include "pack/lineage.h"
#include "serve/answer.h"
#include "serve/quarantine_calls.h"
#include "serve/session_pool.h"

namespace claimlake::serve {

// The calls of the contract that are about what is now, or change it: the pipeline, why a row is as
// it is, and refused rows. Nothing of them is cached. Thread-safe.
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
  net::Response why(const net::Request& request) const;

  const ServeContext& context_;
  SessionPool& sessions_;
  const QuarantineCalls quarantine_;
  mutable Guarded<std::optional<pack::Lineage>> lineage_;  // read when it is first asked for
  const std::map<std::string, Call> calls_;                // by operation id
};

}  // namespace claimlake::serve
