#include "events/event_log.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/text.h"

namespace claimlake::events {
namespace {

constexpr std::size_t kSkippedMax = 100;

}  // namespace

const Event& EventLog::add(std::string name, std::string data, Audience audience) {
  return put_back({newest_ + 1, std::move(name), std::move(data), std::move(audience)});
}

const Event& EventLog::put_back(Event event) {
  CHECK(event.number > newest_, "events are numbered in ascending order");
  newest_ = event.number;
  bytes_ += event.name.size() + event.data.size();
  events_.push_back(std::move(event));
  while (events_.size() > 1 &&
         (events_.size() > limits_.events_max || bytes_ > limits_.bytes_max)) {
    bytes_ -= events_.front().name.size() + events_.front().data.size();
    forgotten_ = events_.front().number;
    events_.pop_front();
  }
  return events_.back();
}

void EventLog::skip_to(std::uint64_t number) {
  CHECK(number >= newest_, "numbers are not given twice");
  skipped_.push_back(number);
  if (skipped_.size() > kSkippedMax) skipped_.pop_front();
  newest_ = number;
}

std::string EventLog::name_of(std::uint64_t number) const {
  return fmt::format("{}-{}", id_, number);
}

std::optional<std::uint64_t> EventLog::place_of(std::string_view name) const {
  const std::size_t dash = name.rfind('-');
  if (dash == std::string_view::npos || name.substr(0, dash) != id_) return std::nullopt;
  const auto number = whole_number(name.substr(dash + 1));
  if (!number || *number < 0) return std::nullopt;
  const auto place = static_cast<std::uint64_t>(*number);
  // Only what was given as a name of a place: a number between two may have been told of an event
  // that was not kept.
  if (place == forgotten_ || place == newest_) return place;
  if (place < forgotten_) return std::nullopt;
  if (std::find(skipped_.begin(), skipped_.end(), place) != skipped_.end()) return place;
  const auto event = std::lower_bound(
      events_.begin(), events_.end(), place,
      [](const Event& held, std::uint64_t wanted) { return held.number < wanted; });
  if (event == events_.end() || event->number != place) return std::nullopt;
  return place;
}

std::vector<const Event*> EventLog::after(std::uint64_t number) const {
  std::vector<const Event*> found;
  for (const Event& event : events_) {
    if (event.number > number) found.push_back(&event);
  }
  return found;
}

}  // namespace claimlake::events
