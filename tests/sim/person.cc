#include "person.h"

#include <fmt/format.h>

#include <array>

namespace claimlake::sim {
namespace {

class Draw {
 public:
  Draw(Random& random, Date today) : random_(random), today_(today) {}

  std::uint64_t below(std::uint64_t limit) { return random_.below(limit); }
  std::string claim() { return fmt::format("'C{}'", below(12)); }
  std::string policy() { return fmt::format("'P{}'", below(7)); }
  std::string status() {
    constexpr std::array<const char*, 3> kStatus = {"'open'", "'paid'", "'denied'"};
    return kStatus[below(3)];
  }
  std::string day() { return to_text(today_ - std::chrono::days(below(70))); }
  const char* bronze() { return below(3) == 0 ? "bronze.policies" : "bronze.claims"; }
  const char* any() {
    constexpr std::array<const char*, 9> kTables = {
        "bronze.policies",  "bronze.claims",      "bronze.claims",
        "silver.policies",  "silver.claims",      "silver.claims",
        "gold.plan_totals", "gold.policy_totals", "gold.month_totals"};
    return kTables[below(9)];
  }

  std::string correction() {
    switch (below(4)) {
      case 0:
        return fmt::format("UPDATE bronze.claims SET policy_id = {} WHERE claim_id = {}", policy(),
                           claim());
      case 1:
        return fmt::format("UPDATE bronze.claims SET service_date = DATE '{}' WHERE claim_id = {}",
                           day(), claim());
      case 2:
        return fmt::format("UPDATE bronze.claims SET status = {} WHERE policy_id = {}", status(),
                           policy());
      default:
        return fmt::format("UPDATE bronze.policies SET plan = 'plan{}' WHERE policy_id = {}",
                           below(3), policy());
    }
  }
  std::string deletion() {
    if (below(6) == 0) return fmt::format("TRUNCATE TABLE {}", bronze());
    if (below(3) == 0) {
      return fmt::format("DELETE FROM bronze.policies WHERE policy_id = {}", policy());
    }
    return fmt::format("DELETE FROM bronze.claims WHERE claim_id = {}", claim());
  }
  // What a refresh must undo.
  std::string by_hand() {
    switch (below(4)) {
      case 0:
        return fmt::format("UPDATE silver.claims SET amount = amount + 1 WHERE claim_id = {}",
                           claim());
      case 1:
        return fmt::format("DELETE FROM silver.policies WHERE policy_id = {}", policy());
      case 2:
        return "DELETE FROM gold.month_totals WHERE claims = 1";
      default:
        return "UPDATE gold.policy_totals SET claims = claims + 1, plan = 'plan0'";
    }
  }

 private:
  Random& random_;
  const Date today_;
};

}  // namespace

std::string draw_statement(
    Random& random, Date today,
    const std::function<std::optional<delta::LogVersion>(const std::string& table)>& newest) {
  Draw draw(random, today);
  switch (draw.below(12)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return draw.correction();
    case 4:
    case 5:
      return draw.deletion();
    case 6:
      return draw.by_hand();
    case 7:
    case 8: {
      const char* table = draw.below(3) == 0 ? draw.any() : draw.bronze();
      const auto versions = static_cast<std::uint64_t>(newest(table).value_or(0)) + 1;
      return fmt::format("RESTORE TABLE {} TO VERSION AS OF {}", table, draw.below(versions));
    }
    case 9:
      return fmt::format("OPTIMIZE {}", draw.any());
    case 10:
      return fmt::format("VACUUM {}", draw.any());
    default:
      return fmt::format("ALTER TABLE {} ADD COLUMN note{} VARCHAR", draw.any(), draw.below(100));
  }
}

}  // namespace claimlake::sim
