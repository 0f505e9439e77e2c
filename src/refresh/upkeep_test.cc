// Many small commits, and what upkeep makes of them.
#include "refresh/upkeep.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "refresh/memory_lake_for_test.h"

namespace claimlake::refresh {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class UpkeepTest : public testing::Test, protected MemoryLake {
 protected:
  std::size_t files() { return (*lake->snapshot({"gold", "t"}))->files().size(); }
  std::vector<Upkeep> keep_up() {
    const auto done = refresh::keep_up(*lake, *session, clock, "run", Cancel{});
    EXPECT_TRUE(done) << done.error().text();
    return done ? *done : std::vector<Upkeep>{};
  }
};

TEST_F(UpkeepTest, many_small_files_become_one_and_a_large_one_stays) {
  say("CREATE TABLE gold.t AS SELECT i, md5(CAST(i AS VARCHAR)) AS text FROM range(20000) AS r(i)");
  const std::string large = (*lake->snapshot({"gold", "t"}))->files()[0].path;
  for (int i = 0; i < 15; ++i) say(fmt::format("INSERT INTO gold.t VALUES ({}, 'x')", -i));
  EXPECT_THAT(keep_up(), IsEmpty()) << "fifteen are not worth it";
  say("INSERT INTO gold.t VALUES (-15, 'x')");
  const auto debt = debts(*lake);
  ASSERT_TRUE(debt);
  ASSERT_THAT(*debt, SizeIs(1));
  EXPECT_EQ(debt->front().table, "gold.t");
  EXPECT_EQ(debt->front().files, 16);
  const auto done = keep_up();
  ASSERT_THAT(done, SizeIs(1));
  EXPECT_EQ(done[0].message, "");
  EXPECT_EQ(done[0].files_before, 16);
  EXPECT_EQ(done[0].files_after, 1);
  EXPECT_EQ(files(), 2U);
  const auto now = *lake->snapshot({"gold", "t"});
  EXPECT_TRUE(now->files()[0].path == large || now->files()[1].path == large);
  EXPECT_EQ(rows("SELECT count(*), sum(i) FROM gold.t"), "20016 199989880 ");  // 199,990,000 - 120
  EXPECT_THAT(keep_up(), IsEmpty());
}

TEST_F(UpkeepTest, a_row_is_written_a_few_times_however_many_come) {
  say("CREATE TABLE gold.t (i BIGINT, text VARCHAR)");
  std::int64_t written = 0;
  for (int i = 0; i < 400; ++i) {
    say(fmt::format("INSERT INTO gold.t SELECT {0}, repeat(md5('{0}'), 200)", i));
    for (const Upkeep& each : keep_up()) written += each.files_before;
    EXPECT_LE(files(), 48U);
  }
  EXPECT_LE(written, 400 * 4);
  EXPECT_EQ(rows("SELECT count(*), sum(i) FROM gold.t"), "400 79800 ");
}

TEST_F(UpkeepTest, while_more_waits_one_table_has_its_turn_and_what_is_large_waits_for_a_rest) {
  for (const char* table : {"gold.a", "gold.b", "gold.large"}) {
    // Digests do not compress.
    const int rows = std::string(table) == "gold.large" ? 40'000 : 1;
    for (int i = 0; i < 16; ++i) {
      const std::string select = fmt::format(
          "SELECT md5('{0}' || i) || md5('{0}x' || i) AS text FROM range({1}) AS r(i)", i, rows);
      say((i == 0 ? fmt::format("CREATE TABLE {} AS ", table)
                  : fmt::format("INSERT INTO {} ", table)) +
          select);
    }
  }
  const auto kept_up = [&](bool hurry) {
    std::string tables;
    const auto kept =
        refresh::keep_up(*lake, *session, clock, "run", Cancel{}, [=] { return hurry; });
    EXPECT_TRUE(kept) << kept.error().text();
    for (const Upkeep& each : *kept) tables += each.table + " ";
    return tables;
  };
  EXPECT_EQ(kept_up(true), "gold.a ");
  EXPECT_EQ(kept_up(true), "gold.b ");
  EXPECT_EQ(kept_up(true), "");
  ASSERT_THAT(*debts(*lake), SizeIs(1));
  EXPECT_GT(debts(*lake)->front().bytes, 16 << 20);
  EXPECT_EQ(kept_up(false), "gold.large ");
}

TEST_F(UpkeepTest, while_more_waits_a_large_file_that_lost_most_of_its_rows_has_its_turn) {
  say("CREATE TABLE gold.t TBLPROPERTIES ('delta.enableDeletionVectors' = 'true') AS SELECT i, "
      "md5('a' || i) || md5('b' || i) AS text FROM range(600000) AS r(i)");
  ASSERT_GT((*lake->snapshot({"gold", "t"}))->files()[0].size, 16 << 20);
  const auto in_a_hurry = [&] {
    const auto kept =
        refresh::keep_up(*lake, *session, clock, "run", Cancel{}, [] { return true; });
    EXPECT_TRUE(kept) << kept.error().text();
    return kept->size();
  };
  say("DELETE FROM gold.t WHERE i < 150000");
  EXPECT_EQ(in_a_hurry(), 0U) << "most of it would be written anew";
  say("DELETE FROM gold.t WHERE i < 450000");
  EXPECT_EQ(in_a_hurry(), 1U);
  EXPECT_LT((*lake->snapshot({"gold", "t"}))->files()[0].size, 16 << 20);
  EXPECT_EQ(rows("SELECT count(*), min(i) FROM gold.t"), "150000 450000 ");
}

TEST_F(UpkeepTest, a_large_file_stays_until_a_fifth_of_its_rows_is_gone) {
  say("CREATE TABLE gold.t TBLPROPERTIES ('delta.enableDeletionVectors' = 'true') AS SELECT i, "
      "md5(CAST(i AS VARCHAR)) AS text FROM range(20000) AS r(i)");
  say("DELETE FROM gold.t WHERE i < 3999");
  EXPECT_THAT(keep_up(), IsEmpty());
  say("DELETE FROM gold.t WHERE i < 4000");
  EXPECT_THAT(keep_up(), SizeIs(1));
  EXPECT_EQ(rows("SELECT count(*), sum(i) FROM gold.t"), "16000 191992000 ");  // 16000 * 11999.5
}

TEST_F(UpkeepTest, files_of_some_size_are_written_together_too) {
  say("CREATE TABLE gold.t (i BIGINT, text VARCHAR)");
  for (int i = 0; i < 16; ++i) {
    say(fmt::format("INSERT INTO gold.t SELECT i, md5('{0}' || i) FROM range(4000) AS r(i)", i));
  }
  ASSERT_GT((*lake->snapshot({"gold", "t"}))->files()[0].size, 65'536);
  ASSERT_THAT(keep_up(), SizeIs(1));
  EXPECT_EQ(files(), 1U);
  EXPECT_EQ(rows("SELECT count(*) FROM gold.t"), "64000 ");
}

TEST_F(UpkeepTest, a_few_that_are_smaller_keep_no_others_waiting) {
  say("CREATE TABLE gold.t AS SELECT 'one' AS text");
  say("INSERT INTO gold.t VALUES ('two')");
  for (int i = 0; i < 16; ++i) {  // digests do not compress
    say(
        fmt::format("INSERT INTO gold.t SELECT md5('{0}' || i) || md5('{0}x' || i) FROM "
                    "range(4000) AS r(i)",
                    i));
  }
  const auto now = *lake->snapshot({"gold", "t"});
  ASSERT_GT(now->files()[17].size, 128 << 10) << "large beside both of the first";
  const auto done = keep_up();
  ASSERT_THAT(done, SizeIs(1));
  EXPECT_EQ(done[0].files_before, 18);
  EXPECT_EQ(files(), 1U);
  EXPECT_EQ(rows("SELECT count(*) FROM gold.t"), "64002 ");
}

TEST_F(UpkeepTest, leaves_alone_a_table_whose_column_hides_where_its_rows_stand) {
  say("CREATE TABLE gold.t (file_number BIGINT)");
  for (int i = 0; i < 20; ++i) say(fmt::format("INSERT INTO gold.t VALUES ({})", i % 3));
  EXPECT_THAT(keep_up(), IsEmpty());
  EXPECT_EQ(rows("SELECT count(*) FROM gold.t"), "20 ");
  // Asked for, it says so and loses nothing.
  const auto statement = lake::parse_table_statement("OPTIMIZE gold.t");
  const auto answer = lake::run_table_statement(*lake, *session, **statement, "run");
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().text(), testing::HasSubstr("file_number"));
  EXPECT_EQ(rows("SELECT count(*) FROM gold.t"), "20 ");
}

TEST_F(UpkeepTest, a_stop_is_no_upkeep) {
  say("CREATE TABLE gold.t (i BIGINT)");
  for (int i = 0; i < 20; ++i) say(fmt::format("INSERT INTO gold.t VALUES ({})", i));
  Cancel cancel;
  cancel.cancel();
  const auto done = refresh::keep_up(*lake, *session, clock, "run", cancel);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().fault, Fault::kCancelled);
  EXPECT_EQ(files(), 20U);
}

}  // namespace
}  // namespace claimlake::refresh
