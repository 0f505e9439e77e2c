#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/guarded.h"

namespace claimlake::schedule {

// Something that happened to the pipeline, as it is told to who listens.
struct FeedEvent {
  std::int64_t number = 0;  // ascending by one since the process began
  std::string name;         // "refresh", "state", "commits"
  std::string json;
};

// The last events, for whoever wants to hear them: each listener reads from where it stands, and
// one that does not read holds nothing up. Thread-safe.
class EventFeed {
 public:
  // Who is further behind than this has missed events.
  static constexpr std::size_t kEventsMax = 256;
  static constexpr int kListenersMax = 64;  // each holds a connection, and events cost a look

  // Stands for one listener, as long as it lives. Null where there are too many.
  std::shared_ptr<const void> listen();
  bool has_listeners() const;

  void add(std::string name, std::string json);
  // Calls `told` after each event, on the thread that adds it; it must not block. Null: no more.
  void on_add(std::function<void()> told);
  std::int64_t newest() const;
  // Those behind `number` that are kept.
  std::vector<FeedEvent> after(std::int64_t number) const;

 private:
  struct State {
    std::deque<FeedEvent> events;
    std::int64_t newest = 0;
    int listeners = 0;
    std::function<void()> told;
  };
  // Listeners may outlive the feed.
  const std::shared_ptr<Guarded<State>> state_ = std::make_shared<Guarded<State>>();
};

}  // namespace claimlake::schedule
