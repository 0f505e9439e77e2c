#include "lake/lake.h"

#include <gtest/gtest.h>

#include "delta/json_parquet_io_for_test.h"
#include "store/memory_store.h"

namespace claimlake::lake {
namespace {

using namespace std::chrono_literals;

// A lake over a store in memory. Files are made by hand: what Parquet holds does not matter here.
class LakeTest : public testing::Test {
 protected:
  // 1767954660 is 2026-01-09 10:31:00 UTC.
  SimClock clock_{Timestamp{1767954660s}};
  SeededRandom random_{7};
  store::MemoryStore store_{clock_};
  delta::JsonParquetIo parquet_{store_};
  Lake lake_{{store_, clock_, random_, parquet_, "tester"}};
  const TableName name_{"silver", "fact_claims"};

  Staged staged(const std::string& file, std::int64_t rows,
                std::optional<std::string> month = std::nullopt) {
    Staged staged;
    staged.table = name_;
    staged.schema = {
        {{"claim_id", delta::PrimitiveType{"string"}}, {"month", delta::PrimitiveType{"string"}}}};
    staged.partition_columns = {"month"};
    const std::string path = name_.folder() + "/" + file;
    EXPECT_TRUE(store_.put(path, "PAR1"));
    staged.files = {
        {path, 4, rows, {{"month", month}}, "{\"numRecords\":" + std::to_string(rows) + "}"}};
    return staged;
  }

  Result<delta::SnapshotPtr> write(Staged staged, WriteMode mode, delta::SnapshotPtr base,
                                   std::vector<delta::PartitionValues> replace = {}) {
    WriteRequest request;
    request.staged = std::move(staged);
    request.mode = mode;
    request.base = std::move(base);
    request.replace = std::move(replace);
    request.run = "run-1";
    clock_.advance(1s);
    return lake_.commit(std::move(request));
  }
};

TEST_F(LakeTest, shows_tables_by_layer_and_name) {
  EXPECT_TRUE(lake_.all_tables().empty());
  ASSERT_TRUE(write(staged("a.parquet", 2, "2026-01"), WriteMode::kOverwrite, nullptr));
  ASSERT_TRUE(store_.put("raw/claims.jsonl", "{}"));

  EXPECT_EQ(lake_.all_tables(), std::vector<TableName>{name_});
  EXPECT_EQ(lake_.schemas(), std::vector<std::string>{"silver"});
}

TEST_F(LakeTest, append_adds_and_overwrite_replaces) {
  auto first = write(staged("a.parquet", 2, "2026-01"), WriteMode::kOverwrite, nullptr);
  ASSERT_TRUE(first) << first.error().text();
  auto second = write(staged("b.parquet", 3, "2026-02"), WriteMode::kAppend, *first);
  ASSERT_TRUE(second) << second.error().text();
  EXPECT_EQ((*second)->row_count(), 5);

  auto third = write(staged("c.parquet", 1, "2026-03"), WriteMode::kOverwrite, *second);

  ASSERT_TRUE(third) << third.error().text();
  EXPECT_EQ((*third)->row_count(), 1);
  EXPECT_EQ((*third)->files().size(), 1u);
}

TEST_F(LakeTest, replaces_only_the_partitions_that_are_named) {
  auto first = write(staged("a.parquet", 2, "2026-01"), WriteMode::kOverwrite, nullptr);
  auto second = write(staged("b.parquet", 3, "2026-02"), WriteMode::kAppend, *first);
  ASSERT_TRUE(second) << second.error().text();

  auto third = write(staged("c.parquet", 10, "2026-01"), WriteMode::kReplacePartitions, *second,
                     {{{"month", "2026-01"}}});

  ASSERT_TRUE(third) << third.error().text();
  EXPECT_EQ((*third)->row_count(), 13);
}

TEST_F(LakeTest, reads_old_versions_by_number_and_time) {
  auto first = write(staged("a.parquet", 2, "2026-01"), WriteMode::kOverwrite, nullptr);
  const Timestamp between = clock_.now();
  auto second = write(staged("b.parquet", 3, "2026-02"), WriteMode::kAppend, *first);
  ASSERT_TRUE(second);

  engine::At by_version, by_time;
  by_version.version = 0;
  by_time.timestamp = between;
  EXPECT_EQ(lake_.table("silver", "fact_claims", by_version)->snapshot->row_count(), 2);
  EXPECT_EQ(lake_.table("silver", "fact_claims", by_time)->snapshot->row_count(), 2);
  EXPECT_EQ(lake_.table("silver", "fact_claims", {})->snapshot->row_count(), 5);
  by_version.version = 9;
  EXPECT_EQ(lake_.table("silver", "fact_claims", by_version).error().fault, Fault::kNotFound);
}

TEST_F(LakeTest, names_the_nearest_table_that_exists) {
  ASSERT_TRUE(write(staged("a.parquet", 2, "2026-01"), WriteMode::kOverwrite, nullptr));

  const auto missing = lake_.snapshot({"silver", "fact_claim"});

  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().text(),
            "There is no table silver.fact_claim\n  try    did you mean silver.fact_claims?");
}

TEST_F(LakeTest, the_second_of_two_overwrites_is_a_conflict_and_leaves_no_file) {
  auto first = write(staged("a.parquet", 2, "2026-01"), WriteMode::kOverwrite, nullptr);
  ASSERT_TRUE(write(staged("b.parquet", 3, "2026-01"), WriteMode::kOverwrite, *first));

  const auto late = write(staged("c.parquet", 4, "2026-01"), WriteMode::kOverwrite, *first);

  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().fault, Fault::kConflict);
  EXPECT_FALSE(store_.head("silver/fact_claims/c.parquet"));
  EXPECT_TRUE(store_.head("silver/fact_claims/b.parquet"));
}

TEST_F(LakeTest, refuses_columns_that_the_table_has_not_unless_they_are_to_be_added) {
  auto first = write(staged("a.parquet", 2, "2026-01"), WriteMode::kOverwrite, nullptr);
  ASSERT_TRUE(first);
  Staged wider = staged("b.parquet", 1, "2026-01");
  wider.schema.fields.push_back({"note", delta::PrimitiveType{"string"}});
  ASSERT_FALSE(write(wider, WriteMode::kAppend, *first));

  wider = staged("c.parquet", 1, "2026-01");
  wider.schema.fields.push_back({"note", delta::PrimitiveType{"string"}});
  WriteRequest request;
  request.staged = wider;
  request.add_columns = true;
  request.base = *first;
  const auto second = lake_.commit(std::move(request));

  ASSERT_TRUE(second) << second.error().text();
  EXPECT_NE((*second)->schema().find("note"), nullptr);
}

TEST_F(LakeTest, history_says_who_did_what_with_how_many_rows) {
  auto first = write(staged("a.parquet", 2, "2026-01"), WriteMode::kOverwrite, nullptr);
  ASSERT_TRUE(write(staged("b.parquet", 3, "2026-02"), WriteMode::kAppend, *first));

  const auto history = lake_.history(name_, 10);

  ASSERT_TRUE(history) << history.error().text();
  ASSERT_EQ(history->size(), 2u);
  EXPECT_EQ((*history)[0].version, 1);
  EXPECT_EQ((*history)[0].info.operation, "WRITE");
  EXPECT_EQ((*history)[0].info.metrics.at("numOutputRows"), "3");
  EXPECT_EQ((*history)[0].info.user, "tester");
  EXPECT_EQ((*history)[0].info.run, "run-1");
  EXPECT_EQ((*history)[1].info.operation, "CREATE TABLE AS SELECT");
}

TEST(TableName, is_layer_and_table_in_lower_case) {
  EXPECT_EQ(TableName::parse("Gold.KPIs")->text(), "gold.kpis");
  for (const char* text : {"gold", "gold.", ".x", "a.b.c", "a.b-c", "../x.y", ""}) {
    EXPECT_FALSE(TableName::parse(text)) << text;
  }
}

}  // namespace
}  // namespace claimlake::lake
