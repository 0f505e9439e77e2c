#include "engine/duck_message.h"

#include <gmock/gmock.h>

#include "engine/fixture_for_test.h"

namespace claimlake::engine {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Messages as DuckDB says them, so that a version that says them otherwise is noticed.
class DuckMessageTest : public EngineTest {
 protected:
  DuckMessageTest() {
    directory.view_map["silver"]["claims"] = {
        "select 'a' as claim_id, 1 as claim_amount, date '2026-01-31' as day", ""};
  }
  // "message | where | next".
  std::string said(std::string_view sql) {
    const Error error = error_of(*session(), sql);
    EXPECT_EQ(error.fault, Fault::kInvalidInput) << sql;
    return error.message + " | " + error.where + " | " + error.next;
  }
};

TEST_F(DuckMessageTest, proposes_the_name_that_is_a_slip_of_the_hand_away) {
  EXPECT_EQ(
      said("select claim_idd from silver.claims"),
      R"(Referenced column "claim_idd" not found in FROM clause | 1:8 | did you mean claim_id?)");
  EXPECT_EQ(said("select c.claim_idd from silver.claims c"),
            R"(Table "c" does not have a column named "claim_idd" | 1:8 | )");
  EXPECT_EQ(said("select * from silver.claim"),
            "Table with name claim does not exist | 1:15 | did you mean silver.claims?");
  EXPECT_EQ(said("select lenght('a')"),
            "Scalar Function with name lenght does not exist | 1:8 | did you mean length?");
  EXPECT_EQ(said("select * from rangee(3)"),
            "The table function rangee is not allowed | 1:15 | did you mean range?");
  EXPECT_EQ(said("select x.claim_id from silver.claims c"),
            R"(Referenced table "x" not found | 1:8 | did you mean c?)");
}

TEST_F(DuckMessageTest, says_where_to_look_if_no_name_is_near) {
  EXPECT_EQ(said("select nope from silver.claims"),
            R"(Referenced column "nope" not found in FROM clause | 1:8 | )"
            "columns there are, for example, claim_amount");
  EXPECT_EQ(said("select * from zebra"),
            "Table with name zebra does not exist | 1:15 | SHOW ALL TABLES lists the tables");
  EXPECT_EQ(said("select * from '/etc/passwd'"),
            "Table with name /etc/passwd does not exist | 1:15 | SHOW ALL TABLES lists the tables");
  EXPECT_THAT(said("select zebra(1)"),
              HasSubstr("| 1:8 | SELECT function_name FROM duckdb_functions()"));
  EXPECT_THAT(said("select cast(1 as zebra)"), HasSubstr("SELECT type_name FROM duckdb_types()"));
  EXPECT_EQ(said("select zebra.* from silver.claims c"),
            R"(Referenced table "zebra" not found |  | FROM has c)");
}

TEST_F(DuckMessageTest, shows_the_forms_of_a_function_that_come_nearest) {
  EXPECT_EQ(
      said("select substr(1, 2, 3, 4)"),
      "No function matches the given name and argument types 'substr(INTEGER, INTEGER, INTEGER, "
      "INTEGER)' | 1:8 | it takes substr(VARCHAR, BIGINT, BIGINT) -> VARCHAR or "
      "substr(VARCHAR, BIGINT) -> VARCHAR");
  const std::string sum = said("select day + cast(1 as decimal(18,2)) from silver.claims");
  EXPECT_THAT(sum, AllOf(HasSubstr("'+(DATE, DECIMAL(18,2))'"), HasSubstr("| it takes +("),
                         HasSubstr("+(DATE, INTEGER) -> DATE"), HasSubstr(" more")));
  EXPECT_LT(sum.size(), 300u);
}

TEST_F(DuckMessageTest, gives_advice_that_can_be_typed_here) {
  EXPECT_EQ(
      said("select claim_id from silver.claims a, silver.claims b"),
      R"(Ambiguous reference to column name "claim_id" | 1:8 | write a.claim_id or b.claim_id)");
  EXPECT_THAT(said("select claim_id, count(*) from silver.claims"),
              HasSubstr("| either add it to the GROUP BY list, or use \"ANY_VALUE(claim_id)\""));
  EXPECT_THAT(said("select (select 1 union all select 2)"), Not(HasSubstr("SET ")));
  EXPECT_THAT(said("select $1"), HasSubstr("write the value in its place"));
  EXPECT_THAT(said("pivot silver.claims on claim_id"),
              AllOf(HasSubstr("PIVOT is not allowed"), HasSubstr("name the values")));
  EXPECT_THAT(said("select cast('x' as integer)"),
              AllOf(HasSubstr("Could not convert string 'x' to INTEGER |"), HasSubstr("TRY_CAST")));
  EXPECT_THAT(said("select 9223372036854775807 + 1"), HasSubstr("Overflow in addition of BIGINT"));
  EXPECT_THAT(said("select regexp_matches('a', '(')"),
              HasSubstr("Not a regular expression: missing )"));
}

TEST_F(DuckMessageTest, is_one_line_without_traces_of_how_it_was_made) {
  for (const char* sql : {"select",
                          "select 1 +",
                          "select 'abc",
                          "selec 1",
                          "select * from",
                          "select 'a' + 1",
                          "select strptime('a', '%Y')",
                          "select {'a': 1}.b",
                          "select count(distinct *) from range(3)",
                          "select [1, 2]['x']",
                          "select sum('a')",
                          "select max(sum(range)) from range(3)",
                          "select 1 union select 1, 2",
                          "values (1), (1, 2)",
                          "select cast('a' as decimal(50, 2))",
                          "select read_text('x')",
                          "select * exclude (nope) from silver.claims",
                          "select round('a', 'b')",
                          "select * from silver.claims at (version => 7)",
                          "select date '2025-02-30'",
                          "select * from serving.claims",
                          "describe nope"}) {
    const Error error = error_of(*session(), sql);
    for (const std::string& text : {error.message, error.next}) {
      EXPECT_THAT(text,
                  Not(testing::ContainsRegex("\n|\t|: :|Candidate|LINE |_LITERAL|INT[0-9]|[.!]$")))
          << sql;
    }
    EXPECT_FALSE(error.message.empty()) << sql;
  }
}

TEST(DuckMessage, leaves_what_a_person_wrote_in_quotes) {
  Error error{Fault::kInvalidInput, "Could not convert string 'INT64. Or BOOL' to INT64"};

  reword(error);

  EXPECT_EQ(error.message, "Could not convert string 'INT64. Or BOOL' to BIGINT");
  EXPECT_EQ(error.next, "");
}

TEST(DuckMessage, reads_lists_of_candidates) {
  Error error{
      Fault::kInvalidInput,
      "Table \"c\" does not have a column named \"claim_idd\"\n\nCandidate bindings: : "
      "\"claim_id\", \"claim_size_category\"\n\nLINE 1: SELECT c.claim_idd\n               ^"};
  reword(error);
  EXPECT_EQ(
      error.text(),
      "Table \"c\" does not have a column named \"claim_idd\"\n  try    did you mean claim_id?");

  error = {
      Fault::kInvalidInput,
      "Table with name vw does not exist!\nDid you mean \"gold.vx or information_schema.views\"?"};
  reword(error);
  EXPECT_EQ(error.text(), "Table with name vw does not exist\n  try    did you mean gold.vx?");

  error = {Fault::kInvalidInput,
           "Referenced column \"nope\" not found in FROM clause!\nCandidate bindings: \"invoice\", "
           "\"pet\", \"updated_at\", \"provider_id\""};
  reword(error);
  EXPECT_EQ(error.next, "columns there are, for example, invoice, pet and updated_at");
}

TEST(DuckMessage, keeps_a_next_step_that_is_known) {
  Error error{Fault::kInvalidInput, "Nothing. Try anything.", "", "go home"};

  reword(error);

  EXPECT_EQ(error.message, "Nothing");
  EXPECT_EQ(error.next, "go home");
}

}  // namespace
}  // namespace claimlake::engine
