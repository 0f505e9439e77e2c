#include "pack/definition.h"

#include <gmock/gmock.h>

namespace claimlake::pack {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The definition of a Gold model; its columns have these types.
Definition definition(const std::string& sql, const std::string& header = "key: a\n",
                      const std::vector<std::string>& types = {"BIGINT", "DECIMAL(18,2)"},
                      const std::string& rules = "") {
  auto model = parse_model(
      "/* claimlake\nkind: keyed\ndescription: D.\naggregation: claim\n" + header + "*/\n" + sql,
      "gold.t", "t.sql");
  EXPECT_TRUE(model) << model.error().text();
  for (std::size_t i = 0; i < model->columns.size(); ++i) {
    model->columns[i].type = i < types.size() ? types[i] : "VARCHAR";
  }
  if (!rules.empty())
    model->rules = *parse_rules("tables:\n  gold.t:\n" + rules, "gold.t", "t.yml");
  return definition_of({}, *model);
}

const std::string kSql =
    "WITH claims AS (SELECT a, b FROM silver.c WHERE b > 0)\n"
    "SELECT a, -- key\n SUM(b) AS total -- all [USD]\nFROM claims GROUP BY a";

TEST(Definition, comments_blanks_and_case_of_words_change_no_row) {
  const Definition before = definition(kSql);
  const Definition after = definition(
      "with claims as (\n  -- only those that cost\n  select a, b from silver.c where b > 0\n)\n"
      "select a, -- the key\n       sum(b) as total -- the sum of all [USD]\n"
      "from claims\ngroup by a",
      "key: a\nowner: somebody@example.com\n");

  EXPECT_EQ(computed_text(before), computed_text(after));
  EXPECT_EQ(compare(before, after).change_class, ChangeClass::kText);
  EXPECT_EQ(compare(before, before).change_class, ChangeClass::kNone);
}

TEST(Definition, a_text_in_quotes_is_no_matter_of_case) {
  const auto with = [](const std::string& text) {
    return definition("SELECT a, -- key\n '" + text + "' AS b -- text\nFROM silver.c");
  };

  const DefinitionChange change = compare(with("Paid"), with("paid"));

  EXPECT_EQ(change.change_class, ChangeClass::kValues);
  EXPECT_THAT(change.columns_changed, ElementsAre("b"));
  EXPECT_TRUE(change.columns_known());
}

TEST(Definition, columns_that_only_come_are_additive) {
  const DefinitionChange change =
      compare(definition("SELECT a, -- key\n b -- b\nFROM silver.c"),
              definition("SELECT a, -- key\n b, -- b\n c -- c\nFROM silver.c"));

  EXPECT_EQ(change.change_class, ChangeClass::kAdditive);
  EXPECT_THAT(change.columns_added, ElementsAre("c"));
  EXPECT_TRUE(change.columns_known());
}

TEST(Definition, what_readers_cannot_do_without_is_breaking) {
  const Definition before = definition("SELECT a, -- key\n b -- b\nFROM silver.c");
  const auto why = [&](const Definition& after) {
    const DefinitionChange change = compare(before, after);
    EXPECT_EQ(change.change_class, ChangeClass::kBreaking);
    return change.breaking;
  };

  EXPECT_THAT(why(definition("SELECT a -- key\nFROM silver.c")), ElementsAre("the column b goes"));
  EXPECT_THAT(why(definition("SELECT a, -- key\n b -- b\nFROM silver.c", "key: [a, b]\n")),
              ElementsAre("the key was a and is a, b"));
  EXPECT_THAT(why(definition("SELECT a, -- key\n b -- b\nFROM silver.c", "key: a\n",
                             {"BIGINT", "DECIMAL(18,1)"})),
              ElementsAre("b was DECIMAL(18,2) and is DECIMAL(18,1)"));
  EXPECT_THAT(why(definition("SELECT a, -- key\n b -- b\nFROM silver.c", "key: a\n",
                             {"INTEGER", "DECIMAL(18,2)"})),
              ElementsAre("a was BIGINT and is INTEGER"));
}

TEST(Definition, a_wider_type_breaks_no_reader) {
  const auto with = [](const std::string& a, const std::string& b) {
    return definition("SELECT a, -- key\n b -- b\nFROM silver.c", "key: a\n", {a, b});
  };

  EXPECT_EQ(compare(with("INTEGER", "DECIMAL(9,2)"), with("BIGINT", "DECIMAL(18,4)")).change_class,
            ChangeClass::kValues);
}

TEST(Definition, a_change_behind_the_columns_may_change_any_of_them) {
  const DefinitionChange cte =
      compare(definition(kSql),
              definition("WITH claims AS (SELECT a, b FROM silver.c WHERE b > 1)\n"
                         "SELECT a, -- key\n SUM(b) AS total -- all\nFROM claims GROUP BY a"));
  const DefinitionChange rest =
      compare(definition("SELECT a, -- key\n b -- b\nFROM silver.c"),
              definition("SELECT a, -- key\n b -- b\nFROM silver.c WHERE a > 0"));

  EXPECT_EQ(cte.change_class, ChangeClass::kValues);
  EXPECT_THAT(cte.ctes_changed, ElementsAre("claims"));
  EXPECT_THAT(cte.columns_changed, IsEmpty());
  EXPECT_FALSE(cte.columns_known());
  EXPECT_TRUE(rest.rest_changed);
  EXPECT_FALSE(rest.columns_known());
}

TEST(Definition, rules_are_told_by_their_names) {
  const std::string sql = "SELECT a, -- key\n b -- b\nFROM silver.c";
  const auto with = [&](const std::string& rules) {
    return definition(sql, "key: a\n", {"BIGINT", "DECIMAL(18,2)"}, rules);
  };
  const std::string rows = "      rows: {row_count: {min: 1}, else: warn}\n";

  const DefinitionChange change =
      compare(with("    set:\n" + rows +
                   "      gone: {unique: [b], else: warn}\n"
                   "      full: {column: b, completeness: {warn: \"< 90%\", fail: \"< 50%\"}}\n"),
              with("    set:\n" + rows +
                   "      new: {unique: [a], else: fail}\n"
                   "      full: {column: b, completeness: {warn: \"< 90%\", fail: \"< 60%\"}}\n"));

  EXPECT_EQ(change.change_class, ChangeClass::kRules);
  EXPECT_THAT(change.rules_added, ElementsAre("new"));
  EXPECT_THAT(change.rules_removed, ElementsAre("gone"));
  EXPECT_THAT(change.rules_changed, ElementsAre("full"));
}

TEST(Definition, is_kept_as_text_and_read_again) {
  const Definition before = definition(kSql, "key: a\ntags: {pii: [a]}\n", {"BIGINT", "DOUBLE"},
                                       "    set: {n: {row_count: {min: 1}, else: warn}}\n");

  const auto read = definition_from(to_text(before));

  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(*read, before);
  EXPECT_THAT(definition_from("{\"kind\": 1}").error().message, HasSubstr("cannot be read"));
}

}  // namespace
}  // namespace claimlake::pack
