#include "pack/sql_text.h"

#include <gtest/gtest.h>

#include "pack/place.h"

namespace claimlake::pack {
namespace {

std::vector<std::string> texts(std::string_view sql) {
  std::vector<std::string> list;
  const auto tokens = tokenize(sql);
  if (!tokens) return {tokens.error().where + " " + tokens.error().message};
  for (const Token& token : *tokens) list.emplace_back(token.text);
  return list;
}

using List = std::vector<std::string>;

TEST(SqlText, tells_strings_comments_names_and_operators_apart) {
  EXPECT_EQ(texts("a::int--x\n'it''s'"), (List{"a", "::", "int", "--x", "'it''s'"}));
  EXPECT_EQ(texts("/* a /* b */ c */ 1.5e-3"), (List{"/* a /* b */ c */", "1.5e-3"}));
  EXPECT_EQ(texts("\"a\"\"b\" `c`"), (List{"\"a\"\"b\"", "`c`"}));
  EXPECT_EQ(texts("E'a\\'b' $$x;y$$ $t$ $$ $t$ $1"),
            (List{"E'a\\'b'", "$$x;y$$", "$t$ $$ $t$", "$", "1"}));
  EXPECT_EQ(texts("größe>=.5"), (List{"größe", ">=", ".5"}));
}

TEST(SqlText, says_where_an_unfinished_thing_begins) {
  EXPECT_EQ(texts("a\n  'b"), List{"2:3 this string has no end"});
  EXPECT_EQ(texts("/* /* */"), List{"1:1 this comment has no end"});
  EXPECT_EQ(texts("E'\\"), List{"1:2 this string has no end"});
}

TEST(SqlText, finds_the_items_of_the_outermost_select_with_their_comments) {
  const std::string sql =
      "WITH x AS (SELECT a, b FROM t) -- not a column\n"
      "SELECT DISTINCT x.a,              -- the key\n"
      "       EXTRACT(DAY FROM d) AS d,  -- day\n"
      "                                  -- of month [d]\n"
      "       a IS DISTINCT FROM b AS e, /* no */\n"
      "       SUM(c) AS \"Total\"        -- all of it\n"
      "FROM x -- tail\n";

  const auto items = select_items(*tokenize(sql), sql);

  ASSERT_EQ(items.size(), 4u);
  EXPECT_EQ(items[0].name, "a");
  EXPECT_EQ(items[0].comment, "the key");
  EXPECT_EQ(items[1].sql, "EXTRACT(DAY FROM d) AS d");
  EXPECT_EQ(items[1].comment, "day of month [d]");
  EXPECT_EQ(items[2].name, "e");
  EXPECT_EQ(items[2].comment, "");
  EXPECT_EQ(items[3].name, "Total");
  EXPECT_EQ(items[3].comment, "all of it");
  EXPECT_EQ(place_of(sql, items[3].offset), (Place{6, 8}));
}

TEST(SqlText, tells_stars_and_nameless_items) {
  const std::string sql = "SELECT *, t.*, COUNT(*) AS n, a + 1 FROM t";

  const auto items = select_items(*tokenize(sql), sql);

  ASSERT_EQ(items.size(), 4u);
  EXPECT_TRUE(items[0].star);
  EXPECT_TRUE(items[1].star);
  EXPECT_FALSE(items[2].star);
  EXPECT_TRUE(items[2].named);
  EXPECT_FALSE(items[3].named);
}

TEST(SqlText, puts_the_date_only_where_the_word_is_a_word) {
  const Date day = std::chrono::sys_days(std::chrono::year(2026) / 1 / 31);

  EXPECT_EQ(sql_as_of("SELECT current_date, 'CURRENT_DATE', \"CURRENT_DATE\", x_CURRENT_DATE "
                      "/* CURRENT_DATE */ -- CURRENT_DATE",
                      day),
            "SELECT DATE '2026-01-31', 'CURRENT_DATE', \"CURRENT_DATE\", x_CURRENT_DATE "
            "/* CURRENT_DATE */ -- CURRENT_DATE");
}

TEST(Rewriter, leads_back_to_the_original) {
  Rewriter rewriter("SELECT a FROM s.t WHERE b");
  rewriter.replace(14, 17, "(SELECT 1 AS b) AS t");

  const std::string sql = rewriter.finish();

  EXPECT_EQ(sql, "SELECT a FROM (SELECT 1 AS b) AS t WHERE b");
  EXPECT_EQ(rewriter.original(7), 7u);
  EXPECT_EQ(rewriter.original(20), 14u);
  EXPECT_EQ(rewriter.original(sql.size() - 1), 24u);
  EXPECT_EQ(rewriter.original(sql.size() + 9), 25u);
}

}  // namespace
}  // namespace claimlake::pack
