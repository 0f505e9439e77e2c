// Which files a query opens. Each answer is held against the same query over a plain copy of the
// rows, which has no files that could be left out.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "lake/counted_lake_for_test.h"
#include "lake/statement_for_test.h"

namespace claimlake::lake {
namespace {

using testing::HasSubstr;

constexpr int kFiles = 10;

class Pruning : public StatementTest {
 protected:
  // Ten files of ten rows: those of file i have id 10 i to 10 i + 9.
  void SetUp() override {
    ASSERT_EQ(run("CREATE TABLE t (id BIGINT, part INT, s STRUCT<a: INT, b: STRUCT<c: STRING>>, "
                  "seen TIMESTAMP, amount DECIMAL(18,4), x DOUBLE, name STRING, note STRING, "
                  "day DATE, flag BOOLEAN) PARTITIONED BY (part)"),
              "");
    for (int i = 0; i < kFiles; ++i) {
      ASSERT_EQ(run(fmt::format(
                    "INSERT INTO t SELECT id, {0} AS part, "
                    "CASE WHEN id % 10 = 9 THEN NULL ELSE {{'a': CAST(id AS INT), 'b': {{'c': "
                    "'c' || lpad(CAST(id AS VARCHAR), 3, '0')}}}} END AS s, "
                    "TIMESTAMPTZ '2026-01-01 00:00:00.123456+00' + INTERVAL 1 HOUR * id AS seen, "
                    "CAST(id AS DECIMAL(18,4)) / 8 AS amount, "
                    "CASE WHEN id = 47 THEN 'NaN' ELSE id / 4.0 END AS x, "
                    "repeat('n', 40) || lpad(CAST(id AS VARCHAR), 3, '0') AS name, "
                    "CASE WHEN {0} % 2 = 0 THEN 'note' || CAST(id AS VARCHAR) END AS note, "
                    "DATE '2026-01-01' + CAST(id AS INT) AS day, id % 2 = 0 AS flag "
                    "FROM range({1}, {2}) r(id)",
                    i, 10 * i, 10 * i + 10)),
                "");
    }
  }

  // How many files the query opens in a process that has read nothing yet.
  std::size_t files(const std::string& where) {
    CountedLake lake(store_, clock_, random_);
    const std::string made = lake.rows("CREATE TEMP TABLE plain AS SELECT * FROM gold.t");
    EXPECT_EQ(lake.files_opened().size(), static_cast<std::size_t>(kFiles)) << made;
    const std::string select = "SELECT count(id), sum(id) FROM {} WHERE " + where;
    const std::string expected = lake.rows(fmt::format(fmt::runtime(select), "plain"));
    CountedLake fresh(store_, clock_, random_);
    EXPECT_EQ(fresh.rows(fmt::format(fmt::runtime(select), "gold.t")), expected) << where;
    return fresh.files_opened().size();
  }
};

TEST_F(Pruning, goes_by_partition_values) {
  EXPECT_EQ(files("part = 3"), 1U);
  EXPECT_EQ(files("part IN (2, 5, 77)"), 2U);
  EXPECT_EQ(files("part % 4 = 1"), 3U) << "whatever is asked of them";
  EXPECT_EQ(files("part IS NULL"), 0U);
  EXPECT_EQ(files("part = 3 OR part > 8"), 2U);
  EXPECT_EQ(files("part <> 3"), 9U);
}

// As changes and upkeep ask for their files.
TEST_F(Pruning, goes_by_numbers_of_files) {
  const auto opened = [&](const std::string& where, const std::string& sum) {
    CountedLake lake(store_, clock_, random_);
    EXPECT_EQ(lake.rows("SELECT sum(id) FROM gold.t WHERE " + where), sum) << where;
    return lake.files_opened().size();
  };
  // Files may be listed in any order: which are the numbers of parts 2 and 5 is asked first.
  const std::string numbers =
      rows("SELECT string_agg(DISTINCT file_number, ', ') FROM gold.t WHERE part IN (2, 5)");
  EXPECT_EQ(opened("file_number IN (" + numbers + ")", "790 "), 2U) << "20 to 29, and 50 to 59";
  EXPECT_EQ(opened("file_number IN (" + numbers + ", 77, NULL)", "790 "), 2U);
  EXPECT_EQ(opened("file_number IN (" + numbers + ") AND part = 5", "545 "), 1U);
  EXPECT_EQ(opened("file_number IN (77, 78)", "- "), 0U);
}

TEST_F(Pruning, goes_by_statistics) {
  EXPECT_EQ(files("id = 42"), 1U);
  EXPECT_EQ(files("id BETWEEN 38 AND 41"), 2U);
  EXPECT_EQ(files("42 < id AND id < 44"), 1U);
  EXPECT_EQ(files("id = 100"), 0U);
  EXPECT_EQ(files("amount = 5.5"), 1U);
  EXPECT_EQ(files("amount < 0.125"), 1U);
  EXPECT_EQ(files("day >= DATE '2026-04-01'"), 1U);
  EXPECT_EQ(files("day > TIMESTAMP '2026-04-01 12:00:00'"), 1U) << "a cast that keeps the order";
  EXPECT_EQ(files("id > 88.5"), 2U);
}

TEST_F(Pruning, goes_by_lists) {
  EXPECT_EQ(files("id IN (5, 55)"), 2U);
  EXPECT_EQ(files("id IN (5, 6, 7, 61)"), 2U);
  EXPECT_EQ(files("id IN (200, 300)"), 0U);
  EXPECT_EQ(files("note IN ('note44', 'z')"), 2U) << "note0 to note9 are around it, too";
  EXPECT_EQ(files("id IN (5, NULL, 55)"), 2U);
  EXPECT_EQ(files("day IN (DATE '2026-01-05', DATE '2026-03-05')"), 2U);
}

TEST_F(Pruning, goes_by_and_and_or) {
  EXPECT_EQ(files("id = 5 OR part = 7"), 2U) << "of several columns";
  EXPECT_EQ(files("id = 5 OR s.a = 33 OR day = DATE '2026-03-05'"), 3U);
  EXPECT_EQ(files("(id < 20 OR id > 80) AND amount > 10"), 2U);
  EXPECT_EQ(files("id = 5 OR length(name) > 100"), 10U) << "of one of which nothing is known";
  EXPECT_EQ(files("id = 5 AND length(name) < 100"), 1U);
  EXPECT_EQ(files("NOT (id < 85)"), 2U);
}

TEST_F(Pruning, goes_by_fields_of_structs) {
  EXPECT_EQ(files("s.a = 42"), 1U);
  EXPECT_EQ(files("s.b.c = 'c042'"), 1U);
  EXPECT_EQ(files("s.b.c >= 'c08'"), 2U);
  EXPECT_EQ(files("s.a IN (1, 99)"), 1U) << "99 is null, and 98 the greatest";
  EXPECT_EQ(files("s.b.c IS NULL"), 10U);
  EXPECT_EQ(files("s.a IS NOT NULL AND s.a > 95"), 1U);
  EXPECT_EQ(files("s.b.c LIKE 'c04%'"), 1U);
}

TEST_F(Pruning, goes_by_counts_of_nulls) {
  EXPECT_EQ(files("note IS NULL"), 5U);
  EXPECT_EQ(files("note IS NOT NULL"), 5U);
  EXPECT_EQ(files("id IS NULL"), 0U);
  EXPECT_EQ(files("note > ''"), 5U) << "nulls are greater than nothing";
}

TEST_F(Pruning, goes_by_how_a_text_starts) {
  EXPECT_EQ(files("note LIKE 'note4%'"), 2U) << "note4 to note9 and note40 to note49";
  EXPECT_EQ(files("starts_with(note, 'note6')"), 2U);
  EXPECT_EQ(files("note ^@ 'note88'"), 2U) << "note0 to note9 are around it, too";
  EXPECT_EQ(files("note LIKE 'note%'"), 5U);
  EXPECT_EQ(files("note LIKE '%4'"), 5U) << "nulls are like nothing";
  EXPECT_EQ(files("note LIKE 'x%'"), 0U);
  EXPECT_EQ(files("note LIKE 'note4_'"), 2U);
}

// Statistics have the first 32 characters of a text.
TEST_F(Pruning, knows_that_texts_are_cut) {
  EXPECT_EQ(files("name = repeat('n', 40) || '042'"), 10U);
  EXPECT_EQ(files("name > repeat('n', 40) || '098'"), 10U);
  EXPECT_EQ(files("name < repeat('n', 20)"), 0U);
  EXPECT_EQ(files("name >= 'o'"), 0U);
}

// Statistics have milliseconds: 00:00:00.123 where the greatest is 00:00:00.123456.
TEST_F(Pruning, knows_that_times_are_cut) {
  EXPECT_EQ(files("seen >= TIMESTAMPTZ '2026-01-01 09:00:00.123400+00' "
                  "AND seen < TIMESTAMPTZ '2026-01-01 10:00:00+00'"),
            1U);
  EXPECT_EQ(files("seen = TIMESTAMPTZ '2026-01-01 19:00:00.123456+00'"), 1U);
  EXPECT_EQ(files("seen > TIMESTAMPTZ '2026-01-05 03:00:00.124000+00'"), 0U);
}

// No bound tells of a NaN, and to SQL it is greater than all numbers.
TEST_F(Pruning, knows_that_a_number_may_be_none) {
  EXPECT_EQ(files("x > 1000"), 10U);
  EXPECT_EQ(files("x = 'NaN'"), 10U);
  EXPECT_EQ(files("x < 2"), 2U) << "the file with the NaN has no bounds at all";
  EXPECT_EQ(files("x IN (1.25, 2.25)"), 2U) << "of the others the least value is one";
}

TEST_F(Pruning, goes_by_what_a_join_finds) {
  const auto opened = [&](const std::string& sql, const std::string& answer) {
    CountedLake lake(store_, clock_, random_);
    EXPECT_EQ(lake.rows(sql), answer);
    return lake.files_opened().size();
  };
  EXPECT_EQ(opened("SELECT sum(t.id) FROM gold.t JOIN (VALUES (41), (42)) k(id) USING (id)", "83 "),
            1U)
      << "by the least and the greatest key";
  EXPECT_EQ(opened("SELECT sum(t.id) FROM gold.t JOIN (VALUES (3), (93)) k(id) USING (id)", "96 "),
            2U)
      << "by the list of keys";
  EXPECT_EQ(opened("SELECT sum(t.id) FROM gold.t JOIN (VALUES (5)) k(part) USING (part)", "545 "),
            1U)
      << "by a partition";
  EXPECT_EQ(
      opened("SELECT sum(id) FROM gold.t WHERE id IN (SELECT 7 * i FROM range(2) r(i))", "7 "), 1U);
}

TEST_F(Pruning, a_limit_opens_the_first_files_that_have_enough) {
  const auto opened = [&](const std::string& sql, int threads) {
    CountedLake lake(store_, clock_, random_, threads);
    const auto rows = lake.session->query(sql);
    EXPECT_TRUE(rows);
    EXPECT_EQ(engine::read_all(**rows, 100)->rows.size(), 10U);
    return lake.files_opened().size();
  };
  for (const int threads : {1, 2, 4}) {
    EXPECT_EQ(opened("SELECT * FROM gold.t LIMIT 10", threads), 1U);
    EXPECT_EQ(opened("SELECT id + 1 FROM gold.t LIMIT 10", threads), 1U);
    EXPECT_EQ(opened("SELECT name FROM gold.t LIMIT 10 OFFSET 5", threads), 2U);
    EXPECT_EQ(opened("SELECT * FROM gold.t WHERE part = 4 LIMIT 10", threads), 1U);
    EXPECT_EQ(opened("SELECT * FROM gold.t ORDER BY x DESC LIMIT 10", threads), 10U);
  }
}

TEST_F(Pruning, explain_tells_why_files_are_not_read) {
  CountedLake lake(store_, clock_, random_);
  const std::string plan =
      lake.rows("EXPLAIN SELECT sum(x) FROM gold.t WHERE part > 2 AND id IN (33, 35, 71)");
  EXPECT_THAT(plan, HasSubstr("gold.t version 10"));
  EXPECT_THAT(plan, HasSubstr("2 of 10"));
  EXPECT_THAT(plan, HasSubstr("3 by partition of part"));
  EXPECT_THAT(plan, HasSubstr("5 by IN list of id"));
  EXPECT_TRUE(lake.files_opened().empty()) << "to tell it no file is read";

  const std::string ran = lake.rows(
      "EXPLAIN ANALYZE SELECT sum(x) FROM gold.t JOIN (VALUES (3), (93)) k(id) USING (id)");
  EXPECT_THAT(ran, HasSubstr("8 by join on id"));
  EXPECT_THAT(ran, HasSubstr("2 of 10, "));
}

// count, min and max are known where the log says them exactly: then no file is opened.
TEST_F(Pruning, answers_from_the_log_what_it_says_exactly) {
  const auto opened = [&](const std::string& sql, const std::string& answer) {
    CountedLake lake(store_, clock_, random_);
    EXPECT_EQ(lake.rows(sql), answer) << sql;
    return lake.files_opened().size();
  };
  EXPECT_EQ(opened("SELECT count(*) FROM gold.t", "100 "), 0U);
  EXPECT_EQ(opened("SELECT count(*) FROM gold.t WHERE part = 3", "10 "), 0U);
  EXPECT_EQ(opened("SELECT count(*) FROM gold.t WHERE part % 2 = 1 AND part > 4", "30 "), 0U);
  EXPECT_EQ(opened("SELECT min(id), max(id), count(*) FROM gold.t", "0 99 100 "), 0U);
  EXPECT_EQ(opened("SELECT min(day), max(part) FROM gold.t WHERE part < 8", "2026-01-01 7 "), 0U);
  EXPECT_EQ(opened("SELECT max(seen) FROM gold.t", "2026-01-05 03:00:00.123456+00 "), 10U)
      << "cut to milliseconds";
  EXPECT_EQ(opened("SELECT max(x) FROM gold.t", "nan "), 10U) << "may be NaN";
  EXPECT_EQ(opened("SELECT max(amount) FROM gold.t", "12.3750 "), 10U) << "rounded to a double";
  EXPECT_EQ(opened("SELECT min(note) FROM gold.t", "note0 "), 10U) << "perhaps cut";
  EXPECT_EQ(opened("SELECT min(s.a) FROM gold.t", "0 "), 10U);
}

TEST_F(Pruning, does_not_answer_from_bounds_that_deleted_rows_had) {
  ASSERT_EQ(run("DELETE FROM t WHERE id = 99 OR id = 50"), "");
  CountedLake lake(store_, clock_, random_);
  EXPECT_EQ(lake.rows("SELECT count(*) FROM gold.t"), "98 ");
  EXPECT_EQ(lake.rows("SELECT count(*) FROM gold.t WHERE part = 9"), "9 ");
  EXPECT_TRUE(lake.files_opened().empty()) << "how many are gone is known";
  EXPECT_EQ(lake.rows("SELECT max(id) FROM gold.t"), "98 ");
  EXPECT_FALSE(lake.files_opened().empty());
  EXPECT_EQ(lake.rows("SELECT max(part) FROM gold.t"), "9 ");
}

}  // namespace
}  // namespace claimlake::lake
