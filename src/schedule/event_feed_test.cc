#include "schedule/event_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace claimlake::schedule {
namespace {

std::vector<std::string> texts_after(const EventFeed& feed, std::int64_t number) {
  std::vector<std::string> texts;
  for (const FeedEvent& event : feed.after(number)) texts.push_back(event.json);
  return texts;
}

TEST(EventFeed, each_listener_reads_from_where_it_stands) {
  EventFeed feed;
  feed.add("refresh", "1");
  const std::int64_t first = feed.newest();
  feed.add("refresh", "2");
  feed.add("state", "3");

  EXPECT_THAT(texts_after(feed, first), testing::ElementsAre("2", "3"));
  EXPECT_THAT(texts_after(feed, feed.newest()), testing::IsEmpty());
  EXPECT_EQ(feed.after(first).front().name, "refresh");
}

TEST(EventFeed, keeps_the_last_events_only) {
  EventFeed feed;
  for (std::size_t i = 0; i <= EventFeed::kEventsMax; ++i) feed.add("state", std::to_string(i));

  const auto texts = texts_after(feed, 0);

  EXPECT_EQ(texts.size(), EventFeed::kEventsMax);
  EXPECT_EQ(texts.front(), "1");
}

TEST(EventFeed, counts_listeners_as_long_as_they_live_even_past_its_own_end) {
  auto feed = std::make_unique<EventFeed>();
  EXPECT_FALSE(feed->has_listeners());
  auto one = feed->listen();
  auto two = feed->listen();
  one.reset();
  EXPECT_TRUE(feed->has_listeners());
  two.reset();
  EXPECT_FALSE(feed->has_listeners());

  one = feed->listen();
  feed.reset();
  one.reset();
}

TEST(EventFeed, takes_no_more_listeners_than_it_may) {
  EventFeed feed;
  std::vector<std::shared_ptr<const void>> listeners;
  for (int i = 0; i < EventFeed::kListenersMax; ++i) listeners.push_back(feed.listen());

  EXPECT_NE(listeners.back(), nullptr);
  EXPECT_EQ(feed.listen(), nullptr);
}

}  // namespace
}  // namespace claimlake::schedule
