#include "refresh/table_refresh.h"

#include <gmock/gmock.h>

#include "refresh/memory_lake_for_test.h"
#include "refresh/publish.h"
#include "refresh/rearranged.h"

namespace claimlake::refresh {
namespace {

// One Bronze table and a Gold table over it, in a lake in memory.
class TableRefreshTest : public testing::Test, protected MemoryLake {
 protected:
  TableRefreshTest() {
    model.name = "gold.t";
    model.schema = "gold";
    model.table = "t";
    model.sql = "SELECT n FROM bronze.t_raw";
    model.inputs = {"bronze.t_raw"};
    model.columns = {{.name = "n", .type = "BIGINT"}};
    model.hash = "1";
  }

  void write_bronze(const std::string& select) {
    lake::WriteRequest request;
    auto staged = lake->stage(*session, {"bronze", "t_raw"}, select);
    ASSERT_TRUE(staged) << staged.error().text();
    request.staged = *std::move(staged);
    request.mode = lake::WriteMode::kOverwrite;
    request.base = *lake->snapshot_if_any({"bronze", "t_raw"});
    ASSERT_TRUE(lake->commit(std::move(request)));
  }
  TableReport refresh() { return MemoryLake::refresh(model, {}); }

  pack::Model model;
};

TEST_F(TableRefreshTest, computes_a_table_when_its_input_or_its_text_changed) {
  write_bronze("select 1::bigint as n");

  EXPECT_EQ(refresh().outcome, TableOutcome::kBuilt);
  EXPECT_EQ(refresh().outcome, TableOutcome::kSkipped);
  write_bronze("select 2::bigint as n");
  EXPECT_EQ(refresh().outcome, TableOutcome::kBuilt);
  model.hash = "2";
  EXPECT_EQ(refresh().outcome, TableOutcome::kBuilt);
  EXPECT_EQ(refresh().outcome, TableOutcome::kSkipped);
}

TEST_F(TableRefreshTest, computes_a_table_again_that_somebody_changed_by_hand) {
  write_bronze("select range as n from range(3)");
  EXPECT_EQ(refresh().outcome, TableOutcome::kBuilt);
  say("DELETE FROM gold.t WHERE n = 1");

  EXPECT_EQ(refresh().rows, 3);
  EXPECT_EQ(refresh().outcome, TableOutcome::kSkipped);
}

TEST_F(TableRefreshTest, computes_a_table_again_whose_input_was_removed_and_made_anew) {
  write_bronze("select 1::bigint as n");
  EXPECT_EQ(refresh().outcome, TableOutcome::kBuilt);
  const auto objects = store.list_all("bronze");
  for (const auto& object : *objects) ASSERT_TRUE(store.remove(object.path));

  write_bronze("select range as n from range(3)");

  EXPECT_EQ((*lake->snapshot({"bronze", "t_raw"}))->version(), 0);
  EXPECT_EQ(refresh().rows, 3);
}

TEST_F(TableRefreshTest, rearranging_an_input_moves_the_position_and_computes_nothing) {
  write_bronze("select 1::bigint as n");
  say("INSERT INTO bronze.t_raw VALUES (2)");
  EXPECT_EQ(refresh().rows, 2);
  say("OPTIMIZE bronze.t_raw");
  say("VACUUM bronze.t_raw");

  const TableReport moved = refresh();

  EXPECT_EQ(moved.outcome, TableOutcome::kBuilt);
  EXPECT_EQ(moved.rows, 0);
  EXPECT_THAT(moved.way, testing::StartsWith("positions"));
  EXPECT_EQ((*lake->snapshot({"gold", "t"}))->txn("claimlake.input.bronze.t_raw"),
            version("bronze.t_raw"));
  EXPECT_EQ(refresh().outcome, TableOutcome::kSkipped);
  say("INSERT INTO bronze.t_raw VALUES (3)");
  say("OPTIMIZE bronze.t_raw");
  EXPECT_EQ(refresh().rows, 3) << "a row came before the files were rearranged";
}

TEST_F(TableRefreshTest, who_reads_a_table_whose_positions_moved_has_nothing_to_compute) {
  write_bronze("select 1::bigint as n");
  say("INSERT INTO bronze.t_raw VALUES (2)");
  pack::Model reader = model;
  reader.name = "gold.u";
  reader.table = "u";
  reader.sql = "SELECT n FROM gold.t";
  reader.inputs = {"gold.t"};
  EXPECT_EQ(refresh().rows, 2);
  EXPECT_EQ(MemoryLake::refresh(reader, {}).rows, 2);
  say("OPTIMIZE bronze.t_raw");
  refresh();

  EXPECT_THAT(MemoryLake::refresh(reader, {}).way, testing::StartsWith("positions"));
  EXPECT_EQ(MemoryLake::refresh(reader, {}).outcome, TableOutcome::kSkipped);
  // What a person changes in between is still found.
  say("OPTIMIZE bronze.t_raw");
  say("DELETE FROM gold.u WHERE n = 1");
  EXPECT_EQ(refresh().outcome, TableOutcome::kSkipped) << "one file cannot be rearranged";
  EXPECT_EQ(MemoryLake::refresh(reader, {}).rows, 2);
}

TEST_F(TableRefreshTest, positions_do_not_move_over_what_somebody_changes_meanwhile) {
  write_bronze("select range as n from range(3)");
  EXPECT_EQ(refresh().rows, 3);
  const auto base = *lake->snapshot({"gold", "t"});
  const Past past = *past_of(*lake, model);
  const auto input = *lake->snapshot({"bronze", "t_raw"});
  const Inputs inputs = {{"bronze.t_raw", {input->metadata().id, input->version()}}};
  say("DELETE FROM gold.t WHERE n = 1");

  NoProgress progress;
  TableReport report;
  const Done moved = move_positions({*lake, *session, *ops, clock, progress, Cancel(), "run"},
                                    model, inputs, 7, base, past, report);

  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().fault, Fault::kConflict);
  EXPECT_EQ(refresh().rows, 3) << "what was deleted is computed again";
}

TEST_F(TableRefreshTest, the_table_has_the_types_of_its_files) {
  // The pack says BIGINT, but the Bronze table is older than that.
  write_bronze("select 1::integer as n");

  EXPECT_EQ(refresh().outcome, TableOutcome::kBuilt);

  const auto table = lake->snapshot({"gold", "t"});
  ASSERT_TRUE(table) << table.error().text();
  EXPECT_EQ((*table)->schema().find("n")->type.text(), "integer");
}

TEST_F(TableRefreshTest, values_of_columns_tagged_as_personal_stay_out_of_the_log) {
  write_bronze("select 1::bigint as n, 'ada@example.org' as email");
  model.sql = "SELECT n, email FROM bronze.t_raw";
  model.columns.push_back({.name = "email", .type = "VARCHAR"});
  EXPECT_EQ(refresh().outcome, TableOutcome::kBuilt);
  const auto stats = [&] { return (*lake->snapshot({"gold", "t"}))->files()[0].stats_json; };
  EXPECT_THAT(stats(), testing::HasSubstr("ada@"));

  model.header.tags = {{"pii", {"email"}}};
  model.hash = "2";
  EXPECT_EQ(refresh().outcome, TableOutcome::kBuilt);
  EXPECT_THAT(stats(), testing::Not(testing::HasSubstr("ada@")));
  EXPECT_THAT(stats(), testing::HasSubstr(R"("minValues":{"n":1)"));
  EXPECT_THAT(stats(), testing::HasSubstr(R"("email":0)"));

  write_bronze("select 2::bigint as n, 'bob@example.org' as email");
  EXPECT_EQ(refresh().outcome, TableOutcome::kBuilt);
  EXPECT_THAT(stats(), testing::Not(testing::HasSubstr("bob@")));
}

}  // namespace
}  // namespace claimlake::refresh
