#include "schedule/event_feed.h"

#include <utility>

namespace claimlake::schedule {

std::shared_ptr<const void> EventFeed::listen() {
  const bool taken = state_->with([](State& state) {
    if (state.listeners == kListenersMax) return false;
    ++state.listeners;
    return true;
  });
  if (!taken) return nullptr;
  return {state_.get(),
          [state = state_](const void*) { state->with([](State& held) { --held.listeners; }); }};
}

bool EventFeed::has_listeners() const {
  return state_->with([](const State& state) { return state.listeners > 0; });
}

void EventFeed::add(std::string name, std::string json) {
  state_->with([&](State& state) {
    state.events.push_back({++state.newest, std::move(name), std::move(json)});
    if (state.events.size() > kEventsMax) state.events.pop_front();
    if (state.told) state.told();
  });
}

void EventFeed::on_add(std::function<void()> told) {
  state_->with([&](State& state) { state.told = std::move(told); });
}

std::int64_t EventFeed::newest() const {
  return state_->with([](const State& state) { return state.newest; });
}

std::vector<FeedEvent> EventFeed::after(std::int64_t number) const {
  return state_->with([&](const State& state) {
    std::vector<FeedEvent> events;
    for (const FeedEvent& event : state.events) {
      if (event.number > number) events.push_back(event);
    }
    return events;
  });
}

}  // namespace claimlake::schedule
