#include "lake/merge_join.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "lake/statement_for_test.h"

namespace claimlake::lake {
namespace {

using testing::HasSubstr;
using testing::Not;

class NarrowingKey : public testing::Test, protected StatementLake {
 protected:
  // 1,000 rows: id and code are all different, kind has four values and part is the partition.
  void SetUp() override {
    ASSERT_EQ(
        run("CREATE TABLE t PARTITIONED BY (part) AS SELECT i::BIGINT AS id, 'c' || i AS code, "
            "(i % 4)::INTEGER AS kind, i % 2 AS part FROM range(1000) r(i)"),
        "");
  }
  // "column=source column" of the key, or "".
  std::string key(const std::string& on, std::int64_t large_table_rows = 1000,
                  const std::string& into = "gold.t AS a") {
    const auto merge = engine::parse_change(
        fmt::format("MERGE INTO {} USING {} AS s {} WHEN MATCHED THEN DELETE", into, source_, on));
    EXPECT_TRUE(merge) << merge.error().text();
    const auto found = narrowing_key(**merge, *newest(), *session_, large_table_rows);
    return found ? found->column + "=" + found->source_column : "";
  }
  std::string source_ = "(SELECT 1 AS id, 2 AS number, 'c' AS code, 0 AS kind, 0 AS part)";
};

TEST_F(NarrowingKey, is_the_first_column_that_tells_rows_apart) {
  EXPECT_EQ(key("ON a.kind = s.kind AND s.number = a.id"), "id=number");
  EXPECT_EQ(key("ON a.code = s.code AND a.id = s.id"), "code=code");
  EXPECT_EQ(key("USING (kind, ID)"), "ID=ID");
  EXPECT_EQ(key("ON t.id = s.id", 1000, "gold.t"), "id=id");
}

TEST_F(NarrowingKey, is_absent_where_no_equality_holds_for_every_match) {
  EXPECT_EQ(key("ON a.id = s.id OR a.code = s.code"), "");
  EXPECT_EQ(key("ON a.id + 1 = s.id"), "");
  EXPECT_EQ(key("ON a.id > s.id"), "");
  EXPECT_EQ(key("ON a.id = a.kind"), "");
}

TEST_F(NarrowingKey, is_absent_where_it_would_leave_out_little) {
  EXPECT_EQ(key("ON a.kind = s.kind"), "") << "four values";
  EXPECT_EQ(key("ON a.part = s.part"), "") << "partitions are pruned by themselves";
  EXPECT_EQ(key("ON a.id = s.id", 1001), "") << "a small table";
}

TEST_F(NarrowingKey, is_absent_where_values_would_be_cast_to_be_compared) {
  source_ = "(SELECT 1 AS code, '1' AS id, 1.5 AS number)";
  EXPECT_EQ(key("ON a.code = s.code"), "");
  EXPECT_EQ(key("ON a.id = s.id"), "");
  EXPECT_EQ(key("ON a.id = s.number"), "");
  source_ = "(SELECT 1::TINYINT AS id)";
  EXPECT_EQ(key("ON a.id = s.id"), "id=id");
}

TEST_F(NarrowingKey, is_absent_where_the_source_is_large) {
  source_ = "(SELECT i AS id FROM range(250) r(i))";
  EXPECT_EQ(key("ON a.id = s.id"), "id=id");
  source_ = "(SELECT i AS id FROM range(251) r(i))";
  EXPECT_EQ(key("ON a.id = s.id"), "");
  source_ = "gold.nothing";
  EXPECT_EQ(key("ON a.id = s.id"), "") << "what is wrong with it is said where it is run";
}

TEST_F(NarrowingKey, is_absent_where_the_table_is_called_by_its_full_name) {
  EXPECT_EQ(key("ON t.id = s.id AND gold.t.kind = 1", 1000, "gold.t"), "");
}

TEST(MergeJoin, computes_the_source_once_and_keeps_rows_that_nothing_matches) {
  engine::ChangeStatement merge;
  merge.table = "t";
  merge.source = "(SELECT random() AS id) AS s";
  merge.source_alias = "s";
  merge.condition = "(a.id = s.id)";
  const std::optional<engine::ChangeStatement::Equality> key({"id", "id"});

  const MergeJoin narrowed = merge_join(merge, "lake.gold.t AS a", "a", {}, key);
  EXPECT_THAT(narrowed.with, HasSubstr("AS MATERIALIZED"));
  EXPECT_THAT(narrowed.from, Not(HasSubstr("random()")));
  EXPECT_THAT(narrowed.from, HasSubstr("SEMI JOIN"));

  const MergeJoin whole = merge_join(merge, "lake.gold.t AS a", "a", {.without_source = true}, key);
  EXPECT_EQ(whole.with, "");
  EXPECT_THAT(whole.from, Not(HasSubstr("SEMI JOIN"))) << "rows that match nothing are asked for";
}

}  // namespace
}  // namespace claimlake::lake
