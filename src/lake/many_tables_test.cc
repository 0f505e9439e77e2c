// What a lake of many tables costs: in requests, which over a link are what a person waits for, and
// in memory.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "lake/counted_lake_for_test.h"
#include "lake/statement_for_test.h"

namespace claimlake::lake {
namespace {

constexpr int kTables = 40;

class ManyTables : public testing::Test, protected StatementLake {
 protected:
  void SetUp() override {
    for (int i = 0; i < kTables; ++i) {
      ASSERT_EQ(run(fmt::format("CREATE TABLE t{} AS SELECT {} AS id, 'x' AS note", i, i)), "");
    }
  }
  std::unique_ptr<CountedLake> process(std::int64_t bytes = std::int64_t{256} << 20) {
    return std::make_unique<CountedLake>(store_, clock_, random_, 2, bytes);
  }
  // How often the store is asked for an answer, and that it is the right one.
  static std::int64_t requests(CountedLake& lake, const std::string& sql,
                               const std::string& answer) {
    lake.store.reset();
    EXPECT_EQ(lake.rows(sql), answer);
    return lake.requests();
  }
};

TEST_F(ManyTables, starting_asks_nothing_of_the_store) { EXPECT_EQ(process()->requests(), 0); }

TEST_F(ManyTables, a_query_opens_the_tables_that_it_names) {
  const auto started = process();
  EXPECT_LE(requests(*started, "SELECT id FROM t7", "7 "), 6)
      << "schemas, hint, log, commit, data file";
  EXPECT_EQ(started->tables_opened(), (std::set<std::string>{"gold/t7"}));
  EXPECT_LE(requests(*started, "SELECT id FROM gold.t7", "7 "), 2)
      << "for new commits, and the data file";
  ASSERT_EQ(run("INSERT INTO t7 VALUES (70, 'y')"), "");
  EXPECT_LE(requests(*started, "SELECT sum(id) FROM t7", "77 "), 5)
      << "the new commit, and two data files";
}

TEST_F(ManyTables, a_view_opens_what_it_reads) {
  const auto started = process();
  started->lake.define_view({"gold", "v"}, {"SELECT id + 1 AS more FROM gold.t3", ""});
  EXPECT_LE(requests(*started, "SELECT more FROM v", "4 "), 9);
  EXPECT_EQ(started->tables_opened(), (std::set<std::string>{"gold/t3"}));
}

TEST_F(ManyTables, listings_name_all_tables) {
  const auto started = process();
  EXPECT_EQ(started->rows("SELECT count(*) FROM (SHOW ALL TABLES)"), fmt::format("{} ", kTables));
  EXPECT_EQ(started->rows("SELECT count(*) FROM (SHOW TABLES)"), fmt::format("{} ", kTables));
  EXPECT_EQ(started->rows("SELECT count(*) FROM information_schema.tables "
                          "WHERE table_schema = 'gold'"),
            fmt::format("{} ", kTables));
  EXPECT_EQ(started->rows("SELECT count(*) FROM information_schema.columns "
                          "WHERE table_schema = 'gold'"),
            fmt::format("{} ", 2 * kTables));
}

TEST_F(ManyTables, versions_are_kept_within_a_budget) {
  const std::int64_t one = newest("t0")->memory_bytes();
  ASSERT_GT(one, 1000);
  const auto started = process(5 * one);
  std::vector<std::weak_ptr<const delta::Snapshot>> seen;
  for (int i = 0; i < kTables; ++i) {
    const std::string name = fmt::format("t{}", i);
    EXPECT_EQ(started->rows("SELECT id FROM " + name), fmt::format("{} ", i));
    EXPECT_LE(started->lake.kept_bytes(), 5 * one);
    seen.push_back(*started->lake.snapshot({"gold", name}));
  }
  int alive = 0;
  for (const auto& snapshot : seen) alive += snapshot.expired() ? 0 : 1;
  EXPECT_GE(alive, 2);
  EXPECT_LE(alive, 5) << "nobody else holds what was let go";
  EXPECT_TRUE(seen[0].expired());
}

TEST_F(ManyTables, versions_that_were_newest_are_not_read_again) {
  const auto started = process();
  EXPECT_EQ(started->rows("SELECT id FROM t0"), "0 ");
  ASSERT_EQ(run("INSERT INTO t0 VALUES (100, 'y')"), "");
  EXPECT_EQ(started->rows("SELECT sum(id) FROM t0"), "100 ");
  EXPECT_LE(requests(*started, "SELECT id FROM t0 AT (VERSION => 0)", "0 "), 1) << "its data file";

  // A table made anew under the name has versions of its own.
  ASSERT_EQ(run("DROP TABLE t0"), "");
  ASSERT_EQ(run("CREATE TABLE t0 AS SELECT 7 AS id"), "");
  ASSERT_EQ(run("INSERT INTO t0 VALUES (8)"), "");
  EXPECT_EQ(started->rows("SELECT sum(id) FROM t0"), "15 ");
  EXPECT_EQ(started->rows("SELECT id FROM t0 AT (VERSION => 0)"), "7 ");
}

TEST_F(ManyTables, an_older_copy_that_was_put_back_has_versions_of_its_own) {
  const auto started = process();
  ASSERT_EQ(run("INSERT INTO t0 VALUES (100, 'y')"), "");
  EXPECT_EQ(started->rows("SELECT sum(id) FROM t0"), "100 ");
  ASSERT_EQ(run("DELETE FROM t0 WHERE id = 100"), "");
  EXPECT_EQ(started->rows("SELECT sum(id) FROM t0"), "0 ");
  ASSERT_EQ(started->lake.latest_commits({"gold", "t0"}, 9)->size(), 3U);

  const auto log = store_.list_all("gold/t0/_delta_log");
  ASSERT_TRUE(log);
  for (const store::ObjectInfo& each : *log) {
    if (each.path.find("0000000000000000000.") == std::string::npos) {
      ASSERT_TRUE(store_.remove(each.path));
    }
  }
  for (const char* id : {"7", "8", "9"}) {
    ASSERT_EQ(run(fmt::format("INSERT INTO t0 VALUES ({}, 'z')", id)), "");
  }

  EXPECT_EQ(started->rows("SELECT sum(id) FROM t0"), "24 ");
  EXPECT_EQ(started->rows("SELECT sum(id) FROM t0 AT (VERSION => 1)"), "7 ");
  EXPECT_EQ(started->rows("SELECT sum(id) FROM t0 AT (VERSION => 2)"), "15 ");
  const auto commits = started->lake.latest_commits({"gold", "t0"}, 9);
  ASSERT_EQ(commits->size(), 4U);
  EXPECT_EQ((*commits)[1].info->operation, "WRITE");
}

TEST_F(ManyTables, what_commits_say_of_themselves_is_read_once) {
  const auto started = process();
  ASSERT_EQ(run("INSERT INTO t0 VALUES (100, 'y')"), "");
  ASSERT_EQ(run("DELETE FROM t0 WHERE id = 100"), "");
  const auto said = [&](std::size_t limit) {
    std::string out;
    const auto commits = started->lake.latest_commits({"gold", "t0"}, limit);
    for (const Lake::Commit& each : *commits) {
      out += fmt::format("{} {}, ", each.version, each.info->operation);
    }
    return out;
  };
  EXPECT_EQ(said(2), "2 DELETE, 1 WRITE, ");
  const std::int64_t before = started->requests();
  EXPECT_EQ(said(2), "2 DELETE, 1 WRITE, ");
  EXPECT_LE(started->requests() - before, 2) << "to look for new commits";

  ASSERT_EQ(run("DROP TABLE t0"), "");
  ASSERT_EQ(run("CREATE TABLE t0 (id INTEGER)"), "");
  ASSERT_EQ(run("INSERT INTO t0 VALUES (8)"), "");
  EXPECT_EQ(said(9), "1 WRITE, 0 CREATE TABLE, ");
}

TEST_F(ManyTables, one_that_was_let_go_is_opened_anew) {
  const auto started = process(1);
  EXPECT_EQ(started->rows("SELECT id FROM t0"), "0 ");
  ASSERT_EQ(run("INSERT INTO t0 VALUES (100, 'y')"), "");
  EXPECT_EQ(started->rows("SELECT id FROM t1"), "1 ");
  EXPECT_EQ(started->rows("SELECT id FROM t0 ORDER BY id"), "0 100 ");
  EXPECT_EQ(started->rows("SELECT count(*) FROM t0 AT (VERSION => 0)"), "1 ");
  EXPECT_EQ(started->rows("SELECT a.id + b.id + c.id FROM t1 a, t2 b, t3 c"), "6 ")
      << "one query reads more tables than are kept";
}

}  // namespace
}  // namespace claimlake::lake
