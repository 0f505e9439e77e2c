#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "check/rules.h"

namespace claimlake::check {

struct Finding {
  Rule rule;
  std::string where;  // a path in the store, with the line of a log entry: "t/_delta_log/3.json:2"
  std::string seen;   // what is there, against what should be
};

// Collects findings. A table that breaks one rule a million times says so in a few findings and a
// number.
class Findings {
 public:
  void add(Rule rule, std::string where, std::string seen);

  // At most kKept of each rule, in the order in which they were found.
  const std::vector<Finding>& kept() const { return kept_; }
  std::int64_t count(Rule rule) const { return counts_[static_cast<std::size_t>(rule)]; }
  std::int64_t count(Severity severity) const;

  static constexpr std::int64_t kKept = 20;

 private:
  std::vector<Finding> kept_;
  std::array<std::int64_t, kRuleCount> counts_{};
};

}  // namespace claimlake::check
