// What must be there when all is done.
#include <fmt/format.h>

#include <algorithm>

#include "checker.h"

namespace claimlake::sim {
namespace {

constexpr const char* kQuarantine = "ops.quarantine";
constexpr const char* kQuarantineColumns =
    "quarantine_id, table_name, key, CAST(rules AS VARCHAR), state, source_file, source_position, "
    "payload";

}  // namespace

std::string Checker::check_refused(const Rows& claims, const Rows& policies, const Terms& terms) {
  const Waivers held = waivers();
  auto expected = refused(claims, policies, terms, held);
  const auto rows = read(kQuarantine, seen_[kQuarantine], kQuarantineColumns);
  if (!rows) return rows.error().text();
  for (const auto& row : *rows) {
    if (row[1] != "silver.claims") continue;
    const auto waits = expected.find(row[2]);
    const std::string state = waits == expected.end() ? "replayed" : "open";
    // Who came in by itself stays so, whatever is waived later.
    if (waits == expected.end() && row[4] == "waived" && held.contains(row[2])) continue;
    if (row[4] != state || (waits != expected.end() && row[3] != waits->second)) {
      return fmt::format("{} should be {} {} in the quarantine, and is: {}", row[2], state,
                         waits == expected.end() ? "" : waits->second, fmt::join(row, " | "));
    }
    if (waits != expected.end()) expected.erase(waits);
  }
  if (expected.empty()) return "";
  return expected.begin()->first + " is refused by " + expected.begin()->second +
         ", but not in the quarantine";
}

// Each broken line of a file that was taken in is kept; one of a file that vanished may be.
std::string Checker::check_broken_lines(const Contents& contents) {
  const auto rows = read(kQuarantine, seen_[kQuarantine], kQuarantineColumns);
  if (!rows) return rows.error().text();
  std::set<std::vector<std::string>> kept;
  for (const auto& row : *rows) {
    if (row[1] == "silver.claims") continue;
    std::string payload = row[7];
    while (payload.ends_with('\n')) payload.pop_back();
    if (!kept.insert({row[5], row[6], payload}).second) {
      return fmt::format("a broken line is kept twice: {}", fmt::join(row, " | "));
    }
  }
  std::set<std::vector<std::string>> known;
  for (std::size_t index = 0; index < raw_.contents().size(); ++index) {
    const Content& content = raw_.contents()[index];
    for (const BrokenLine& line : content.broken) {
      bool found = false;
      for (const std::string& name : content.names) {
        const std::vector<std::string> row = {name, std::to_string(line.position), line.bytes};
        known.insert(row);
        found = found || kept.contains(row);
      }
      if (!found && contents.contains(index)) {
        return fmt::format("content {} was taken in, but its broken line at {} ({}) is lost", index,
                           line.position, line.bytes);
      }
    }
  }
  for (const auto& row : kept) {
    if (!known.contains(row)) {
      return fmt::format("the quarantine has a broken line that never was: {}",
                         fmt::join(row, " | "));
    }
  }
  return "";
}

std::string Checker::check_settled(const Edition& edition, const std::string& today) {
  Contents present;
  for (const auto& [name, index] : raw_.present()) present.insert(index);
  std::string wrong = check_taken(present);
  if (!wrong.empty()) return wrong;
  const auto bronze = [&](const char* table) {
    const auto& versions = bronze_[table];
    return versions.empty() ? Rows() : newest(versions.rbegin()->second);
  };
  const Terms& terms = edition.terms;
  const Rows policies = bronze("bronze.policies");
  const Rows claims = typed(bronze("bronze.claims"), terms);
  const Rows good = accepted(claims, policies, terms, waivers());
  for (const auto& [table, expected] :
       {std::pair("silver.policies", policies), std::pair("silver.claims", good)}) {
    if (!seen_.contains(table)) return std::string(table) + " was never built";
    const Rows& found = silver_[table].rbegin()->second;
    if (found == expected) continue;
    return fmt::format("{} at the end is wrong; expected\n{}  found\n{}", table, show(expected),
                       show(found));
  }
  Table by_policy = policy_totals(policies, good, terms);
  for (auto [table, expected] : {std::pair("gold.policy_totals", by_policy),
                                 std::pair("gold.plan_totals", plan_totals(by_policy)),
                                 std::pair("gold.month_totals", month_totals(good, today))}) {
    std::sort(expected.begin(), expected.end());
    if (!seen_.contains(table)) return std::string(table) + " was never built";
    const Table& found = gold_[table].rbegin()->second;
    if (found == expected) continue;
    return fmt::format("{} at the end is wrong; expected\n{}  found\n{}", table, show(expected),
                       show(found));
  }
  wrong = check_refused(claims, policies, terms);
  return wrong.empty() ? check_broken_lines(taken()) : wrong;
}

std::string Checker::visible() {
  std::string text;
  for (auto& [table, versions] : silver_) text += table + "\n" + show(versions.rbegin()->second);
  for (auto& [table, versions] : gold_) text += table + "\n" + show(versions.rbegin()->second);
  const auto waiting =
      read(kQuarantine, seen_[kQuarantine], "table_name, key, CAST(rules AS VARCHAR), state");
  if (!waiting) return waiting.error().text();
  Table open;
  for (const auto& row : *waiting) {
    if (row[0] == "silver.claims" && row[3] != "replayed") open.push_back(row);
  }
  return text + "waiting\n" + show(open);
}

}  // namespace claimlake::sim
