#include "lake/schema_evolution.h"

#include <gmock/gmock.h>

#include "lake/statement_for_test.h"

namespace claimlake::lake {
namespace {

using testing::HasSubstr;

class SchemaEvolutionTest : public StatementTest {
 protected:
  void table(const std::string& properties = "'team' = 'a'") {
    ASSERT_EQ(run("CREATE TABLE t TBLPROPERTIES (" + properties +
                  ") AS SELECT i AS id, {'a': i} AS s FROM range(3) r(i)"),
              "");
  }
};

TEST_F(SchemaEvolutionTest, a_merge_adds_the_columns_that_only_its_source_has) {
  for (const char* mode : {"none", "name"}) {
    const std::string name = std::string("t_") + mode;
    ASSERT_EQ(run("CREATE TABLE " + name + " TBLPROPERTIES ('delta.columnMapping.mode' = '" + mode +
                  "') AS SELECT i AS id, {'a': i} AS s, 'x' AS kept FROM range(3) r(i)"),
              "");
    ASSERT_EQ(
        run("MERGE WITH SCHEMA EVOLUTION INTO " + name +
            " AS t USING (SELECT i AS id, {'a': i * 10, 'b': 'n' || i} AS s, i * 1.5 AS score "
            "FROM range(2, 4) r(i)) AS u ON t.id = u.id WHEN MATCHED THEN UPDATE SET * WHEN "
            "NOT MATCHED THEN INSERT *"),
        "");

    EXPECT_EQ(rows("SELECT id, s.a, s.b, kept, score FROM gold." + name + " ORDER BY id"),
              "0 0 - x - 1 1 - x - 2 20 n2 x 3.0 3 30 n3 - 4.5 ");
    EXPECT_EQ(newest(name)->version(), 1) << "rows and columns come in one version";
  }
}

TEST_F(SchemaEvolutionTest, a_merge_adds_no_more_than_it_writes) {
  table();
  ASSERT_EQ(
      run("MERGE WITH SCHEMA EVOLUTION INTO t USING (SELECT 1 AS id, 'n' AS note, 2 AS other) "
          "AS u ON t.id = u.id WHEN MATCHED THEN UPDATE SET note = u.note"),
      "");

  EXPECT_EQ(rows("SELECT * FROM gold.t ORDER BY id"), "0 {'a': 0} - 1 {'a': 1} n 2 {'a': 2} - ");
}

TEST_F(SchemaEvolutionTest, an_insert_adds_columns_by_name) {
  table("'delta.columnMapping.mode' = 'name'");
  ASSERT_EQ(run("INSERT WITH SCHEMA EVOLUTION INTO t SELECT 'n' AS note, 9 AS id"), "");

  EXPECT_EQ(rows("SELECT id, note FROM gold.t WHERE id > 1 ORDER BY id"), "2 - 9 n ");
  ASSERT_EQ(run("INSERT WITH SCHEMA EVOLUTION INTO t SELECT 'm' AS note, 10 AS id"), "");
  EXPECT_EQ(rows("SELECT count(note) FROM gold.t"), "2 ");
}

TEST_F(SchemaEvolutionTest, without_the_words_a_new_column_is_a_mistake) {
  table();
  EXPECT_THAT(run("INSERT INTO t BY NAME SELECT 'n' AS note, 9 AS id"), HasSubstr("note"));
  EXPECT_EQ(newest()->version(), 0);
}

TEST(WithoutEvolutionTest, what_is_left_stands_where_it_stood) {
  EXPECT_EQ(without_evolution("merge with schema\n evolution into t"),
            "MERGE            \n           into t");
  EXPECT_EQ(without_evolution("merge into t"), std::nullopt);
  EXPECT_EQ(without_evolution("insert with schema evolution"), std::nullopt);
}

}  // namespace
}  // namespace claimlake::lake
