#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "raw_files.h"

// What the tables of pack/ must hold, computed in plain C++ from the rows of the tables they read.

namespace claimlake::sim {

using Table = std::vector<std::vector<std::string>>;  // rows of text cells, ascending
using Rows = std::vector<RawRow>;                     // ascending

// A row of Bronze with what says which of several versions of it is the newest.
struct BronzeRow {
  RawRow row;
  std::int64_t arrived_us = 0;
  std::string file;
  std::int64_t position = 0;
  std::string batch;

  auto operator<=>(const BronzeRow&) const = default;
};

// What an edition of the pack (editions.h) says.
struct Terms {
  std::int64_t cents_min = 0;  // claims of no more than this are refused
  bool upper_plans = false;    // gold.policy_totals shows plans in capitals
  bool channels = false;       // silver.claims has the column
};

// The newest version of each row.
Rows newest(const std::vector<BronzeRow>& bronze);
// silver.claims before its rules.
Rows typed(Rows claims, const Terms& terms);
// The rules that are waived, by claim.
using Waivers = std::map<std::string, std::set<std::string>>;
// Names of the rules that each refused claim breaks, in the order of the rules file: "[a, b]".
std::map<std::string, std::string> refused(const Rows& claims, const Rows& policies,
                                           const Terms& terms, const Waivers& waivers);
// silver.claims: the claims that are not refused.
Rows accepted(const Rows& claims, const Rows& policies, const Terms& terms, const Waivers& waivers);

// Gold. Money is in cents.
Table policy_totals(const Rows& policies, const Rows& claims, const Terms& terms);
Table plan_totals(const Table& policy_totals);
// `today`: "2026-01-31".
Table month_totals(const Rows& claims, const std::string& today);

std::string show(const Table& table);
std::string show(const Rows& rows);

}  // namespace claimlake::sim
