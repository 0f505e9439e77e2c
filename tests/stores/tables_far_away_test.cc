// What a table costs over a link of 50 ms and 200 Mbit/s, in front of a real S3 server: requests,
// and journeys one behind the other, which are what a person waits for.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <limits>
#include <optional>

#include "engine/engine.h"
#include "lake/lake.h"
#include "lake/table_statement.h"
#include "servers.h"
#include "store/imposter_for_test.h"

namespace claimlake::store {
namespace {

using namespace std::chrono_literals;

constexpr Imposter::Link kLink = {.round_trip = 50ms, .bytes_per_second = 200'000'000 / 8};
constexpr int kCommits = 137;  // a checkpoint every ten, seven commits behind the last one

class TablesFarAway : public testing::Test {
 protected:
  // A lake over one store, as a process that just started has it.
  struct Process {
    explicit Process(Store& store)
        : engine(*engine::open_engine({.threads = 2, .spill_folder = "", .random = &random}, store,
                                      clock)),
          lake({store, clock, random, engine->parquet_io(), "tester"}) {
      engine->attach(lake);
      session = *engine->session({.access = engine::Access::kInternal});
    }
    std::string run(const std::string& sql) {
      const auto statement = lake::parse_table_statement(sql);
      if (!statement) return statement.error().text();
      const auto answer = lake::run_table_statement(lake, *session, **statement, "run-1");
      return answer ? "" : answer.error().text();
    }
    SystemClock clock;
    SystemRandom random;
    std::unique_ptr<engine::Engine> engine;
    lake::Lake lake;
    std::unique_ptr<engine::Session> session;
  };

  void SetUp() override {
    const std::string at = servers().s3;
    if (at.empty()) GTEST_SKIP() << "there is no S3 server";
    const auto port = static_cast<std::uint16_t>(std::stoi(at.substr(at.rfind(':') + 1)));
    way_ = std::make_unique<Imposter>([](const Imposter::Request&) { return Imposter::Reply{}; },
                                      port, kLink);
    const std::string url = fresh_s3_url();
    near_ = open_at(url, s3_access(at));
    far_ = open_at(url, s3_access(way_->url()));
    Process maker(*near_);
    ASSERT_EQ(maker.run("CREATE TABLE t (id BIGINT, note STRING)"), "");
    for (int i = 1; i < kCommits; ++i) {
      ASSERT_EQ(maker.run(fmt::format("INSERT INTO t VALUES ({}, 'note')", i)), "");
    }
  }
  struct Cost {
    int requests = 0;
    int journeys = 0;
  };
  template <class Action>
  Cost cost(const char* what, const Action& action) {
    const int before = way_->requests();
    action();
    const Cost cost{way_->requests() - before, way_->journeys(before)};
    fmt::print("{}: {} requests, {} journeys one behind the other\n", what, cost.requests,
               cost.journeys);
    return cost;
  }

  std::unique_ptr<Imposter> way_;
  std::shared_ptr<Store> near_;
  std::shared_ptr<Store> far_;
};

TEST_F(TablesFarAway, open_and_commit_in_few_journeys) {
  std::optional<Process> opened;
  delta::SnapshotPtr table;
  // What is asked side by side comes one after the other while a machine is busy: the least counts.
  int journeys = std::numeric_limits<int>::max();
  for (int i = 0; i < 3; ++i) {
    opened.emplace(*far_);
    const Cost open = cost("open", [&] {
      auto read = opened->lake.snapshot({"gold", "t"});
      ASSERT_TRUE(read) << read.error().text();
      table = *read;
    });
    journeys = std::min(journeys, open.journeys);
  }
  Process& process = *opened;
  EXPECT_EQ(table->version(), kCommits - 1);
  EXPECT_LE(journeys, 6);
  const Cost again = cost("look for news", [&] { (void)*process.lake.snapshot({"gold", "t"}); });
  EXPECT_LE(again.journeys, 1);

  const auto append = [&](const char* what) {
    lake::WriteRequest request;
    auto staged = process.lake.stage(*process.session, {"gold", "t"},
                                     "SELECT CAST(1 AS BIGINT) AS id, 'x' AS note");
    ASSERT_TRUE(staged) << staged.error().text();
    request.staged = *std::move(staged);
    request.base = table;
    const Cost commit = cost(what, [&] {
      auto committed = process.lake.commit(std::move(request));
      ASSERT_TRUE(committed) << committed.error().text();
      table = *committed;
    });
    EXPECT_LE(commit.requests, 5);
  };
  append("first commit, which makes sure that the service keeps its word");
  const int before = way_->requests();
  append("commit");
  EXPECT_LE(way_->journeys(before), 4) << "with the writing of its file";
}

TEST_F(TablesFarAway, a_lake_of_many_tables_costs_what_a_query_names) {
  constexpr int kTables = 30;
  {
    Process maker(*near_);
    for (int i = 0; i < kTables; ++i) {
      ASSERT_EQ(maker.run(fmt::format("CREATE TABLE many{0} AS SELECT {0} AS id", i)), "");
    }
  }
  std::unique_ptr<Process> process;
  EXPECT_EQ(cost("start", [&] { process = std::make_unique<Process>(*far_); }).requests, 0);
  const auto ask = [&](const std::string& sql) {
    const auto rows = process->session->query(sql);
    ASSERT_TRUE(rows) << rows.error().text();
    EXPECT_EQ(engine::read_all(**rows)->rows.size(), 1U);
  };
  EXPECT_LE(cost("first query", [&] { ask("SELECT id FROM many7"); }).requests, 8);
  EXPECT_LE(cost("second query", [&] { ask("SELECT id FROM gold.many7"); }).requests, 2);
}

}  // namespace
}  // namespace claimlake::store
