// Random conditions, on random rows in random files: a query that leaves files out must give what
// it gives on a plain copy of the rows.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "lake/statement_for_test.h"

namespace claimlake::lake {
namespace {

class RandomPruning : public StatementTest {
 protected:
  std::string one_of(std::initializer_list<const char*> choices) {
    return *(choices.begin() + random_.below(choices.size()));
  }
  std::string number(int most) { return std::to_string(random_.below(most)); }

  // A value of `column`, or one beside all of them, as SQL.
  std::string constant(const std::string& column) {
    if (column == "i" || column == "s.a") return number(130);
    if (column == "part") return number(6);
    if (column == "x") return one_of({"'NaN'::DOUBLE", "0.1", "7.25", "30", "-1", "'inf'::DOUBLE"});
    if (column == "amount") return number(40) + "." + number(10000);
    if (column == "day") return "DATE '2026-01-01' + " + number(130);
    if (column == "seen") {
      return "TIMESTAMPTZ '2026-01-01 00:00:00." + one_of({"123", "1234", "123456", "124"}) +
             "+00' + INTERVAL 1 MINUTE * " + number(130);
    }
    return "repeat('w', " + one_of({"0", "3", "33", "40"}) + ") || '" + number(130) + "'";
  }

  std::string leaf() {
    const std::string column =
        one_of({"i", "part", "x", "amount", "day", "seen", "name", "s.a", "s.b.c"});
    const bool is_text = column == "name" || column == "s.b.c";
    switch (random_.below(is_text ? 7 : 6)) {
      case 0:
        return column + " IS NULL";
      case 1:
        return column + " IS NOT NULL";
      case 2:
        return fmt::format("{} IN ({}, {}, {})", column, constant(column), constant(column),
                           constant(column));
      case 3:
        return fmt::format("{} BETWEEN {} AND {}", column, constant(column), constant(column));
      case 6:
        return one_of({"starts_with(", "prefix("}) + column + ", repeat('w', " + number(36) + "))";
      default:
        return fmt::format("{} {} {}", column, one_of({"=", "<", "<=", ">", ">=", "<>"}),
                           constant(column));
    }
  }
  std::string condition(int depth) {
    if (depth == 0 || random_.below(3) == 0) return leaf();
    const std::string left = condition(depth - 1);
    switch (random_.below(5)) {
      case 0:
        return "NOT (" + left + ")";
      case 1:
      case 2:
        return "(" + left + " OR " + condition(depth - 1) + ")";
      default:
        return "(" + left + " AND " + condition(depth - 1) + ")";
    }
  }

  // Files with rows that lie near each other, some with nulls only in a column.
  void fill(int files) {
    for (int file = 0; file < files; ++file) {
      const std::string null_every = std::to_string(1 + random_.below(6));
      ASSERT_EQ(
          run(fmt::format(
              "INSERT INTO t SELECT k AS i, CASE WHEN {0} = 5 THEN NULL ELSE {0} END AS part, "
              "CASE WHEN k % 17 = 0 THEN 'NaN' WHEN k % {1} = 0 THEN NULL ELSE k / 4.0 END AS x, "
              "CASE WHEN k % {1} = 0 THEN NULL ELSE CAST(k / 7.0 AS DECIMAL(18,4)) END AS amount, "
              "CASE WHEN k % {1} = 0 THEN NULL ELSE DATE '2026-01-01' + CAST(k AS INT) END AS day, "
              "TIMESTAMPTZ '2026-01-01 00:00:00.123456+00' + INTERVAL 1 MINUTE * k AS seen, "
              "CASE WHEN k % {1} = 0 THEN NULL ELSE repeat('w', k % 45) || k END AS name, "
              "CASE WHEN k % {1} = 1 THEN NULL ELSE {{'a': CASE WHEN k % 3 = 0 THEN NULL ELSE "
              "CAST(k AS INT) END, 'b': {{'c': repeat('w', k % 40) || k}}}} END AS s "
              "FROM range({2}, {3}) r(k)",
              random_.below(6), null_every, 8 * file, 8 * file + 8)),
          "");
    }
  }
};

TEST_F(RandomPruning, does_not_change_an_answer) {
  ASSERT_EQ(run("CREATE TABLE t (i BIGINT, part INT, x DOUBLE, amount DECIMAL(18,4), day DATE, "
                "seen TIMESTAMP, name STRING, s STRUCT<a: INT, b: STRUCT<c: STRING>>) "
                "PARTITIONED BY (part)"),
            "");
  fill(15);
  ASSERT_EQ(run("DELETE FROM t WHERE i % 11 = 4 OR i BETWEEN 40 AND 44"), "");
  ASSERT_TRUE(session_->execute("CREATE TEMP TABLE plain AS SELECT * FROM gold.t"));
  std::int64_t left_out = 0;
  for (int i = 0; i < 400; ++i) {
    const std::string where = condition(3);
    const std::string select = "SELECT count(*), sum(i), min(i), max(day) FROM {} t WHERE " + where;
    const std::string expected = rows(fmt::format(fmt::runtime(select), "plain"));
    ASSERT_EQ(rows(fmt::format(fmt::runtime(select), "gold.t")), expected) << where;
    for (const engine::ScanReport& scan : session_->scan_reports()) {
      left_out += scan.files_total - scan.files_read;
    }
  }
  EXPECT_GT(left_out, 400) << "or else it says nothing";
}

}  // namespace
}  // namespace claimlake::lake
