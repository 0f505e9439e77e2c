// Rows that a session keeps, and statements over them whose plans are kept, too.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "engine/fixture_for_test.h"

namespace claimlake::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ScratchTest : public EngineTest {
 protected:
  Kept keep(const std::string& select, const std::string& relation = "scratch('t')") {
    auto kept = session_->keep(relation, select);
    EXPECT_TRUE(kept) << select << "\n" << kept.error().text();
    return kept ? *std::move(kept) : Kept{};
  }
  std::vector<std::string> rows(const std::string& sql) { return lines(*session_, sql); }

  std::unique_ptr<Session> session_ = internal_session();
};

TEST_F(ScratchTest, rows_are_kept_until_they_are_forgotten) {
  const Kept kept = keep("SELECT 7 AS id, ['a', NULL] AS list UNION ALL SELECT NULL, NULL");
  EXPECT_EQ(kept.rows, 2);
  ASSERT_EQ(kept.columns.size(), 2U);
  EXPECT_EQ(kept.columns[1].type, "VARCHAR[]");
  EXPECT_THAT(rows("SELECT s.list, s.id FROM scratch('t') AS s WHERE s.id = 7"),
              ElementsAre("[a, NULL]|7"));
  EXPECT_THAT(rows("SELECT count(*) FROM scratch('t')"), ElementsAre("2"));

  session_->forget("scratch('t')");
  EXPECT_THAT(error_of(*session_, "SELECT count(*) FROM scratch('t')").message,
              HasSubstr("No rows are kept as t"));
  EXPECT_THAT(error_of(*session_, "FROM scratch('never')").message, HasSubstr("never"));
}

TEST_F(ScratchTest, a_select_may_read_the_rows_that_it_replaces) {
  keep("SELECT i FROM range(5) AS r(i)");
  for (int more = 0; more < 3; ++more) keep("SELECT i + 1 AS i FROM scratch('t') WHERE i <> 4");
  EXPECT_THAT(rows("SELECT i FROM scratch('t') ORDER BY i"), ElementsAre("3", "4"));
}

// A plan that knew the least and greatest values of the rows it was made for would be wrong for
// others: those of DuckDB's own tables do.
TEST_F(ScratchTest, a_text_that_comes_again_gives_the_rows_that_stand_there_now) {
  const std::string above = "SELECT count(*) FROM scratch('t') WHERE i > 10";
  const std::string without = "SELECT count(*) FROM scratch('t') WHERE i IS NULL";
  const std::string groups = "SELECT count(*) FROM (SELECT i FROM scratch('t') GROUP BY i)";
  keep("SELECT CAST(i AS TINYINT) AS i FROM (VALUES (1), (2)) AS v(i)");
  EXPECT_THAT(rows(above), ElementsAre("0"));
  EXPECT_THAT(rows(without), ElementsAre("0"));
  EXPECT_THAT(rows(groups), ElementsAre("2"));
  keep("SELECT CAST(i AS TINYINT) AS i FROM (VALUES (20), (NULL), (-100)) AS v(i)");
  EXPECT_THAT(rows(above), ElementsAre("1"));
  EXPECT_THAT(rows(without), ElementsAre("1"));
  EXPECT_THAT(rows(groups), ElementsAre("3"));
  keep("SELECT CAST(i - 128 AS TINYINT) AS i FROM range(256) AS r(i)");
  EXPECT_THAT(rows(above), ElementsAre("117"));
  EXPECT_THAT(rows(groups), ElementsAre("256"));
}

TEST_F(ScratchTest, a_text_that_comes_again_reads_rows_of_other_types) {
  const std::string text = "SELECT max(i) FROM scratch('t')";
  keep("SELECT 9 AS i UNION ALL SELECT 10");
  EXPECT_THAT(rows(text), ElementsAre("10"));
  keep("SELECT '9' AS i UNION ALL SELECT '10'");
  EXPECT_THAT(rows(text), ElementsAre("9"));
  keep("SELECT 1 AS other");
  EXPECT_THAT(error_of(*session_, text).message, HasSubstr("i"));
  keep("SELECT 11 AS i");
  EXPECT_THAT(rows(text), ElementsAre("11"));
}

TEST_F(ScratchTest, many_rows_are_read_by_all_threads_once) {
  const std::string text = "SELECT count(*), sum(i), count(DISTINCT s) FROM scratch('t')";
  for (const int count : {3, 300'000, 5}) {
    keep(fmt::format("SELECT i, 'row ' || i AS s FROM range({}) AS r(i)", count));
    EXPECT_THAT(rows(text), ElementsAre(fmt::format("{}|{}|{}", count,
                                                    std::int64_t{count} * (count - 1) / 2, count)));
  }
}

TEST_F(ScratchTest, what_else_a_text_reads_is_read_anew) {
  const std::string text = "SELECT s.i, o.v FROM scratch('t') AS s, temp.other AS o ORDER BY o.v";
  keep("SELECT 1 AS i");
  ASSERT_TRUE(session_->execute("CREATE TEMP TABLE other AS SELECT 'a' AS v"));
  EXPECT_THAT(rows(text), ElementsAre("1|a"));
  ASSERT_TRUE(session_->execute("INSERT INTO other VALUES ('b')"));
  EXPECT_THAT(rows(text), ElementsAre("1|a", "1|b"));
  ASSERT_TRUE(session_->execute("CREATE OR REPLACE TEMP TABLE other AS SELECT 5 AS v"));
  EXPECT_THAT(rows(text), ElementsAre("1|5"));
}

TEST_F(ScratchTest, files_hold_the_rows_that_stand_there_now) {
  for (const int count : {2, 9'000, 3}) {
    keep(fmt::format("SELECT i FROM range({}) AS r(i)", count));
    WriteOptions options;
    options.folder = "t";
    const auto written =
        session_->write_parquet("SELECT i * 2 AS i FROM scratch('t') WHERE i <> 0", options);
    ASSERT_TRUE(written) << written.error().text();
    std::int64_t all = 0;
    for (const WrittenFile& file : written->files) all += file.rows;
    EXPECT_EQ(all, count - 1);
    const auto schema = delta_schema(written->columns);
    ASSERT_TRUE(session_->bind_files("back", *schema, written->files));
    EXPECT_THAT(rows("SELECT max(i) FROM back"), ElementsAre(std::to_string(2 * (count - 1))));
  }
}

TEST_F(ScratchTest, a_text_that_broke_off_may_come_again) {
  const std::string text = "SELECT CAST(s AS INTEGER) FROM scratch('t')";
  for (int round = 0; round < 2; ++round) {
    keep("SELECT '5' AS s");
    EXPECT_THAT(rows(text), ElementsAre("5"));
    keep("SELECT 'x' AS s");
    EXPECT_EQ(error_of(*session_, text).fault, Fault::kInvalidInput);
    EXPECT_FALSE(session_->keep("scratch('u')", text));
  }
}

TEST_F(ScratchTest, belongs_to_its_session) {
  keep("SELECT 1 AS i");
  EXPECT_FALSE(internal_session()->query("FROM scratch('t')"));
  EXPECT_FALSE(session()->query("FROM scratch('t')")) << "people have none";
}

TEST_F(ScratchTest, an_error_leaves_what_was_kept) {
  keep("SELECT 1 AS i");
  const auto failed = session_->keep("scratch('t')", "SELECT CAST('x' AS INTEGER) AS i");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().fault, Fault::kInvalidInput);
  EXPECT_THAT(rows("SELECT i FROM scratch('t')"), ElementsAre("1"));
}

}  // namespace
}  // namespace claimlake::engine
