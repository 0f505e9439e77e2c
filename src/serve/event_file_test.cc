#include "serve/event_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "store/temporary_folder_for_test.h"

namespace claimlake::serve {
namespace {

class EventFileTest : public testing::Test {
 protected:
  std::unique_ptr<EventFile> open(events::EventLog::Limits limits = {}) {
    return std::make_unique<EventFile>(path_, random_, limits);
  }
  // As the server does it: kept, then in the log.
  static void tell(EventFile& file, const std::string& name, delta::LogVersion version) {
    const CommitEvent event{name, R"({"amount":10.10})", {"C-1"}};
    file.keep({event}, {{"silver.t", {version, Timestamp(std::chrono::microseconds(5))}}});
    file.log().add(event.name, event.data, event.audience);
  }

  SeededRandom random_{1};
  store::TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/kept/events.jsonl";
};

TEST_F(EventFileTest, a_new_server_knows_what_the_old_one_told) {
  auto old = open();
  EXPECT_FALSE(old->was_there());
  tell(*old, "one", 3);
  const std::string place = old->log().name_of(old->log().newest());
  tell(*old, "two", 4);
  old.reset();

  auto file = open();

  EXPECT_TRUE(file->was_there());
  EXPECT_EQ(file->versions().at("silver.t").version, 4);
  EXPECT_EQ(file->versions().at("silver.t").committed_at, Timestamp(std::chrono::microseconds(5)));
  ASSERT_TRUE(file->log().place_of(place));
  const auto missed = file->log().after(*file->log().place_of(place));
  ASSERT_EQ(missed.size(), 1u);
  EXPECT_EQ(missed[0]->name, "two");
  EXPECT_EQ(missed[0]->data, R"({"amount":10.10})") << "to the letter";
  EXPECT_EQ(missed[0]->audience.customer_id, "C-1");
}

TEST_F(EventFileTest, what_was_told_and_is_lost_is_known_to_be_missing) {
  auto old = open();
  tell(*old, "one", 1);
  const auto newest = old->log().newest();
  old.reset();
  auto file = open();
  EXPECT_FALSE(file->log().place_of(file->log().name_of(newest + 1)));
  EXPECT_TRUE(file->log().place_of(file->log().name_of(newest)));
  tell(*file, "two", 2);
  EXPECT_EQ(file->log().after(newest).size(), 1u);
}

TEST_F(EventFileTest, a_last_line_that_is_cut_is_left_out) {
  auto old = open();
  tell(*old, "one", 1);
  const std::string place = old->log().name_of(old->log().newest());
  old.reset();
  std::ofstream(path_, std::ios::app) << R"({"n":99999999,"name":"cu)";
  auto file = open();
  EXPECT_TRUE(file->was_there());
  EXPECT_TRUE(file->log().place_of(place));
}

TEST_F(EventFileTest, a_damaged_file_begins_a_new_log) {
  auto old = open();
  tell(*old, "one", 1);
  const std::string place = old->log().name_of(old->log().newest());
  old.reset();
  for (const char* line : {"nonsense", "[]", "{}", R"({"n":1,"name":"a","customer":"","data":{}})",
                           R"({"versions":{"t":[1]}})", R"({"skipped_to":1})"}) {
    const std::string before = [&] {
      std::ifstream in(path_);
      return std::string(std::istreambuf_iterator<char>(in), {});
    }();
    std::ofstream(path_, std::ios::app) << line << "\n";
    auto file = open();
    EXPECT_FALSE(file->was_there()) << line;
    EXPECT_FALSE(file->log().place_of(place)) << line;
    EXPECT_TRUE(file->versions().empty());
    file.reset();
    std::ofstream(path_, std::ios::trunc) << before;
  }
}

TEST_F(EventFileTest, the_file_does_not_grow_beyond_the_log) {
  auto file = open({.events_max = 10, .bytes_max = 1'000});
  for (int i = 0; i < 1'000; ++i) tell(*file, "e", i);
  EXPECT_LT(std::filesystem::file_size(path_), 20'000u);
  file.reset();
  EXPECT_EQ(open({.events_max = 10, .bytes_max = 1'000})->log().events().size(), 10u);
}

TEST_F(EventFileTest, without_a_path_nothing_is_kept) {
  EventFile file("", random_);
  tell(file, "one", 1);
  EXPECT_FALSE(file.was_there());
  EXPECT_EQ(file.log().events().size(), 1u);
}

}  // namespace
}  // namespace claimlake::serve
