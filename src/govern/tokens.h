#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "govern/govern.h"

namespace claimlake::govern {

inline constexpr std::string_view kTokenPrefix = "clk_";

// Tokens for machines: docs/formats/sign_in.md. Thread-safe.
class Tokens {
 public:
  explicit Tokens(const GovernContext& context) : context_(context) {}

  struct Made {
    std::string token;  // shown once, kept nowhere
    Token kept;
  };
  // `days` 0 is the default of the configuration. Errors: kInvalidInput (name, no scope, one that
  // the caller's role has not or that no token has, too many days), kConflict (too many tokens).
  Result<Made> make(const Caller& caller, const std::string& name,
                    const std::vector<std::string>& scopes, int days);
  // Those of the caller that have not ended, the newest first.
  Result<std::vector<Token>> of(const Caller& caller);
  // Errors: kNotFound (the caller has no token of that id).
  Done revoke(const Caller& caller, std::string_view token_id);

 private:
  const GovernContext context_;
};

}  // namespace claimlake::govern
