#include <gmock/gmock.h>

#include <duckdb/common/exception.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "engine/fixture_for_test.h"
#include "store/temporary_folder_for_test.h"

namespace claimlake::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Endless numbers in one part. Calls `each_batch` before each batch.
class Endless final : public RowSource {
 public:
  explicit Endless(std::function<void(std::int64_t batch)> each_batch,
                   std::int64_t last = INT64_MAX)
      : each_batch_(std::move(each_batch)), last_(last) {}
  const std::vector<SourceColumn>& columns() const override { return columns_; }
  std::size_t part_count() const override { return 1; }
  std::int64_t estimated_rows() const override {
    return 1'000 * static_cast<std::int64_t>(kBatchRows);
  }
  Result<std::unique_ptr<PartScan>> scan(std::size_t) const override {
    return std::unique_ptr<PartScan>(std::make_unique<Scan>(*this));
  }

 private:
  class Scan final : public PartScan {
   public:
    explicit Scan(const Endless& source) : source_(source) {}
    Result<std::monostate> next(Batch& batch) override {
      if (batch_ >= source_.last_) return std::monostate{};
      source_.each_batch_(batch_++);
      batch.rows = kBatchRows;
      if (batch.columns[0].wanted) std::fill_n(batch.columns[0].longs, kBatchRows, batch_);
      return std::monostate{};
    }

   private:
    const Endless& source_;
    std::int64_t batch_ = 0;
  };

  const std::vector<SourceColumn> columns_{{"id", SourceType::kLong}};
  const std::function<void(std::int64_t)> each_batch_;
  const std::int64_t last_;
};

class Limits : public EngineTest {};

TEST_F(Limits, a_query_ends_when_its_time_is_up) {
  SimClock sim_clock;
  auto timed = *open_engine({.threads = 2, .spill_folder = ""}, store, sim_clock);
  auto session = *timed->session({.time_limit = std::chrono::minutes(5)});
  ASSERT_TRUE(session->bind_source("raw.endless", std::make_shared<Endless>([&](std::int64_t) {
                                     sim_clock.advance(std::chrono::seconds(30));
                                   })));

  const Error error = error_of(*session, "select sum(id) from raw.endless");

  EXPECT_EQ(error.fault, Fault::kTimeout);
  EXPECT_THAT(error.message, HasSubstr("300 s"));
  EXPECT_THAT(lines(*session, "select 1"), ElementsAre("1"));
}

TEST_F(Limits, a_query_can_be_cancelled) {
  auto session = internal_session();
  ASSERT_TRUE(
      session->bind_source("raw.endless", std::make_shared<Endless>([&](std::int64_t batch) {
                             if (batch == 3) session->interrupt();
                           })));

  const auto stopped = session->execute("select sum(id) from raw.endless");

  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().fault, Fault::kCancelled);
  EXPECT_THAT(lines(*session, "select 1"), ElementsAre("1"));
}

TEST_F(Limits, a_write_that_is_cancelled_leaves_no_file) {
  auto session = internal_session();
  ASSERT_TRUE(
      session->bind_source("raw.endless", std::make_shared<Endless>([&](std::int64_t batch) {
                             if (batch == 200) session->interrupt();
                           })));

  const auto written =
      session->write_parquet("select *, md5(cast(id * random() as varchar)) as x from raw.endless",
                             {.folder = "t", .target_file_bytes = 1 << 18});

  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().fault, Fault::kCancelled) << written.error().text();
  EXPECT_TRUE(store.list_all("")->empty());
}

// Some rows. Calls `asked` when somebody wants to know what its columns are: that is, in planning.
class Planned final : public RowSource {
 public:
  explicit Planned(std::function<void()> asked) : asked_(std::move(asked)) {}
  const std::vector<SourceColumn>& columns() const override {
    asked_();
    return rows_.columns();
  }
  std::size_t part_count() const override { return 1; }
  Result<std::unique_ptr<PartScan>> scan(std::size_t part) const override {
    return rows_.scan(part);
  }

 private:
  const std::function<void()> asked_;
  const Endless rows_{[](std::int64_t) {}, 10};
};

// A write plans the SELECT to know its columns, and then has it run.
TEST_F(Limits, an_interrupt_between_planning_and_running_ends_the_statement) {
  auto session = internal_session();
  bool once = false;
  ASSERT_TRUE(session->bind_source("raw.planned", std::make_shared<Planned>([&] {
                                     if (!std::exchange(once, true)) session->interrupt();
                                   })));

  const auto written = session->write_parquet("select * from raw.planned", {.folder = "t"});

  ASSERT_TRUE(once);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().fault, Fault::kCancelled) << written.error().text();
  EXPECT_TRUE(store.list_all("")->empty());
  EXPECT_TRUE(session->write_parquet("select * from raw.planned", {.folder = "t"}));
}

TEST_F(Limits, an_interrupt_while_nothing_is_at_work_ends_nothing) {
  auto session = internal_session();
  session->interrupt();
  EXPECT_THAT(lines(*session, "select 1"), ElementsAre("1"));
}

TEST_F(Limits, progress_grows_to_the_end) {
  auto session = internal_session();
  std::vector<double> seen;
  ASSERT_TRUE(session->bind_source("raw.some", std::make_shared<Endless>(
                                                   [&](std::int64_t batch) {
                                                     if (batch % 100 == 0)
                                                       seen.push_back(session->progress());
                                                   },
                                                   1'000)));

  EXPECT_LT(session->progress(), 0);
  ASSERT_TRUE(session->execute("select sum(id) from raw.some"));

  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_LE(seen.back(), 1.0);
}

class SmallMemory : public EngineTest {
 protected:
  SmallMemory() { engine = open({.memory_bytes = 30 << 20, .threads = 1, .spill_folder = ""}); }
};

TEST_F(SmallMemory, a_query_past_its_limit_says_what_to_do) {
  auto session = this->session();

  const Error error = error_of(*session, "select count(distinct hash(range)) from range(6000000)");

  EXPECT_EQ(error.fault, Fault::kUnavailable);
  EXPECT_THAT(error.next, HasSubstr("--memory"));
  EXPECT_THAT(lines(*session, "select 1"), ElementsAre("1"));
}

class Spill : public EngineTest {
 protected:
  // Sorts more than fits into the memory that it gets.
  std::vector<std::string> sorted(int first) {
    auto small = open({.memory_bytes = 64 << 20, .threads = 1, .spill_folder = folder.path()});
    return lines(**small->session({}),
                 "select count(*), sum(case when s < before then 1 else 0 end) from (select s, "
                 "lag(s) over (order by s) as before from (select md5((range + " +
                     std::to_string(first) +
                     ")::varchar) || repeat('x', 100) as s from range(600000)))");
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
      out.push_back(entry.path().filename().string());
    }
    return out;
  }
  store::TemporaryFolder folder;
};

// The values alone are twice what the engine may hold.
TEST_F(Spill, rows_along_a_curve_spill_while_they_are_sorted) {
  auto small = open({.memory_bytes = 96 << 20, .threads = 1, .spill_folder = folder.path()});
  auto session = small->session({.access = Access::kInternal});
  ASSERT_TRUE(session) << session.error().text();

  const auto written = (*session)->write_parquet(
      "select (hash(range) % 1000)::integer as a, (hash(-range) % 1000)::integer as b, "
      "md5(range::varchar) || "
      "repeat('x', "
      "100) as s from range(1500000)",
      {.folder = "t", .target_file_bytes = 4 << 20, .curve = {{"a"}, {"b"}}});

  ASSERT_TRUE(written) << written.error().text();
  std::int64_t rows = 0;
  for (const WrittenFile& file : written->files) rows += file.rows;
  EXPECT_EQ(rows, 1'500'000);
  EXPECT_GT(written->files.size(), 4u);
}

TEST_F(Spill, two_engines_with_one_folder_do_not_read_what_the_other_put_there) {
  std::vector<std::string> first, second;
  std::thread other([&] { second = sorted(1); });
  first = sorted(1'000'000);
  other.join();

  EXPECT_THAT(first, ElementsAre("600000|0"));
  EXPECT_THAT(second, ElementsAre("600000|0"));
  EXPECT_THAT(names(), ElementsAre());
}

TEST_F(Spill, what_a_dead_process_left_is_removed_and_nothing_else) {
  for (const char* name : {"0123456789abcdef", "kept"}) {
    std::filesystem::create_directory(folder.path() + "/" + name);
    std::ofstream(folder.path() + "/" + name + "/file") << "x";
  }
  auto living = open({.threads = 1, .spill_folder = folder.path()});
  EXPECT_EQ(names().size(), 2u);

  { const auto second = open({.threads = 1, .spill_folder = folder.path()}); }

  EXPECT_EQ(names().size(), 2u);  // its own and "kept"
  living.reset();
  EXPECT_THAT(names(), ElementsAre("kept"));
}

class Death : public EngineTest {
 protected:
  // A source whose rows make DuckDB fail as by a bug of its own.
  static std::shared_ptr<RowSource> deadly() {
    return std::make_shared<Endless>([](std::int64_t batch) {
      if (batch == 2) throw duckdb::InternalException("planted");
    });
  }
};

TEST_F(Death, costs_one_query_and_the_next_runs_on_a_fresh_instance) {
  auto session = this->session();
  ASSERT_TRUE(session->bind_source("raw.deadly", deadly()));
  ASSERT_TRUE(session->bind_source("good", std::make_shared<Endless>([](std::int64_t) {}, 1)));
  auto other = this->session();

  const Error error = error_of(*session, "select sum(id) from raw.deadly");

  EXPECT_EQ(error.fault, Fault::kUnavailable);
  EXPECT_THAT(error.message, HasSubstr("planted"));
  EXPECT_THAT(lines(*session, "select count(*) from good"), ElementsAre("2048"));
  EXPECT_THAT(lines(*other, "select 1"), ElementsAre("1"));
  EXPECT_THAT(lines(*this->session(), "select 1"), ElementsAre("1"));
}

TEST_F(Death, is_survived_by_sessions_that_are_made_later) {
  ASSERT_TRUE(session()->bind_source("raw.deadly", deadly()));
  auto session = internal_session();
  ASSERT_TRUE(session->bind_source("raw.deadly", deadly()));

  EXPECT_FALSE(session->write_parquet("select * from raw.deadly", {.folder = "t"}));
  EXPECT_FALSE(session->execute("select sum(id) from raw.deadly"));
  EXPECT_FALSE(session->execute("select sum(id) from raw.deadly"));

  EXPECT_THAT(lines(*session, "select 42"), ElementsAre("42"));
  EXPECT_TRUE(store.list_all("t")->empty());
}

TEST_F(Limits, errors_of_ours_that_are_thrown_as_anything_stay_errors) {
  auto session = internal_session();
  ASSERT_TRUE(session->bind_source(
      "raw.a", std::make_shared<Endless>([](std::int64_t) { throw std::runtime_error("plain"); })));
  ASSERT_TRUE(
      session->bind_source("raw.b", std::make_shared<Endless>([](std::int64_t) { throw 42; })));
  ASSERT_TRUE(session->bind_source(
      "raw.c", std::make_shared<Endless>([](std::int64_t) { throw std::bad_alloc(); })));

  for (const char* table : {"raw.a", "raw.b", "raw.c"}) {
    EXPECT_FALSE(session->execute(std::string("select sum(id) from ") + table)) << table;
  }
  EXPECT_THAT(lines(*session, "select 1"), ElementsAre("1"));
}

}  // namespace
}  // namespace claimlake::engine
