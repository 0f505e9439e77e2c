#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "engine/fixture_for_test.h"
#include "store/passing_store_for_test.h"

namespace claimlake::engine {
namespace {

// Where threads wait for each other.
class MeetingPoint {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
  }
  // Returns when a second thread has come, or none came for long.
  void wait_for_another() {
    std::unique_lock lock(mutex_);
    if (!is_open_) return;
    threads_.insert(std::this_thread::get_id());
    met_.notify_all();
    is_open_ =
        met_.wait_for(lock, std::chrono::seconds(10), [this] { return threads_.size() > 1; });
  }
  std::size_t threads() {
    const std::lock_guard lock(mutex_);
    return threads_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable met_;
  bool is_open_ = false;
  std::set<std::thread::id> threads_;
};

// A store in whose files nobody reads on before another thread reads, too.
class MeetingStore final : public store::PassingStore {
 public:
  MeetingStore(store::Store& inner, MeetingPoint& point) : PassingStore(inner), point_(point) {}

  Result<std::unique_ptr<store::Reader>> open(std::string_view path) const override {
    TRY(auto reader, inner_.open(path));
    return std::unique_ptr<store::Reader>(
        std::make_unique<MeetingReader>(std::move(reader), point_));
  }

 private:
  class MeetingReader final : public store::Reader {
   public:
    MeetingReader(std::unique_ptr<store::Reader> inner, MeetingPoint& point)
        : inner_(std::move(inner)), point_(point) {}
    std::int64_t size() const override { return inner_->size(); }
    Done read(std::int64_t offset, std::span<char> out) const override {
      point_.wait_for_another();
      return inner_->read(offset, out);
    }

   private:
    const std::unique_ptr<store::Reader> inner_;
    MeetingPoint& point_;
  };

  MeetingPoint& point_;
};

using ScanThreads = EngineTest;

TEST_F(ScanThreads, two_read_one_large_file) {
  MeetingPoint point;
  MeetingStore meeting_store(store, point);
  auto opened = open_engine({.threads = 2, .random = &random}, meeting_store, clock);
  ASSERT_TRUE(opened) << opened.error().text();
  (*opened)->attach(directory);
  auto session = *(*opened)->session({.access = Access::kInternal});
  const auto written = session->write_parquet(
      "select i as id, cast(hash(i) // 2 as bigint) as other from range(500_000) r(i)",
      {.folder = "silver/t"});
  ASSERT_TRUE(written) << written.error().text();
  ASSERT_EQ(written->files.size(), 1u);
  auto snapshot = std::make_shared<FakeSnapshot>();
  const delta::DataType number(delta::PrimitiveType{"long"});
  snapshot->schema_value = {{{"id", number}, {"other", number}}};
  delta::AddFile add;
  add.path = written->files[0].path.substr(std::string("silver/t/").size());
  add.size = written->files[0].size;
  snapshot->add(add, 500'000);
  directory.versions["silver.t"].push_back({snapshot, "silver/t"});
  // After this the engine knows where in the file the rows are; only they are left to read.
  EXPECT_EQ(lines(*session, "select sum(id) from silver.t").size(), 1u);
  point.open();

  EXPECT_EQ(lines(*session, "select count(other) from silver.t where other >= 0"),
            std::vector<std::string>{"500000"});

  EXPECT_EQ(point.threads(), 2u);
}

}  // namespace
}  // namespace claimlake::engine
