#include "pack/rules.h"

#include <gtest/gtest.h>

namespace claimlake::pack {
namespace {

using std::chrono::hours;

constexpr const char* kClaims = R"(tables:
  silver.fact_claims:
    row:
      claim_id_present: {column: claim_id, not_null: true, else: quarantine, weight: 3}
      ids_present:      {not_null: [policy_id, pet_id], else: flag}
      amount_range:     {column: claim_amount, between: [0.01, null], else: drop, reason: Not an amount.}
      status_known:     {column: status, in: [Paid, "null"], else: warn}
      code_like_dx:     {column: code, matches: '^DX', else: flag, when: "code <> ''"}
      policy_exists:    {column: policy_id, exists_in: silver.dim_policies.policy_id, else: quarantine, recheck: 30d}
      paid_le_claimed:  {sql: "paid <= claimed", else: fail}
    set:
      one_row:          {unique: [claim_id], else: fail}
      any_rows:         {row_count: {min: 1}, else: warn}
      has_code:         {column: code, completeness: {warn: "< 98.5%", fail: "< 50%"}}
      no_ghosts:        {sql: "SELECT COUNT(*) FROM {new}", expect: "<= -0.5", else: warn}
    time:
      fresh:            {freshness: {column: at, warn: 26h, fail: 7d}}
)";

// The error of a file with one row rule (or of another group) of that text.
std::string error_of(const std::string& rule, const std::string& group = "row",
                     const std::string& table = "silver.t") {
  const auto rules = parse_rules("tables:\n  " + table + ":\n    " + group + ":\n      r: " + rule,
                                 table, "t.yml");
  return rules ? "read" : rules.error().where + " " + rules.error().message;
}

TEST(Rules, reads_every_kind_in_the_order_of_the_file) {
  const auto rules = parse_rules(kClaims, "silver.fact_claims", "f.yml");

  ASSERT_TRUE(rules) << rules.error().text();
  ASSERT_EQ(rules->rules.size(), 12u);
  EXPECT_EQ(rules->of(RuleGroup::kRow).size(), 7u);
  EXPECT_EQ(rules->of(RuleGroup::kSet).size(), 4u);
  EXPECT_EQ(rules->of(RuleGroup::kTime).size(), 1u);
  const auto& r = rules->rules;
  EXPECT_EQ(r[0].name, "claim_id_present");
  EXPECT_EQ(r[0].weight, 3);
  EXPECT_EQ(r[0].action, Action::kQuarantine);
  EXPECT_EQ(r[0].place, (Place{4, 7}));
  EXPECT_EQ(std::get<NotNull>(r[1].body).columns.size(), 2u);
  EXPECT_EQ(std::get<Between>(r[2].body).low, "0.01");
  EXPECT_FALSE(std::get<Between>(r[2].body).high);
  EXPECT_EQ(r[2].reason, "Not an amount.");
  EXPECT_EQ(std::get<In>(r[3].body).values[1], "null");
  EXPECT_EQ(std::get<Matches>(r[4].body).pattern, "^DX");
  EXPECT_EQ(r[4].when, "code <> ''");
  const auto& exists = std::get<ExistsIn>(r[5].body);
  EXPECT_EQ(exists.table + "/" + exists.parent_column, "silver.dim_policies/policy_id");
  EXPECT_EQ(exists.recheck, hours(720));
  EXPECT_EQ(std::get<RowCondition>(r[6].body).sql, "paid <= claimed");
  EXPECT_EQ(std::get<RowCount>(r[8].body).min, 1);
  EXPECT_EQ(std::get<Completeness>(r[9].body).warn_below_bp, 9850);
  EXPECT_EQ(r[9].action, Action::kFail);
  EXPECT_EQ(std::get<Query>(r[10].body).comparison, "<=");
  EXPECT_EQ(std::get<Query>(r[10].body).number, "-0.5");
  EXPECT_EQ(std::get<Freshness>(r[11].body).fail_after, hours(168));
}

TEST(Rules, say_in_words_what_they_demand) {
  const auto rules = parse_rules(kClaims, "silver.fact_claims", "f.yml");
  ASSERT_TRUE(rules);

  EXPECT_EQ(rule_text(rules->rules[1]), "policy_id, pet_id have values");
  EXPECT_EQ(rule_text(rules->rules[2]), "claim_amount is at least 0.01");
  EXPECT_EQ(rule_text(rules->rules[4]), "code looks like ^DX, where code <> ''");
  EXPECT_EQ(rule_text(rules->rules[9]), "code has a value in at least 98.5 % of the rows");
  EXPECT_EQ(rule_text(rules->rules[11]), "the newest at is at most 26 h old");
}

TEST(Rules, name_the_place_and_the_reason_of_what_is_wrong) {
  EXPECT_EQ(error_of("{column: a, betwen: [1, 2], else: flag}"),
            "t.yml:4:22 rule r has no key betwen (did you mean between?)");
  EXPECT_EQ(error_of("{column: a, else: flag}"), "t.yml:4:10 rule r does not say what must hold");
  EXPECT_EQ(error_of("{column: a, in: [x], matches: y, else: flag}"),
            "t.yml:4:10 rule r has two kinds, in and matches");
  EXPECT_EQ(error_of("{column: a, in: [x]}"), "t.yml:4:10 rule r needs the key else");
  EXPECT_EQ(error_of("{in: [x], else: flag}"), "t.yml:4:10 rule r needs the key column");
  EXPECT_EQ(error_of("{column: a, in: [x], else: flog}"),
            "t.yml:4:37 the action of a row rule is flag, warn, quarantine, drop or fail, not flog "
            "(did you mean flag?)");
  EXPECT_EQ(error_of("{column: a, in: [x], else: drop}"),
            "t.yml:4:10 rule r drops rows and needs the key reason");
  EXPECT_EQ(error_of("{column: a, between: [null, null], else: flag}"),
            "t.yml:4:31 between needs at least one end");
  EXPECT_EQ(error_of("{column: a, in: [x], else: flag, weight: 0}"),
            "t.yml:4:51 weight must be a whole number, 1 to 100");
  EXPECT_EQ(error_of("{column: a, in: [x], else: flag, recheck: 1d}"),
            "t.yml:4:52 recheck belongs to exists_in only");
  EXPECT_EQ(error_of("{column: a, exists_in: dim.a, else: flag}"),
            "t.yml:4:33 exists_in must name schema.table.column, not dim.a");
  EXPECT_EQ(error_of("{sql: \"SELECT 1 FROM {new}\", else: warn}", "set"),
            "t.yml:4:16 rule r needs the key expect");
  EXPECT_EQ(error_of("{sql: \"SELECT 1 FROM {new}\", expect: \"~ 1\", else: warn}", "set"),
            "t.yml:4:47 expect is a comparison and a number, not ~ 1");
  EXPECT_EQ(error_of("{unique: [a], else: quarantine}", "set"),
            "t.yml:4:30 the action of a set rule is warn or fail, not quarantine");
  EXPECT_EQ(error_of("{column: a, completeness: {warn: \"< 101%\"}}", "set"),
            "t.yml:4:43 a share is at most 100%: < 101%");
  EXPECT_EQ(error_of("{column: a, completeness: {warn: 98}}", "set"),
            "t.yml:4:43 completeness is written like \"< 98%\", not 98");
  EXPECT_EQ(error_of("{freshness: {column: a}}", "time"),
            "t.yml:4:22 freshness needs warn or fail");
  EXPECT_EQ(error_of("{not_null: [a], else: flag}", "row", "gold.t"),
            "t.yml:4:7 rows are judged one by one only in Silver, not in gold.t");
  EXPECT_EQ(error_of("x", "rows"), "t.yml:3:5 silver.t has no key rows (did you mean row?)");
}

TEST(Rules, name_only_the_table_they_stand_beside) {
  const auto rules =
      parse_rules("tables:\n  silver.fact_claim: {}\n", "silver.fact_claims", "f.yml");

  ASSERT_FALSE(rules);
  EXPECT_EQ(rules.error().where, "f.yml:2:3");
  EXPECT_NE(rules.error().message.find("did you mean silver.fact_claims?"), std::string::npos);
}

std::string expected(const std::string& yaml, const std::string& table = "silver.t") {
  const auto node = parse_yaml(yaml, "t.sql");
  const auto rules = parse_expect(*node, table, "t.sql");
  if (!rules) return rules.error().where + " " + rules.error().message;
  std::string text;
  for (const Rule& rule : *rules) {
    text += rule.name + " " + std::string(rule_kind_name(rule.body)) + " " +
            action_name(rule.action) + (rule.group == RuleGroup::kSet ? " set; " : "; ");
  }
  return text;
}

TEST(Rules, short_forms_of_a_header_are_the_same_rules) {
  EXPECT_EQ(expected("id: [not_null: fail, unique: fail]"),
            "id_not_null not_null fail; id_unique unique fail set; ");
  EXPECT_EQ(expected("id: [not_null: fail]", "gold.t"), "id_not_null not_null fail set; ");
  EXPECT_EQ(
      expected("a: [between: {min: 0, max: 5, else: quarantine, weight: 3}]\n"
               "b: [in: {values: [x], else: flag}, matches: {pattern: '^a', else: warn}]\n"
               "c: [exists_in: {column: silver.p.c, else: quarantine, recheck: 30d}]\n"
               "d: [completeness: {warn: '< 9%'}]\n"
               "rows: {ok: {sql: 'a < b', else: flag}}\n"),
      "a_between between quarantine; b_in in flag; b_matches matches warn; "
      "c_exists_in exists_in quarantine; d_completeness completeness warn set; ok sql flag; ");
  EXPECT_EQ(expected("a: [betwen: {min: 0}]"),
            "t.sql:1:5 expect has no kind betwen (did you mean between?)");
  EXPECT_EQ(expected("a: [between: {min: 0}]"), "t.sql:1:14 rule a_between needs the key else");
  EXPECT_EQ(expected("a: [not_null: fail, not_null: fail]"),
            "t.sql:1:21 two rules of this table are called a_not_null");
}

}  // namespace
}  // namespace claimlake::pack
