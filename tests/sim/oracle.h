#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "raw_files.h"

// What the tables of pack/ must hold, computed from the raw rows in plain C++.

namespace claimlake::sim {

using Table = std::vector<std::vector<std::string>>;  // rows of text cells, ascending

// The newest version of each row, by key.
using Newest = std::map<std::string, RawRow>;
Newest newest(const std::vector<const Content*>& contents);

// Names of the rules that each refused claim breaks, in the order of the rules file: "[a, b]".
std::map<std::string, std::string> refused(const Newest& claims, const Newest& policies);
// silver.claims: the claims that are not refused.
Newest accepted(const Newest& claims, const Newest& policies);

struct PolicyTotal {
  std::string plan;
  std::int64_t claims = 0;
  std::int64_t cents = 0;
};
using PolicyTotals = std::map<std::string, PolicyTotal>;
PolicyTotals policy_totals(const Newest& policies, const Newest& claims);

// The tables as they read.
Table policies_table(const Newest& policies);
Table claims_table(const Newest& claims);
Table policy_totals_table(const PolicyTotals& totals);
Table plan_totals_table(const PolicyTotals& totals);

std::string money_text(std::int64_t cents);
std::string show(const Table& table);

}  // namespace claimlake::sim
