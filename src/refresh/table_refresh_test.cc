#include "refresh/table_refresh.h"

#include <gmock/gmock.h>

#include "engine/change_statement.h"
#include "lake/change.h"
#include "store/memory_store.h"

namespace claimlake::refresh {
namespace {

// One Bronze table and a Gold table over it, in a lake in memory.
class TableRefreshTest : public testing::Test {
 protected:
  TableRefreshTest() {
    auto opened =
        engine::open_engine({.threads = 2, .spill_folder = "", .random = &random}, store, clock);
    EXPECT_TRUE(opened) << opened.error().text();
    engine = *std::move(opened);
    lake = std::make_unique<lake::Lake>(
        lake::LakeContext{store, clock, random, engine->parquet_io(), "tester"});
    engine->attach(*lake);
    session = *engine->session({.access = engine::Access::kInternal});
    ops = std::make_unique<Ops>(*lake, clock);
    EXPECT_TRUE(ops->prepare());
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
  TableReport refresh() {
    NoProgress progress;
    const auto report = refresh_table(
        {*lake, *session, *ops, clock, progress, Cancel(), "run", Date{}, false}, model);
    EXPECT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->message, "");
    return *report;
  }

  SystemClock clock;
  SeededRandom random{1};
  store::MemoryStore store{clock};
  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<lake::Lake> lake;
  std::unique_ptr<engine::Session> session;
  std::unique_ptr<Ops> ops;
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
  const auto statement = engine::parse_change("DELETE FROM gold.t WHERE n = 1");
  ASSERT_TRUE(lake::change_rows(*lake, *session, **statement, {.run = "somebody"}));

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
