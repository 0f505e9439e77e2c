#include "oracle.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

namespace claimlake::sim {
namespace {

bool is_newer(const BronzeRow& a, const BronzeRow& b) {
  return std::tie(a.row.revision, a.arrived_us, a.file, a.position) >
         std::tie(b.row.revision, b.arrived_us, b.file, b.position);
}

std::set<std::string> keys_of(const Rows& rows) {
  std::set<std::string> keys;
  for (const RawRow& row : rows) keys.insert(row.key);
  return keys;
}

// What the rules say of a claim.
struct Judged {
  std::string broken;  // names of rules, in the order of the rules file: "a, b"
  bool refused = false;
};

Judged judge(const RawRow& claim, const std::set<std::string>& policies, const Terms& terms,
             const Waivers& waivers) {
  const auto found = waivers.find(claim.key);
  Judged judged;
  const auto breaks = [&](const std::string& rule) {
    judged.broken += (judged.broken.empty() ? "" : ", ") + rule;
    if (found == waivers.end() || !found->second.contains(rule)) judged.refused = true;
  };
  if (claim.cents <= terms.cents_min) breaks("amount_positive");
  if (!policies.contains(claim.text)) breaks("policy_exists");
  return judged;
}

}  // namespace

std::string show(const Table& table) {
  std::string text;
  for (const auto& row : table) text += fmt::format("    {}\n", fmt::join(row, " | "));
  return text.empty() ? "    (no rows)\n" : text;
}

std::string show(const Rows& rows) {
  Table table;
  for (const RawRow& row : rows) {
    table.push_back({row.key, row.text, std::to_string(row.cents), row.status, row.day,
                     std::to_string(row.revision), row.channel, row.waived});
  }
  return show(table);
}

Rows newest(const std::vector<BronzeRow>& bronze) {
  std::map<std::string, const BronzeRow*> found;
  for (const BronzeRow& row : bronze) {
    const BronzeRow*& kept = found[row.row.key];
    if (kept == nullptr || is_newer(row, *kept)) kept = &row;
  }
  Rows rows;
  for (const auto& [key, row] : found) rows.push_back(row->row);
  return rows;
}

Rows typed(Rows claims, const Terms& terms) {
  for (RawRow& claim : claims) {
    claim.day.resize(std::min<std::size_t>(claim.day.size(), 7));
    if (!terms.channels) claim.channel.clear();
  }
  return claims;
}

std::map<std::string, std::string> refused(const Rows& claims, const Rows& policies,
                                           const Terms& terms, const Waivers& waivers) {
  const std::set<std::string> known = keys_of(policies);
  std::map<std::string, std::string> found;
  for (const RawRow& claim : claims) {
    const Judged judged = judge(claim, known, terms, waivers);
    if (judged.refused) found[claim.key] = "[" + judged.broken + "]";
  }
  return found;
}

Rows accepted(const Rows& claims, const Rows& policies, const Terms& terms,
              const Waivers& waivers) {
  const std::set<std::string> known = keys_of(policies);
  Rows kept;
  for (const RawRow& claim : claims) {
    const Judged judged = judge(claim, known, terms, waivers);
    if (judged.refused) continue;
    kept.push_back(claim);
    kept.back().waived = judged.broken;
  }
  return kept;
}

Table policy_totals(const Rows& policies, const Rows& claims, const Terms& terms) {
  Table table;
  for (const RawRow& policy : policies) {
    std::int64_t count = 0, cents = 0;
    for (const RawRow& claim : claims) {
      if (claim.text != policy.key) continue;
      ++count;
      cents += claim.cents;
    }
    std::string plan = policy.text;
    if (terms.upper_plans) std::transform(plan.begin(), plan.end(), plan.begin(), ::toupper);
    table.push_back({policy.key, plan, std::to_string(count), std::to_string(cents)});
  }
  return table;
}

Table plan_totals(const Table& policy_totals) {
  std::map<std::string, std::array<std::int64_t, 2>> plans;
  for (const auto& row : policy_totals) {
    auto& [policies, cents] = plans[row[1]];
    ++policies;
    cents += std::stoll(row[3]);
  }
  Table table;
  for (const auto& [plan, total] : plans) {
    table.push_back({plan, std::to_string(total[0]), std::to_string(total[1])});
  }
  return table;
}

Table month_totals(const Rows& claims, const std::string& today) {
  std::map<std::array<std::string, 2>, std::array<std::int64_t, 2>> months;
  for (const RawRow& claim : claims) {
    auto& [count, cents] = months[{claim.day, claim.status}];
    ++count;
    cents += claim.cents;
  }
  Table table;
  for (const auto& [key, total] : months) {
    const bool closed = key[0] < today.substr(0, 7);
    table.push_back({key[0], key[1], std::to_string(total[0]), std::to_string(total[1]),
                     closed ? "true" : "false"});
  }
  return table;
}

}  // namespace claimlake::sim
