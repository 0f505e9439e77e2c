#include "events/event_log.h"

#include <gtest/gtest.h>

namespace claimlake::events {
namespace {

TEST(EventLog, tells_what_came_behind_a_place) {
  EventLog log("a", {});
  const std::string before = log.name_of(log.newest());
  log.add("one", "{}", {});
  const std::string first = log.name_of(log.newest());
  log.add("two", "{}", {});

  ASSERT_TRUE(log.place_of(before));
  EXPECT_EQ(log.after(*log.place_of(before)).size(), 2u);
  ASSERT_TRUE(log.place_of(first));
  ASSERT_EQ(log.after(*log.place_of(first)).size(), 1u);
  EXPECT_EQ(log.after(*log.place_of(first))[0]->name, "two");
  EXPECT_TRUE(log.after(log.newest()).empty());
}

TEST(EventLog, does_not_know_a_place_behind_which_something_is_gone) {
  EventLog log("a", {.events_max = 2, .bytes_max = 1000});
  for (int i = 0; i < 4; ++i) log.add("e", "{}", {});

  EXPECT_FALSE(log.place_of("a-1"));
  EXPECT_TRUE(log.place_of("a-2")) << "3 and 4 are here";
  EXPECT_TRUE(log.place_of("a-4"));
  EXPECT_FALSE(log.place_of("a-5")) << "not given yet";
  for (const char* name : {"", "a", "a-", "b-4", "4", "a-x", "a--1", "a-4 "}) {
    EXPECT_FALSE(log.place_of(name)) << name;
  }
}

TEST(EventLog, is_bounded_by_bytes_too) {
  EventLog log("a", {.events_max = 100, .bytes_max = 1000});
  for (int i = 0; i < 10; ++i) log.add("e", std::string(300, 'x'), {});
  EXPECT_EQ(log.events().size(), 3u);
}

// After a death nobody knows how many events were told and not kept.
TEST(EventLog, does_not_know_numbers_that_were_skipped) {
  EventLog log("a", {});
  log.put_back({5, "kept", "{}", {}});
  log.skip_to(1000);
  log.add("new", "{}", {});

  EXPECT_EQ(log.newest(), 1001u);
  EXPECT_TRUE(log.place_of("a-5"));
  EXPECT_FALSE(log.place_of("a-6")) << "may have been told before the death, and is lost";
  EXPECT_FALSE(log.place_of("a-999"));
  EXPECT_TRUE(log.place_of("a-1000"));
}

}  // namespace
}  // namespace claimlake::events
