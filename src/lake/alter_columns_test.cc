#include "lake/alter_columns.h"

#include <gmock/gmock.h>

#include "delta/column_mapping.h"
#include "lake/statement_for_test.h"

namespace claimlake::lake {
namespace {

using delta::ColumnMapping;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class AlterColumnsTest : public StatementTest {
 protected:
  // One of each kind of nesting, in files written before the columns are mapped.
  void old_table(const std::string& partitioning = "") {
    ASSERT_EQ(run("CREATE TABLE t " + partitioning +
                  " AS SELECT i AS id, 'k' || (i % 2) AS kind, {'a': i * 10, 'b': {'c': 'x' || i}} "
                  "AS s, [{'e': i}] AS l, MAP {'m': {'v': i}} AS m FROM range(3) r(i)"),
              "");
  }
  void map_columns(const std::string& mode = "name") {
    ASSERT_EQ(run("ALTER TABLE t SET TBLPROPERTIES ('delta.columnMapping.mode' = '" + mode + "')"),
              "");
  }
  std::string physical(const std::string& column) {
    return delta::physical_name(*newest()->schema().find(column), ColumnMapping::kName);
  }
  std::string columns() { return delta::DataType(newest()->schema()).text(); }
};

TEST_F(AlterColumnsTest, an_old_table_keeps_its_names_in_files_when_its_columns_are_mapped) {
  old_table();
  map_columns();

  const auto table = newest();
  EXPECT_EQ(physical("kind"), "kind");
  EXPECT_EQ(table->metadata().configuration.at("delta.columnMapping.maxColumnId"), "10")
      << "five columns and five fields in them";
  EXPECT_THAT(table->protocol().reader_features, testing::Contains("columnMapping"));
  EXPECT_EQ(rows("SELECT id, kind, s.b.c, l[1].e, m['m'].v FROM gold.t ORDER BY id"),
            "0 k0 x0 0 0 1 k1 x1 1 1 2 k0 x2 2 2 ");
}

TEST_F(AlterColumnsTest, a_table_without_newer_features_keeps_an_old_protocol) {
  ASSERT_EQ(
      run("CREATE TABLE t (id BIGINT) TBLPROPERTIES ('delta.enableDeletionVectors' = 'false')"),
      "");
  map_columns();

  EXPECT_EQ(newest()->protocol(), (delta::Protocol{2, 5, {}, {}}));
}

TEST_F(AlterColumnsTest, a_new_table_has_names_of_its_own_in_files) {
  for (const char* mode : {"name", "id"}) {
    ASSERT_EQ(run(std::string("CREATE TABLE ") + mode +
                  " (id BIGINT, `two words` STRUCT<a: INT>, kind STRING) PARTITIONED BY (kind) "
                  "TBLPROPERTIES ('delta.columnMapping.mode' = '" +
                  mode + "')"),
              "");
    ASSERT_EQ(run(std::string("INSERT INTO ") + mode + " VALUES (1, {'a': 2}, 'x')"), "");

    const auto table = newest(mode);
    const std::string id = delta::physical_name(table->schema().fields[0], ColumnMapping::kName);
    const std::string kind = delta::physical_name(table->schema().fields[2], ColumnMapping::kName);
    EXPECT_THAT(id, StartsWith("col-"));
    const delta::AddFile& file = table->files()[0];
    EXPECT_THAT(file.partition_values, ElementsAre(testing::Pair(kind, "x")));
    EXPECT_THAT(file.stats_json, AllOf(HasSubstr("\"" + id + "\":1"), Not(HasSubstr("\"id\""))));
    EXPECT_EQ(rows(std::string("SELECT id, \"two words\".a, kind FROM gold.") + mode), "1 2 x ");
  }
}

TEST_F(AlterColumnsTest, rows_change_in_a_table_with_mapped_columns) {
  old_table("PARTITIONED BY (kind)");
  map_columns();
  ASSERT_EQ(run("ALTER TABLE t RENAME COLUMN kind TO sort"), "");
  ASSERT_EQ(run("ALTER TABLE t RENAME COLUMN s.b.c TO d"), "");
  ASSERT_EQ(run("ALTER TABLE t RENAME COLUMN l.element.e TO f"), "");
  ASSERT_EQ(run("ALTER TABLE t RENAME COLUMN m.value.v TO w"), "");

  ASSERT_EQ(run("INSERT INTO t VALUES (3, 'k0', {'a': 30, 'b': {'d': 'x3'}}, [{'f': 3}], MAP {'m': "
                "{'w': 3}})"),
            "");
  ASSERT_EQ(run("UPDATE t SET s = {'a': 7, 'b': {'d': 'new'}} WHERE sort = 'k1'"), "");
  ASSERT_EQ(run("DELETE FROM t WHERE id = 0"), "");
  ASSERT_EQ(run("MERGE INTO t USING (SELECT 2 AS id, 'k9' AS sort) AS u ON t.id = u.id WHEN "
                "MATCHED THEN UPDATE SET sort = u.sort"),
            "");
  const std::string expected = "1 k1 7 new 1 1 2 k9 20 x2 2 2 3 k0 30 x3 3 3 ";
  const std::string all = "SELECT id, sort, s.a, s.b.d, l[1].f, m['m'].w FROM gold.t ORDER BY id";
  EXPECT_EQ(rows(all), expected);
  ASSERT_EQ(run("OPTIMIZE t"), "");
  EXPECT_EQ(rows(all), expected);
  EXPECT_EQ(newest()->metadata().partition_columns, std::vector<std::string>{"sort"});
  EXPECT_EQ(rows("SELECT kind FROM gold.t AT (VERSION => 0) ORDER BY id"), "k0 k1 k0 ");
}

TEST_F(AlterColumnsTest, a_dropped_column_does_not_come_back_under_its_name) {
  old_table();
  map_columns();
  ASSERT_EQ(run("ALTER TABLE t DROP COLUMNS (kind, s.a)"), "");
  ASSERT_EQ(run("ALTER TABLE t ADD COLUMN kind STRING"), "");

  EXPECT_THAT(physical("kind"), StartsWith("col-"));
  EXPECT_EQ(rows("SELECT kind, s FROM gold.t WHERE id = 1"), "- {'b': {'c': x1}} ");
  ASSERT_EQ(run("UPDATE t SET kind = 'new' WHERE id = 1"), "");
  EXPECT_EQ(rows("SELECT count(kind) FROM gold.t"), "1 ");
  EXPECT_EQ(newest()->metadata().configuration.at("delta.columnMapping.maxColumnId"), "11");
}

TEST_F(AlterColumnsTest, a_restored_table_counts_its_ids_on) {
  old_table();
  map_columns();
  ASSERT_EQ(run("ALTER TABLE t ADD COLUMN more STRING"), "");
  ASSERT_EQ(run("RESTORE TABLE t TO VERSION AS OF 1"), "");
  ASSERT_EQ(run("ALTER TABLE t ADD COLUMN other STRING"), "");

  EXPECT_EQ(newest()->schema().find("other")->metadata.at("delta.columnMapping.id"), "12");
  ASSERT_EQ(run("RESTORE TABLE t TO VERSION AS OF 0"), "");
  EXPECT_EQ(rows("SELECT sum(id), max(kind) FROM gold.t"), "3 k1 ");
}

TEST_F(AlterColumnsTest, without_mapping_it_is_said_what_turns_it_on) {
  old_table();

  for (const char* change : {"RENAME COLUMN id TO key", "DROP COLUMN id"}) {
    EXPECT_THAT(run(std::string("ALTER TABLE t ") + change),
                HasSubstr("ALTER TABLE gold.t SET TBLPROPERTIES ('delta.columnMapping.mode' = "
                          "'name')"));
  }
}

TEST_F(AlterColumnsTest, a_change_that_cannot_be_says_why) {
  old_table("PARTITIONED BY (kind)");
  map_columns();

  EXPECT_THAT(run("ALTER TABLE t RENAME COLUMN id TO KIND"),
              HasSubstr("has a column kind already"));
  EXPECT_THAT(run("ALTER TABLE t RENAME COLUMN idd TO x"), HasSubstr("did you mean id?"));
  EXPECT_THAT(run("ALTER TABLE t RENAME COLUMN l.e TO x"), HasSubstr("write l.element.name"));
  EXPECT_THAT(run("ALTER TABLE t DROP COLUMN kind"), HasSubstr("it partitions the table"));
  EXPECT_THAT(run("ALTER TABLE t DROP COLUMNS (id, s, l, m)"), HasSubstr("partition columns only"));
  EXPECT_THAT(run("ALTER TABLE t DROP COLUMN s.b.c"), HasSubstr("the last one of its struct"));
  EXPECT_THAT(run("ALTER TABLE t SET TBLPROPERTIES ('delta.columnMapping.mode' = 'none')"),
              HasSubstr("DROP FEATURE columnMapping"));
  EXPECT_THAT(run("ALTER TABLE t SET TBLPROPERTIES ('delta.columnMapping.mode' = 'id')"),
              HasSubstr("cannot become 'id'"));
  EXPECT_THAT(run("ALTER TABLE t SET TBLPROPERTIES ('delta.columnMapping.maxColumnId' = '1')"),
              HasSubstr("counted by the table itself"));
  EXPECT_EQ(run("ALTER TABLE t DROP COLUMN IF EXISTS nothing"), "");
  EXPECT_EQ(newest()->version(), 1);
}

TEST_F(AlterColumnsTest, columns_move_and_are_put_in_their_places) {
  ASSERT_EQ(run("CREATE TABLE t AS SELECT 1 AS a, 2 AS b, {'x': 3} AS s"), "");

  ASSERT_EQ(run("ALTER TABLE t ALTER COLUMN b FIRST"), "");
  ASSERT_EQ(run("ALTER TABLE t CHANGE COLUMN a a INT AFTER s"), "");
  ASSERT_EQ(run("ALTER TABLE t ADD COLUMNS (c STRING AFTER b, s.y STRING FIRST)"), "");

  EXPECT_EQ(columns(),
            "struct<b: integer, c: string, s: struct<y: string, x: integer>, a: integer>");
  EXPECT_EQ(rows("SELECT * FROM gold.t"), "2 - {'y': NULL, 'x': 3} 1 ");
  EXPECT_THAT(run("ALTER TABLE t ALTER COLUMN b AFTER b"), HasSubstr("cannot stand after itself"));
  EXPECT_THAT(run("ALTER TABLE t ALTER COLUMN b AFTER z"), HasSubstr("has no column z"));
}

TEST_F(AlterColumnsTest, a_type_becomes_wider_where_the_table_lets_it) {
  ASSERT_EQ(run("CREATE TABLE t (id INT, price DECIMAL(6,2), l ARRAY<STRUCT<n: SMALLINT>>, f MAP<"
                "STRING, FLOAT>)"),
            "");
  ASSERT_EQ(run("INSERT INTO t VALUES (1, 1.25, [{'n': 2}], MAP {'a': 0.5})"), "");
  EXPECT_THAT(run("ALTER TABLE t ALTER COLUMN id TYPE BIGINT"),
              HasSubstr("ALTER TABLE gold.t SET TBLPROPERTIES ('delta.enableTypeWidening' = "
                        "'true')"));
  ASSERT_EQ(run("ALTER TABLE t SET TBLPROPERTIES ('delta.enableTypeWidening' = 'true')"), "");

  ASSERT_EQ(run("ALTER TABLE t ALTER COLUMN id TYPE BIGINT"), "");
  ASSERT_EQ(run("ALTER TABLE t CHANGE COLUMN price price DECIMAL(12,4) COMMENT 'in euro'"), "");
  ASSERT_EQ(run("ALTER TABLE t ALTER COLUMN l.element.n TYPE INT"), "");
  ASSERT_EQ(run("ALTER TABLE t ALTER COLUMN f TYPE MAP<STRING, DOUBLE>"), "");
  ASSERT_EQ(run("INSERT INTO t VALUES (5000000000, 12345678.1234, [{'n': 70000}], MAP {'a': "
                "0.1::DOUBLE})"),
            "");

  EXPECT_EQ(rows("SELECT id, price, l[1].n, f['a'] FROM gold.t ORDER BY id"),
            "1 1.2500 2 0.5 5000000000 12345678.1234 70000 0.1 ");
  EXPECT_EQ(rows("SELECT count(*) FROM gold.t WHERE price > 12345678.12"), "1 ");
  EXPECT_EQ(newest()->schema().find("f")->metadata.at("delta.typeChanges"),
            R"([{"toType":"double","fromType":"float","fieldPath":"value"}])");
  EXPECT_EQ(newest()->schema().find("price")->metadata.at("comment"), "\"in euro\"");
  EXPECT_THAT(run("ALTER TABLE t ALTER COLUMN id TYPE INT"),
              AllOf(HasSubstr("cannot become integer"), HasSubstr("DECIMAL(20, 0)")));
  EXPECT_THAT(run("ALTER TABLE t ALTER COLUMN l TYPE ARRAY<STRUCT<o: INT>>"),
              HasSubstr("has other fields"));
}

TEST_F(AlterColumnsTest, not_null_is_checked_against_the_rows_that_are_there) {
  ASSERT_EQ(run("CREATE TABLE t AS SELECT CASE WHEN i > 0 THEN i END AS id, {'a': i} AS s FROM "
                "range(3) r(i)"),
            "");

  EXPECT_THAT(run("ALTER TABLE t ALTER COLUMN id SET NOT NULL"),
              AllOf(HasSubstr("null in 1 of the rows"), HasSubstr("row 0 of ")));
  ASSERT_EQ(run("DELETE FROM t WHERE id IS NULL"), "");
  ASSERT_EQ(run("ALTER TABLE t ALTER COLUMN id SET NOT NULL"), "");
  ASSERT_EQ(run("ALTER TABLE t ALTER COLUMN s.a SET NOT NULL"), "");
  EXPECT_THAT(run("INSERT INTO t (s) VALUES ({'a': 1})"), HasSubstr("Column id must not be null"));
  ASSERT_EQ(run("ALTER TABLE t ALTER COLUMN id DROP NOT NULL"), "");
  EXPECT_EQ(run("INSERT INTO t (s) VALUES ({'a': 1})"), "");
}

TEST_F(AlterColumnsTest, mistakes_are_told_with_their_place) {
  EXPECT_THAT(run("ALTER TABLE t RENAME COLUMN a"), HasSubstr("Expected TO"));
  EXPECT_THAT(run("ALTER TABLE t ALTER COLUMN a"), HasSubstr("Expected TYPE, COMMENT, FIRST"));
  EXPECT_THAT(run("ALTER TABLE t CHANGE COLUMN a b BIGINT"), HasSubstr("1:31"));
  EXPECT_THAT(run("ALTER TABLE t ALTER COLUMN a TYPE BIGINTT"), HasSubstr("Expected a type"));
}

}  // namespace
}  // namespace claimlake::lake
