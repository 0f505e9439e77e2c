#include "pack/test_file.h"

#include <gmock/gmock.h>

namespace claimlake::pack {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string failure(std::string_view text) {
  const auto tests = parse_tests(text, "t.sql");
  return tests ? "read" : tests.error().where + " " + tests.error().message;
}

TEST(TestFile, what_stands_before_the_first_test_holds_for_all) {
  const auto tests = parse_tests(
      "/* claimlake\nmodel: gold.t\nas_of: 2026-01-31\n*/\n"
      "INSERT INTO silver.a (n) VALUES (1);\n"
      "/* claimlake\ntest: One\n*/\n"
      "INSERT INTO expected (n, m) VALUES (1, ';'); -- a comment\n"
      "/* claimlake\ntest: Two\nas_of: 2026-02-01\n*/\n"
      "insert into Silver.B (N) select 2",
      "t.sql");

  ASSERT_TRUE(tests) << tests.error().text();
  ASSERT_EQ(tests->size(), 2U);
  const ModelTest& one = (*tests)[0];
  EXPECT_EQ(one.name, "One");
  EXPECT_EQ(one.model, "gold.t");
  EXPECT_EQ(to_text(*one.as_of), "2026-01-31");
  EXPECT_EQ(one.place, (Place{6, 1}));
  ASSERT_EQ(one.given.size(), 2U);
  EXPECT_EQ(one.given[0].table, "silver.a");
  EXPECT_EQ(one.given[1].table, "expected");
  EXPECT_THAT(one.given[1].columns, ElementsAre("n", "m"));
  EXPECT_EQ(one.given[1].rows, "VALUES (1, ';')");
  const ModelTest& two = (*tests)[1];
  EXPECT_EQ(to_text(*two.as_of), "2026-02-01");
  ASSERT_EQ(two.given.size(), 2U);
  EXPECT_EQ(two.given[1].table, "silver.b");
  EXPECT_THAT(two.given[1].columns, ElementsAre("n"));
  EXPECT_EQ(two.given[1].rows_place, (Place{14, 26}));
}

TEST(TestFile, says_where_a_file_is_wrong) {
  const std::string head = "/* claimlake\ntest: T\nmodel: gold.t\n*/\n";

  EXPECT_THAT(failure("INSERT INTO a.b (n) VALUES (1)"), HasSubstr("there is no test"));
  EXPECT_THAT(failure("/* claimlake\ntest: T\n*/"), HasSubstr("t.sql:1:1 the test does not say"));
  EXPECT_THAT(failure("/* claimlake\ntset: T\n*/"), HasSubstr("t.sql:2:1"));
  EXPECT_THAT(failure("/* claimlake\nmodel: a.b\n*/\n\n/* claimlake\nmodel: a.b\n*/"),
              HasSubstr("t.sql:6:1 the header of a test needs the key test"));
  EXPECT_THAT(failure(head + "SELECT 1"), HasSubstr("t.sql:5:1 a test consists of INSERT INTO"));
  EXPECT_THAT(failure(head + "INSERT INTO a.b VALUES (1)"),
              HasSubstr("t.sql:5:17 the columns that the rows give are not named"));
  EXPECT_THAT(failure(head + "INSERT INTO a.b (n, n) VALUES (1, 2)"), HasSubstr("twice"));
  EXPECT_THAT(failure(head + "INSERT INTO a.b (n)"), HasSubstr("VALUES or a SELECT must stand"));
  EXPECT_THAT(failure("/* claimlake\ntest: T\nmodel: a.b\nas_of: today\n*/"),
              HasSubstr("t.sql:4:8 as_of is no date"));
}

}  // namespace
}  // namespace claimlake::pack
