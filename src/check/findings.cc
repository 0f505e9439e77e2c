#include "check/findings.h"

#include <utility>

namespace claimlake::check {

void Findings::add(Rule rule, std::string where, std::string seen) {
  if (++counts_[static_cast<std::size_t>(rule)] > kKept) return;
  kept_.push_back({rule, std::move(where), std::move(seen)});
}

std::int64_t Findings::count(Severity severity) const {
  std::int64_t sum = 0;
  for (const RuleInfo& rule : all_rules()) {
    if (rule.severity == severity) sum += count(rule.rule);
  }
  return sum;
}

}  // namespace claimlake::check
