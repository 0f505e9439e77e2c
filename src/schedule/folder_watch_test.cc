#include "schedule/folder_watch.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "schedule/open_for_writing.h"
#include "store/temporary_folder_for_test.h"

namespace claimlake::schedule {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

// A folder "raw" that is watched.
class FolderWatchTest : public testing::Test {
 protected:
  FolderWatchTest() {
    fs::create_directory(raw_);
    auto opened = FolderWatch::open(raw_);
    EXPECT_TRUE(opened) << opened.error().text();
    watch_ = *std::move(opened);
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(raw_ + "/" + name) << text;
  }
  // What is told until `enough` holds of it.
  template <class Enough>
  Arrived until(Enough&& enough) {
    Arrived all;
    for (int waits = 0; waits < 100 && !enough(all); ++waits) {
      const Arrived more = watch_->wait(100ms);
      all.files.insert(all.files.end(), more.files.begin(), more.files.end());
      all.look_at_all = all.look_at_all || more.look_at_all;
      all.problem = more.problem;
    }
    EXPECT_TRUE(enough(all));
    return all;
  }
  static std::vector<std::string> names(const Arrived& arrived, bool whole) {
    std::vector<std::string> names;
    for (const ArrivedFile& file : arrived.files) {
      if (file.whole == whole) names.push_back(file.name);
    }
    return names;
  }
  static auto looks_at_all() {
    return [](const Arrived& arrived) { return arrived.look_at_all; };
  }

  const store::TemporaryFolder folder_;
  const std::string raw_ = folder_.path() + "/raw";
  std::unique_ptr<FolderWatch> watch_;
};

TEST_F(FolderWatchTest, tells_of_a_file_that_is_renamed_in_as_whole) {
  std::ofstream(folder_.path() + "/outside.jsonl") << "{}";
  fs::rename(folder_.path() + "/outside.jsonl", raw_ + "/claims.jsonl");

  const Arrived arrived = until([](const Arrived& told) { return !told.files.empty(); });

  EXPECT_THAT(names(arrived, true), ElementsAre("claims.jsonl"));
  EXPECT_FALSE(arrived.look_at_all);
}

TEST_F(FolderWatchTest, tells_of_a_file_that_is_written_when_it_begins_and_when_it_is_closed) {
  write("claims.jsonl", "{}");

  const Arrived arrived = until([](const Arrived& told) { return told.files.size() == 2; });

  EXPECT_THAT(names(arrived, false), ElementsAre("claims.jsonl", "claims.jsonl"));
}

TEST_F(FolderWatchTest, watches_folders_that_come_later) {
  fs::create_directory(raw_ + "/claims");
  until(looks_at_all());

  write("claims/one.json", "{}");
  const Arrived arrived = until([](const Arrived& told) { return !told.files.empty(); });

  EXPECT_EQ(arrived.files[0].name, "claims/one.json");
}

TEST_F(FolderWatchTest, a_folder_that_moves_away_tells_nothing_any_more) {
  fs::create_directory(raw_ + "/claims");
  until(looks_at_all());
  fs::rename(raw_ + "/claims", folder_.path() + "/elsewhere");
  until(looks_at_all());

  std::ofstream(folder_.path() + "/elsewhere/one.json") << "{}";
  write("pets.csv", "pet_id");
  const Arrived arrived = until([](const Arrived& told) { return told.files.size() == 2; });

  EXPECT_THAT(names(arrived, false), ElementsAre("pets.csv", "pets.csv"));
}

TEST_F(FolderWatchTest, a_folder_that_vanishes_is_a_problem_until_it_is_back) {
  fs::remove(raw_);
  Arrived arrived = until([](const Arrived& told) { return !told.problem.empty(); });
  EXPECT_TRUE(arrived.look_at_all);
  EXPECT_THAT(arrived.problem, testing::HasSubstr(raw_ + " is not there"));
  EXPECT_FALSE(watch_->tells());

  fs::create_directory(raw_);
  write("claims.jsonl", "{}");
  arrived = until([](const Arrived& told) { return told.look_at_all && told.problem.empty(); });
  EXPECT_TRUE(watch_->tells());
}

TEST_F(FolderWatchTest, a_flood_that_the_kernel_cannot_keep_asks_to_look_at_all) {
  // fs.inotify.max_queued_events; each file makes two events.
  std::int64_t kept = 16'384;
  std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> kept;
  if (kept > 100'000) GTEST_SKIP() << "this machine keeps " << kept << " events";
  for (std::int64_t i = 0; i <= kept / 2; ++i) write("f" + std::to_string(i) + ".json", "");

  EXPECT_TRUE(watch_->wait(1s).look_at_all);
}

TEST_F(FolderWatchTest, wake_ends_a_wait) {
  watch_->wake();

  const Arrived arrived = watch_->wait(1h);

  EXPECT_THAT(arrived.files, IsEmpty());
  EXPECT_FALSE(arrived.look_at_all);
}

TEST_F(FolderWatchTest, the_kernel_says_whether_a_file_is_being_written) {
  const std::string path = raw_ + "/claims.jsonl";
  const store::FileDescriptor writer(open(path.c_str(), O_WRONLY | O_CREAT, 0666));
  const Writing meanwhile = open_for_writing(path);
  if (meanwhile == Writing::kUnknown) GTEST_SKIP() << "this file system does not say";
  EXPECT_EQ(meanwhile, Writing::kYes);

  { const store::FileDescriptor reader(open(path.c_str(), O_RDONLY)); }
  close(dup(writer.number()));
  EXPECT_EQ(open_for_writing(path), Writing::kYes);
  EXPECT_EQ(open_for_writing(raw_ + "/absent"), Writing::kUnknown);
}

TEST_F(FolderWatchTest, a_file_that_is_only_read_is_not_being_written) {
  write("claims.jsonl", "{}");
  const std::string path = raw_ + "/claims.jsonl";
  const store::FileDescriptor reader(open(path.c_str(), O_RDONLY));

  EXPECT_NE(open_for_writing(path), Writing::kYes);
}

}  // namespace
}  // namespace claimlake::schedule
