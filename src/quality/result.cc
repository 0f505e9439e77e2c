#include "quality/result.h"

#include <algorithm>

namespace claimlake::quality {

const char* dimension_name(Dimension dimension) {
  switch (dimension) {
    case Dimension::kComplete:
      return "complete";
    case Dimension::kValid:
      return "valid";
    case Dimension::kUnique:
      return "unique";
    case Dimension::kConsistent:
      return "consistent";
    case Dimension::kTimely:
      return "timely";
  }
  return "unknown";
}

const char* outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass:
      return "pass";
    case Outcome::kFlag:
      return "flag";
    case Outcome::kWarn:
      return "warn";
    case Outcome::kQuarantine:
      return "quarantine";
    case Outcome::kDrop:
      return "drop";
    case Outcome::kFail:
      return "fail";
  }
  return "unknown";
}

namespace {

struct DimensionOf {
  Dimension operator()(const pack::NotNull&) const { return Dimension::kComplete; }
  Dimension operator()(const pack::RowCount&) const { return Dimension::kComplete; }
  Dimension operator()(const pack::Completeness&) const { return Dimension::kComplete; }
  Dimension operator()(const pack::Between&) const { return Dimension::kValid; }
  Dimension operator()(const pack::In&) const { return Dimension::kValid; }
  Dimension operator()(const pack::Matches&) const { return Dimension::kValid; }
  Dimension operator()(const pack::Unique&) const { return Dimension::kUnique; }
  // Conditions and queries relate columns and tables to each other.
  Dimension operator()(const pack::ExistsIn&) const { return Dimension::kConsistent; }
  Dimension operator()(const pack::RowCondition&) const { return Dimension::kConsistent; }
  Dimension operator()(const pack::Query&) const { return Dimension::kConsistent; }
  Dimension operator()(const pack::Freshness&) const { return Dimension::kTimely; }
};

}  // namespace

Dimension dimension_of(const pack::RuleBody& body) { return std::visit(DimensionOf{}, body); }

bool fails_table(const std::vector<RuleResult>& results) {
  return std::any_of(results.begin(), results.end(), [](const RuleResult& result) {
    return result.group != pack::RuleGroup::kTime && result.outcome == Outcome::kFail;
  });
}

}  // namespace claimlake::quality
