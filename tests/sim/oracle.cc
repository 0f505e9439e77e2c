#include "oracle.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace claimlake::sim {

std::string money_text(std::int64_t cents) {
  return fmt::format("{}{}.{:02}", cents < 0 ? "-" : "", std::abs(cents) / 100,
                     std::abs(cents) % 100);
}

std::string show(const Table& table) {
  std::string text;
  for (const auto& row : table) text += fmt::format("    {}\n", fmt::join(row, " | "));
  return text.empty() ? "    (no rows)\n" : text;
}

Newest newest(const std::vector<const Content*>& contents) {
  Newest found;
  for (const Content* content : contents) {
    for (const RawRow& row : content->rows) {
      RawRow& kept = found[row.key];
      if (kept.key.empty() || kept.revision < row.revision) kept = row;
    }
  }
  return found;
}

std::map<std::string, std::string> refused(const Newest& claims, const Newest& policies) {
  std::map<std::string, std::string> found;
  for (const auto& [key, claim] : claims) {
    std::string rules;
    if (claim.cents <= 0) rules = "amount_positive";
    if (!policies.contains(claim.text)) {
      rules += (rules.empty() ? "" : ", ") + std::string("policy_exists");
    }
    if (!rules.empty()) found[key] = "[" + rules + "]";
  }
  return found;
}

Newest accepted(const Newest& claims, const Newest& policies) {
  Newest kept = claims;
  for (const auto& [key, rules] : refused(claims, policies)) kept.erase(key);
  return kept;
}

PolicyTotals policy_totals(const Newest& policies, const Newest& claims) {
  PolicyTotals totals;
  for (const auto& [key, policy] : policies) totals[key].plan = policy.text;
  for (const auto& [key, claim] : claims) {
    const auto total = totals.find(claim.text);
    if (total == totals.end()) continue;
    ++total->second.claims;
    total->second.cents += claim.cents;
  }
  return totals;
}

Table policies_table(const Newest& policies) {
  Table table;
  for (const auto& [key, row] : policies) {
    table.push_back({key, row.text, std::to_string(row.revision)});
  }
  return table;
}

Table claims_table(const Newest& claims) {
  Table table;
  for (const auto& [key, row] : claims) {
    table.push_back({key, row.text, money_text(row.cents), std::to_string(row.revision)});
  }
  return table;
}

Table policy_totals_table(const PolicyTotals& totals) {
  Table table;
  for (const auto& [key, total] : totals) {
    table.push_back({key, total.plan, std::to_string(total.claims), money_text(total.cents)});
  }
  return table;
}

Table plan_totals_table(const PolicyTotals& totals) {
  std::map<std::string, PolicyTotal> plans;
  for (const auto& [key, total] : totals) {
    PolicyTotal& plan = plans[total.plan];
    ++plan.claims;  // here: how many policies
    plan.cents += total.cents;
  }
  Table table;
  for (const auto& [plan, total] : plans) {
    table.push_back({plan, std::to_string(total.claims), money_text(total.cents)});
  }
  return table;
}

}  // namespace claimlake::sim
