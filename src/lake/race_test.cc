// Two writers of one table, the one in the midst of the other.
#include <gmock/gmock.h>

#include "engine/engine.h"
#include "lake/table_statement.h"
#include "store/faulty_store.h"
#include "store/memory_store.h"

namespace claimlake::lake {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

// An engine and a Lake of its own. Before it commits, once, something else may happen.
class Process final : private store::FaultPlan {
 public:
  Process(store::Store& store, SimClock& clock, Random& random) : clock_(clock) {
    store::FaultPlan& plan = *this;
    store_ = std::make_unique<store::FaultyStore>(store, plan);
    engine_ =
        *engine::open_engine({.threads = 1, .spill_folder = "", .random = &random}, *store_, clock);
    lake_.emplace(LakeContext{*store_, clock, random, engine_->parquet_io(), "tester"});
    engine_->attach(*lake_);
    session_ = *engine_->session({.access = engine::Access::kInternal});
  }

  // "", or the error's text.
  std::string run(const std::string& sql, std::function<void()> before_commit = {}) {
    clock_.advance(1s);
    before_commit_ = std::move(before_commit);
    const auto statement = parse_table_statement(sql);
    if (!statement || !*statement) return "cannot be read";
    const auto answer = run_table_statement(*lake_, *session_, **statement, "run-1");
    return answer ? "" : answer.error().text();
  }

  std::vector<std::string> rows() {
    const auto rows = session_->query("SELECT * FROM gold.t ORDER BY ALL");
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

 private:
  store::Fate next(store::Operation operation, std::string_view path) override {
    const bool commit = operation == store::Operation::kPutIfAbsent &&
                        path.find("_delta_log") != std::string_view::npos;
    if (commit && before_commit_) std::exchange(before_commit_, nullptr)();
    return store::Fate::kNormal;
  }
  bool arrives(std::string_view) override { return true; }

  SimClock& clock_;
  std::function<void()> before_commit_;
  std::unique_ptr<store::FaultyStore> store_;
  std::unique_ptr<engine::Engine> engine_;
  std::optional<Lake> lake_;
  std::unique_ptr<engine::Session> session_;
};

class RaceTest : public testing::Test {
 protected:
  // What `sql` says if `meanwhile` is committed first.
  std::string race(const std::string& sql, const std::string& meanwhile) {
    return one_.run(sql, [&] { EXPECT_EQ(other_.run(meanwhile), ""); });
  }

  SimClock clock_{Timestamp{1767954660s}};
  SeededRandom random_{7};
  store::MemoryStore store_{clock_};
  Process one_{store_, clock_, random_};
  Process other_{store_, clock_, random_};
};

// Had it come after the DELETE, the MERGE would have inserted the row anew.
TEST_F(RaceTest, a_merge_does_not_follow_a_delete_of_what_kept_it_from_inserting) {
  one_.run("CREATE TABLE t (id BIGINT, note STRING)");
  one_.run("INSERT INTO t VALUES (1, 'one')");
  const std::string source =
      "MERGE INTO t USING (VALUES (1, 'one'), (2, 'two')) s(id, note) "
      "ON t.id = s.id WHEN NOT MATCHED THEN INSERT * ";

  EXPECT_THAT(race(source, "DELETE FROM t WHERE id = 1"), HasSubstr("kept this change from"));
  EXPECT_EQ(one_.run(source), "");
  EXPECT_THAT(one_.rows(), ElementsAre("1|one", "2|two"));
  one_.run("DELETE FROM t WHERE id = 2");
  EXPECT_THAT(race(source + "WHEN MATCHED THEN UPDATE SET *", "DELETE FROM t WHERE id = 1"),
              HasSubstr("kept this change from"))
      << "a row that is as it was";
}

TEST_F(RaceTest, a_merge_follows_a_delete_of_rows_that_it_did_not_meet) {
  one_.run("CREATE TABLE t (id BIGINT, note STRING)");
  one_.run("INSERT INTO t VALUES (1, 'one')");
  one_.run("INSERT INTO t VALUES (7, 'seven')");

  EXPECT_EQ(race("MERGE INTO t USING (VALUES (1, 'eins'), (2, 'two')) s(id, note) ON t.id = s.id "
                 "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *",
                 "DELETE FROM t WHERE id = 7"),
            "");
  EXPECT_THAT(one_.rows(), ElementsAre("1|eins", "2|two"));
}

TEST_F(RaceTest, a_table_that_others_change_is_not_replaced) {
  one_.run("CREATE TABLE t AS SELECT 1 AS id");

  EXPECT_THAT(
      race("CREATE OR REPLACE TABLE t AS SELECT id + 1 AS id FROM t", "INSERT INTO t VALUES (7)"),
      HasSubstr("another writer was first"));
  EXPECT_THAT(one_.rows(), ElementsAre("1", "7"));
  EXPECT_THAT(race("INSERT INTO t VALUES (8)", "CREATE OR REPLACE TABLE t AS SELECT 'a' AS name"),
              HasSubstr("another writer was first"));
  EXPECT_THAT(one_.rows(), ElementsAre("a"));
}

}  // namespace
}  // namespace claimlake::lake
