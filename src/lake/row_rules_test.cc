#include "lake/row_rules.h"

#include <gmock/gmock.h>

#include "lake/statement_for_test.h"

namespace claimlake::lake {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class RowRulesTest : public StatementTest {
 protected:
  // The rows of gold.t in order: "1|a 2|b".
  std::string rows() {
    auto rows = session_->query("SELECT * FROM gold.t ORDER BY ALL");
    if (!rows) return rows.error().text();
    const auto table = engine::read_all(**rows);
    if (!table) return table.error().text();
    std::string out;
    for (const auto& row : table->rows) {
      std::string line;
      for (const auto& cell : row) line += (line.empty() ? "" : "|") + cell.value_or("-");
      out += (out.empty() ? "" : " ") + line;
    }
    return out;
  }
};

TEST_F(RowRulesTest, a_row_that_breaks_a_constraint_is_not_written) {
  ASSERT_EQ(
      run("CREATE TABLE t (id BIGINT, amount DECIMAL(10,2), CONSTRAINT positive CHECK (amount "
          "> 0))"),
      "");
  ASSERT_EQ(run("INSERT INTO t VALUES (1, 5), (2, 6)"), "");

  EXPECT_THAT(run("INSERT INTO t VALUES (3, 1), (4, -1)"),
              HasSubstr("A row breaks the constraint positive: amount > 0"));
  EXPECT_THAT(run("INSERT INTO t VALUES (3, NULL)"), HasSubstr("constraint positive"))
      << "null is not true";
  EXPECT_THAT(run("UPDATE t SET amount = amount - 5.5"), HasSubstr("1 row breaks the constraint"));
  EXPECT_THAT(run("UPDATE t SET amount = -1"), HasSubstr("2 rows break the constraint positive"));
  EXPECT_THAT(run("MERGE INTO t USING (SELECT 9 AS id, -3 AS amount) s ON t.id = s.id WHEN NOT "
                  "MATCHED THEN INSERT *"),
              HasSubstr("1 row breaks"));
  EXPECT_EQ(rows(), "1|5.00 2|6.00");
  EXPECT_EQ(newest()->version(), 1);
}

TEST_F(RowRulesTest, only_rows_that_are_written_are_checked) {
  ASSERT_EQ(run("CREATE TABLE t (id BIGINT, amount BIGINT, CONSTRAINT big CHECK (amount >= 5))"),
            "");
  ASSERT_EQ(run("INSERT INTO t VALUES (1, 5), (2, 6)"), "");

  EXPECT_EQ(run("UPDATE t SET amount = amount - 1 WHERE amount > 5"), "");
  EXPECT_EQ(rows(), "1|5 2|5");
  EXPECT_EQ(run("DELETE FROM t WHERE id = 1"), "");
  EXPECT_EQ(rows(), "2|5");
}

TEST_F(RowRulesTest, a_constraint_that_rows_break_cannot_be_added) {
  ASSERT_EQ(run("CREATE TABLE t (id BIGINT, note STRING)"), "");
  ASSERT_EQ(run("INSERT INTO t SELECT i, 'n' FROM range(8) r(i)"), "");

  const std::string said = run("ALTER TABLE t ADD CONSTRAINT small CHECK (id < 2)");
  EXPECT_THAT(said, HasSubstr("6 rows break the constraint small: id < 2: id = 2; id = 3; id = 4; "
                              "id = 5; id = 6"));
  EXPECT_THAT(said, Not(HasSubstr("id = 7"))) << "five are shown";
  EXPECT_EQ(newest()->version(), 1);

  EXPECT_EQ(run("ALTER TABLE t ADD CONSTRAINT small CHECK (id < 20)"), "");
  EXPECT_EQ(newest()->metadata().configuration.at("delta.constraints.small"), "id < 20");
  EXPECT_EQ(run("RESTORE t TO VERSION AS OF 0"), "") << "the rules of that version come back too";
  EXPECT_EQ(run("RESTORE t TO VERSION AS OF 2"), "");
  EXPECT_THAT(newest()->protocol().writer_features, Contains("checkConstraints"));
  EXPECT_THAT(run("INSERT INTO t VALUES (30, 'x')"), HasSubstr("constraint small"));
  EXPECT_THAT(run("ALTER TABLE t ADD CONSTRAINT small CHECK (id < 30)"), HasSubstr("already"));
  EXPECT_THAT(run("ALTER TABLE t ADD CONSTRAINT other CHECK (nope < 30)"),
              HasSubstr("names nope, which is no column"));
  EXPECT_THAT(run("ALTER TABLE t DROP CONSTRAINT smal"), HasSubstr("did you mean small?"));
  EXPECT_EQ(run("ALTER TABLE t DROP CONSTRAINT small"), "");
  EXPECT_EQ(run("INSERT INTO t VALUES (30, 'x')"), "");
  EXPECT_THAT(run("ALTER TABLE t SET TBLPROPERTIES ('delta.constraints.x' = 'id > 5')"),
              HasSubstr("ADD CONSTRAINT"));
}

TEST_F(RowRulesTest, a_generated_column_computes_itself) {
  ASSERT_EQ(
      run("CREATE TABLE t (id BIGINT, seen TIMESTAMP, day DATE GENERATED ALWAYS AS (CAST(seen AS "
          "DATE))) PARTITIONED BY (day)"),
      "");
  EXPECT_THAT(newest()->protocol().writer_features, Contains("generatedColumns"));

  ASSERT_EQ(run("INSERT INTO t VALUES (1, '2026-01-02 10:00:00+00')"), "");
  ASSERT_EQ(run("INSERT INTO t (id, seen) VALUES (2, '2026-01-03 23:59:59+00')"), "");
  ASSERT_EQ(run("INSERT INTO t VALUES (3, '2026-01-04 00:00:00+00', '2026-01-04')"), "");
  EXPECT_EQ(rows(),
            "1|2026-01-02 10:00:00+00|2026-01-02 2|2026-01-03 23:59:59+00|2026-01-03 "
            "3|2026-01-04 00:00:00+00|2026-01-04");
  EXPECT_EQ(newest()->files()[0].partition_values.at("day"), "2026-01-02");
  EXPECT_THAT(run("INSERT INTO t VALUES (3, '2026-01-04 00:00:00+00', '2026-01-05')"),
              HasSubstr("column day is generated"));

  ASSERT_EQ(run("UPDATE t SET seen = '2027-05-05 00:00:00+00' WHERE id = 1"), "");
  ASSERT_EQ(run("DELETE FROM t WHERE id = 3"), "");
  EXPECT_EQ(rows(), "1|2027-05-05 00:00:00+00|2027-05-05 2|2026-01-03 23:59:59+00|2026-01-03");
  EXPECT_THAT(run("UPDATE t SET day = '2000-01-01'"), HasSubstr("2 rows break"));
  ASSERT_EQ(run("MERGE INTO t USING (SELECT i AS id, TIMESTAMPTZ '2028-01-01 12:00:00+00' AS seen "
                "FROM range(2, 4) r(i)) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET * WHEN NOT "
                "MATCHED THEN INSERT *"),
            "");
  EXPECT_EQ(rows(),
            "1|2027-05-05 00:00:00+00|2027-05-05 2|2028-01-01 12:00:00+00|2028-01-01 "
            "3|2028-01-01 12:00:00+00|2028-01-01");
}

TEST_F(RowRulesTest, an_identity_column_numbers_its_rows) {
  ASSERT_EQ(
      run("CREATE TABLE t (id BIGINT GENERATED ALWAYS AS IDENTITY (START WITH 10 INCREMENT BY "
          "5), note STRING)"),
      "");
  ASSERT_EQ(run("INSERT INTO t (note) VALUES ('a'), ('b')"), "");
  ASSERT_EQ(run("INSERT INTO t VALUES ('c')"), "") << "the identity column takes no place";
  EXPECT_EQ(rows(), "10|a 15|b 20|c");
  EXPECT_EQ(newest()->schema().fields[0].metadata.at("delta.identity.highWaterMark"), "20");
  EXPECT_THAT(newest()->protocol().writer_features, Contains("identityColumns"));

  ASSERT_EQ(
      run("MERGE INTO t USING (SELECT unnest(['b', 'd', 'e']) AS note) s ON t.note = s.note "
          "WHEN MATCHED THEN UPDATE SET note = 'B' WHEN NOT MATCHED THEN INSERT (note) VALUES "
          "(s.note)"),
      "");
  EXPECT_THAT(rows(), testing::AnyOf("10|a 15|B 20|c 25|d 30|e", "10|a 15|B 20|c 25|e 30|d"));
  EXPECT_EQ(newest()->schema().fields[0].metadata.at("delta.identity.highWaterMark"), "30");

  EXPECT_THAT(run("INSERT INTO t VALUES (1, 'x')"), HasSubstr("numbers its rows itself"));
  EXPECT_THAT(run("UPDATE t SET id = 1"), HasSubstr("numbers its rows itself"));
}

TEST_F(RowRulesTest, an_identity_column_by_default_takes_numbers_and_can_be_brought_up_to_them) {
  ASSERT_EQ(run("CREATE TABLE t (id BIGINT GENERATED BY DEFAULT AS IDENTITY, note STRING)"), "");
  ASSERT_EQ(run("INSERT INTO t VALUES (7, 'own')"), "");
  ASSERT_EQ(run("INSERT INTO t (note) VALUES ('first')"), "");
  EXPECT_EQ(rows(), "1|first 7|own");
  ASSERT_EQ(run("ALTER TABLE t ALTER COLUMN id SYNC IDENTITY"), "");
  ASSERT_EQ(run("INSERT INTO t (note) VALUES ('next')"), "");
  EXPECT_EQ(rows(), "1|first 7|own 8|next");
}

TEST_F(RowRulesTest, a_default_stands_where_no_value_is_given) {
  ASSERT_EQ(run("CREATE TABLE t (id BIGINT, status STRING DEFAULT 'new', n INT DEFAULT 1 + 1)"),
            "");
  EXPECT_THAT(newest()->protocol().writer_features, Contains("allowColumnDefaults"));
  ASSERT_EQ(run("INSERT INTO t (id) VALUES (1)"), "");
  ASSERT_EQ(run("INSERT INTO t VALUES (2, 'old', 7)"), "");
  ASSERT_EQ(run("INSERT INTO t (id, status) VALUES (3, NULL)"), "");
  EXPECT_EQ(rows(), "1|new|2 2|old|7 3|-|2");
  ASSERT_EQ(run("UPDATE t SET status = DEFAULT, n = 0 WHERE id = 2"), "");
  ASSERT_EQ(run("ALTER TABLE t ALTER COLUMN n SET DEFAULT 9"), "");
  ASSERT_EQ(run("MERGE INTO t USING (SELECT 4 AS id) s ON t.id = s.id WHEN NOT MATCHED THEN INSERT "
                "(id) VALUES (s.id)"),
            "");
  EXPECT_EQ(rows(), "1|new|2 2|new|0 3|-|2 4|new|9");
  ASSERT_EQ(run("ALTER TABLE t ALTER COLUMN n DROP DEFAULT"), "");
  ASSERT_EQ(run("INSERT INTO t (id) VALUES (5)"), "");
  EXPECT_EQ(rows(), "1|new|2 2|new|0 3|-|2 4|new|9 5|new|-");
  EXPECT_THAT(run("CREATE TABLE u (a INT DEFAULT b, b INT)"), HasSubstr("names a column"));
  EXPECT_THAT(run("CREATE TABLE u (a INT DEFAULT 1 GENERATED ALWAYS AS (b), b INT)"),
              HasSubstr("in 2 ways"));
}

TEST_F(RowRulesTest, fields_within_a_column_that_must_not_be_null_are_not) {
  ASSERT_EQ(run("CREATE TABLE t (id BIGINT, s STRUCT<a: BIGINT NOT NULL, b: BIGINT>)"), "");
  EXPECT_EQ(run("INSERT INTO t VALUES (1, {'a': 1, 'b': NULL}), (2, NULL)"), "");
  EXPECT_THAT(run("INSERT INTO t VALUES (3, {'a': NULL, 'b': 1})"),
              HasSubstr("a field in column s that must not be null"));
}

}  // namespace
}  // namespace claimlake::lake
