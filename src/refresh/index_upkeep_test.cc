// What a refresh by key looks up, and the indexes that upkeep makes for it.
#include "refresh/index_upkeep.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "engine/key_index.h"
#include "refresh/memory_lake_for_test.h"
#include "store/temporary_folder_for_test.h"

namespace claimlake::refresh {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

struct Folder {
  const store::TemporaryFolder temporary;
};

// Claims of policies: a total per policy that names its plan.
class IndexUpkeepTest : public testing::Test, private Folder, protected MemoryLake {
 protected:
  using Ways = std::set<std::vector<std::string>>;

  IndexUpkeepTest() : MemoryLake({}, temporary.path()) {
    say("CREATE TABLE silver.p AS SELECT 'p' || i AS policy, 'plan' || i % 3 AS plan FROM "
        "range(2000) AS r(i)");
    say("CREATE TABLE silver.c AS SELECT 'c' || i AS id, 'p' || i % 2000 AS policy, i AS amount "
        "FROM range(6000) AS r(i)");
    pack.models.push_back(
        model("gold.t", {"policy"},
              "SELECT c.policy, p.plan, CAST(SUM(c.amount) AS BIGINT) AS amount FROM silver.c AS c "
              "JOIN silver.p AS p ON p.policy = c.policy GROUP BY c.policy, p.plan",
              {{"policy", "VARCHAR"}, {"plan", "VARCHAR"}, {"amount", "BIGINT"}},
              {{"silver.c", {{"id", "VARCHAR"}, {"policy", "VARCHAR"}, {"amount", "BIGINT"}}},
               {"silver.p", {{"policy", "VARCHAR"}, {"plan", "VARCHAR"}}}}));
  }
  std::string refresh() { return MemoryLake::refresh(pack.models[0], {.by_key_share = 0.2}).way; }
  std::int64_t keep() {
    const auto made = keep_indexes(*lake, *engine, *session, pack, Cancel());
    EXPECT_TRUE(made) << made.error().text();
    return made ? *made : -1;
  }
  std::int64_t missing() {
    std::int64_t all = 0;
    const auto states = index_states(*lake, *engine, pack);
    EXPECT_TRUE(states);
    for (const IndexState& state : *states) all += state.missing;
    return all;
  }
  std::set<std::string> index_files() const {
    std::set<std::string> out;
    for (const auto& entry : fs::recursive_directory_iterator(index_folder)) {
      if (entry.is_regular_file()) out.insert(entry.path().string());
    }
    return out;
  }

  pack::Pack pack;
};

TEST_F(IndexUpkeepTest, knows_by_what_a_pack_looks_rows_up) {
  const auto all = looked_up(pack);
  ASSERT_THAT(all, SizeIs(3));
  EXPECT_EQ(all.at("silver.c"), Ways{{"policy"}});
  EXPECT_EQ(all.at("silver.p"), Ways{{"policy"}});
  EXPECT_EQ(all.at("gold.t"), Ways{{"policy"}});
}

TEST_F(IndexUpkeepTest, a_refresh_after_upkeep_makes_no_index_itself) {
  EXPECT_THAT(refresh(), StartsWith("whole"));
  EXPECT_EQ(missing(), 3);
  EXPECT_EQ(keep(), 3);
  EXPECT_EQ(missing(), 0);
  EXPECT_EQ(keep(), 0);
  const auto made = index_files();
  EXPECT_THAT(made, SizeIs(3));
  say("INSERT INTO silver.c VALUES ('new', 'p7', 5)");
  EXPECT_THAT(refresh(), StartsWith("by key"));
  // 7 + 2007 + 4007 + 5
  EXPECT_EQ(rows("SELECT plan, amount FROM gold.t WHERE policy = 'p7'"), "plan1 6026 ");
  EXPECT_EQ(index_files(), made);
  EXPECT_EQ(keep(), 0) << "what came is small";
}

TEST_F(IndexUpkeepTest, files_written_anew_and_tables_dropped_take_their_indexes_along) {
  refresh();
  keep();
  const auto before = index_files();
  say("INSERT INTO silver.c SELECT 'd' || i, 'p1', 1 FROM range(3000) AS r(i)");
  say("OPTIMIZE silver.c");
  EXPECT_EQ(missing(), 1);
  EXPECT_EQ(keep(), 1);
  const auto after = index_files();
  EXPECT_THAT(after, SizeIs(3));
  EXPECT_NE(after, before);
  say("DROP TABLE silver.p");
  keep();
  EXPECT_THAT(index_files(), SizeIs(2));
}

TEST_F(IndexUpkeepTest, in_a_hurry_only_the_indexes_of_files_that_are_gone_are_removed) {
  refresh();
  keep();
  const auto old = *lake->table("silver", "c", {});
  const engine::LookUp p1{"silver.c", {{{"policy"}, "(SELECT 'p1' AS policy)", {"policy"}}}};
  const auto found = [&] {  // in the old version
    EXPECT_TRUE(session->bind_version("silver.c", old));
    const auto looked_up = session->rows_of(p1);
    EXPECT_TRUE(looked_up) << looked_up.error().text();
    std::string count = looked_up ? rows("SELECT count(*) FROM (" + looked_up->select + ")") : "";
    EXPECT_TRUE(session->drop_source("silver.c"));
    return count;
  };
  EXPECT_EQ(found(), "3 ");
  say("INSERT INTO silver.c SELECT 'd' || i, 'p1', 1 FROM range(3000) AS r(i)");
  say("OPTIMIZE silver.c");
  EXPECT_THAT(index_files(), SizeIs(3));

  drop_gone_indexes(*lake, *engine);

  EXPECT_THAT(index_files(), SizeIs(2)) << "nothing is made for the new file";
  EXPECT_EQ(missing(), 1);
  EXPECT_EQ(found(), "3 ") << "who reads the old version makes its index again";
  drop_gone_indexes(*lake, *engine);
  EXPECT_THAT(index_files(), SizeIs(2));
}

TEST_F(IndexUpkeepTest, a_stop_is_no_upkeep) {
  Cancel cancel;
  cancel.cancel();
  const auto made = keep_indexes(*lake, *engine, *session, pack, cancel);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().fault, Fault::kCancelled);
  EXPECT_THAT(index_files(), IsEmpty());
}

}  // namespace
}  // namespace claimlake::refresh
