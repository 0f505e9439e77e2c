// Fifty writers of one table on this machine's disk, at the same time.
#include <gmock/gmock.h>

#include <latch>
#include <set>
#include <thread>

#include "engine/engine.h"
#include "lake/table_statement.h"
#include "store/local_store.h"
#include "store/temporary_folder_for_test.h"

namespace claimlake::lake {
namespace {

using testing::ElementsAre;

constexpr int kWriters = 50;

class WritersTest : public testing::Test {
 protected:
  WritersTest() {
    engine_ = *engine::open_engine({.threads = 2, .spill_folder = "", .random = &random_}, *store_,
                                   clock_);
    engine_->attach(lake());
  }

  Lake& lake() {
    if (!lake_) {
      lake_.emplace(LakeContext{*store_, clock_, random_, engine_->parquet_io(), "tester"});
    }
    return *lake_;
  }
  std::unique_ptr<engine::Session> session() {
    return *engine_->session({.access = engine::Access::kInternal});
  }

  // Runs `sql` until no other writer is in the way.
  void run(Lake& lake, engine::Session& session, const std::string& sql, const std::string& run) {
    const auto statement = parse_table_statement(sql);
    ASSERT_TRUE(statement && *statement) << sql;
    // Each time that one is refused, another one was committed.
    for (int attempt = 0; attempt < kWriters + 1; ++attempt) {
      const auto answer = run_table_statement(lake, session, **statement, run);
      if (answer) return;
      ASSERT_EQ(answer.error().fault, Fault::kConflict) << sql << "\n" << answer.error().text();
    }
    FAIL() << "never had its turn: " << sql;
  }

  std::vector<std::string> lines(const std::string& sql) {
    const auto reader = session();
    const auto rows = reader->query(sql);
    if (!rows) return {rows.error().text()};
    const auto table = engine::read_all(**rows);
    if (!table) return {table.error().text()};
    std::vector<std::string> out;
    for (const auto& row : table->rows) {
      std::string line;
      for (const auto& cell : row) line += (line.empty() ? "" : "|") + cell.value_or("-");
      out.push_back(line);
    }
    return out;
  }

  store::TemporaryFolder folder_;
  std::unique_ptr<store::Store> store_ = *store::open_local(folder_.path());
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<engine::Engine> engine_;
  std::optional<Lake> lake_;
};

// What writer `i` does: it inserts a row, counts up a row that all want, deletes a row of its own,
// or does the first two in one MERGE.
std::string statement_of(int i) {
  const std::string id = std::to_string(i);
  switch (i % 4) {
    case 0:
      return "INSERT INTO t VALUES (" + id + ", 0)";
    case 1:
      return "UPDATE t SET n = n + 1 WHERE id = -1";
    case 2:
      return "DELETE FROM t WHERE id = 1000 + " + id;
    default:
      return "MERGE INTO t USING (VALUES (-2, 0), (" + id +
             ", 0)) s(id, n) ON t.id = s.id WHEN MATCHED THEN UPDATE SET n = t.n + 1 "
             "WHEN NOT MATCHED THEN INSERT *";
  }
}

TEST_F(WritersTest, of_fifty_each_is_one_version_and_no_change_is_lost) {
  const auto first = session();
  run(lake(), *first, "CREATE TABLE t (id BIGINT, n BIGINT)", "create");
  run(lake(), *first, "INSERT INTO t VALUES (-1, 0), (-2, 0)", "first");
  run(lake(), *first, "INSERT INTO t SELECT 1000 + i, 0 FROM range(50) r(i)", "second");
  {
    std::latch start(kWriters);
    std::vector<std::jthread> writers;
    for (int i = 0; i < kWriters; ++i) {
      writers.emplace_back([&, i] {
        // Half of them know only what is on the disk.
        Lake own(LakeContext{*store_, clock_, random_, engine_->parquet_io(), "tester"});
        const auto mine = session();
        start.arrive_and_wait();
        run(i % 8 < 4 ? *lake_ : own, *mine, statement_of(i), "writer-" + std::to_string(i));
      });
    }
  }

  const auto history = *lake().history({"gold", "t"}, 1'000);
  std::multiset<std::string> runs;
  for (const auto& entry : history) runs.insert(entry.info.run);
  EXPECT_EQ(history.size(), 3u + kWriters);
  EXPECT_EQ(history.front().version, 2 + kWriters);
  for (int i = 0; i < kWriters; ++i) EXPECT_EQ(runs.count("writer-" + std::to_string(i)), 1u) << i;
  EXPECT_THAT(lines("SELECT * FROM gold.t WHERE id < 0 ORDER BY id"),
              ElementsAre("-2|12", "-1|13"));
  EXPECT_THAT(lines("SELECT count(*), count(DISTINCT id) FROM gold.t WHERE id BETWEEN 0 AND 999"),
              ElementsAre("25|25"));
  EXPECT_THAT(lines("SELECT count(*) FROM gold.t WHERE id >= 1000"), ElementsAre("38"));
}

}  // namespace
}  // namespace claimlake::lake
