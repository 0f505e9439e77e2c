// What people said of refused rows.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "checker.h"

namespace claimlake::sim {
namespace {

constexpr const char* kWaivers = "ops.waivers";

std::string place(delta::LogVersion version) {
  return fmt::format("{} version {}", kWaivers, version);
}

}  // namespace

// What was said stays: a waiver never leaves, and one that was withdrawn does not come back. No
// rule is waived twice for a row.
std::string Checker::check_waivers(const New& at) {
  const auto rows = read(kWaivers, at.version,
                         "waiver_id, key, rule, table_name, quarantine_id, waived_by, "
                         "CASE WHEN withdrawn_at IS NULL THEN 'holds' ELSE 'withdrawn' END");
  if (!rows) return place(at.version) + ": " + rows.error().text();
  std::map<std::string, std::vector<std::string>> now;
  Waivers held;
  for (const auto& row : *rows) {
    const std::string text = fmt::format("{}", fmt::join(row, " | "));
    if (!now.emplace(row[0], row).second) return place(at.version) + " has one twice: " + text;
    if (row[3] != "silver.claims") return place(at.version) + " is of another table: " + text;
    if (row[6] == "holds" && !held[row[1]].insert(row[2]).second) {
      return place(at.version) + " waives a rule twice: " + text;
    }
  }
  for (const auto& [id, before] : waiver_rows_) {
    const auto found = now.find(id);
    if (found == now.end()) return place(at.version) + " has lost the waiver " + id;
    std::vector<std::string> expected = before;
    if (before[6] == "holds") expected[6] = found->second[6];
    if (found->second != expected) return place(at.version) + " has changed the waiver " + id;
  }
  waiver_rows_ = std::move(now);
  waivers_[at.version] = std::move(held);
  return "";
}

std::string Checker::check_waived() const {
  std::map<std::pair<std::string, std::string>, int> there;
  for (const auto& [id, row] : waiver_rows_) ++there[{row[1], row[2]}];
  for (const auto& [waived, count] : waived_) {
    const auto found = there.find(waived);
    if (found != there.end() && found->second >= count) continue;
    return fmt::format("{} was waived for {}, and {} does not say so", waived.second, waived.first,
                       kWaivers);
  }
  return "";
}

Waivers Checker::waivers() const {
  return waivers_.empty() ? Waivers() : waivers_.rbegin()->second;
}

}  // namespace claimlake::sim
