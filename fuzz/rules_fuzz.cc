// Rules files: whatever stands in one, reading it ends, and what is wrong has a place.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "pack/literal.h"
#include "pack/rules.h"
#include "pack/source.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace claimlake;
  using namespace claimlake::pack;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto rules = parse_rules(text, "silver.t", "t.yml");
  if (rules) {
    CHECK(rules->of(RuleGroup::kRow).size() <= 62, "row rules fit into one number");
    for (const Rule& rule : rules->rules) {
      CHECK(!rule_text(rule).empty(), "a rule says what it demands");
      CHECK(rule.weight >= 1 && rule.weight <= 100, "weights have limits");
      for (const std::string& column : rule_columns(rule)) {
        const auto literal = sql_literal(column, "DECIMAL(18,2)");
        CHECK(!literal || *literal == column, "numbers stay as they are written");
      }
    }
  } else {
    CHECK(rules.error().where.starts_with("t.yml:"), "an error without its place");
  }
  if (const auto yaml = parse_yaml(text, "t.yml")) {
    for (const char* table : {"silver.t", "gold.t"}) {
      const auto expect = parse_expect(*yaml, table, "t.yml");
      CHECK(expect || expect.error().where.starts_with("t.yml:"), "an error without its place");
    }
  }
  const auto source = parse_source(text, "claims", "t.yml");
  CHECK(source || source.error().where.starts_with("t.yml:"), "an error without its place");
  return 0;
}
