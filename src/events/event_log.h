#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/audience.h"

namespace claimlake::events {

// Something that was committed, as it is told to whom it concerns.
struct Event {
  std::uint64_t number = 0;  // ascending, with gaps
  std::string name;
  std::string data;  // a JSON object
  Audience audience;
};

// The last events, so that who was away hears what was missed. One thread.
class EventLog {
 public:
  struct Limits {
    std::size_t events_max = 10'000;
    std::size_t bytes_max = std::size_t{16} << 20;
  };
  // `id` tells this log from others: letters and digits.
  EventLog(std::string id, Limits limits) : id_(std::move(id)), limits_(limits) {}

  const std::string& id() const { return id_; }
  std::uint64_t newest() const { return newest_; }
  const std::deque<Event>& events() const { return events_; }

  // Puts an event in, with the next number; or one that was in before, with its own.
  const Event& add(std::string name, std::string data, Audience audience);
  const Event& put_back(Event event);
  // Numbers up to `number` are never given again, although nothing is known of their events.
  void skip_to(std::uint64_t number);

  // How clients name a place in the log: "ID-NUMBER".
  std::string name_of(std::uint64_t number) const;
  // The number of `name`, if everything behind it is still here.
  std::optional<std::uint64_t> place_of(std::string_view name) const;
  // The events behind that number.
  std::vector<const Event*> after(std::uint64_t number) const;

 private:
  const std::string id_;
  const Limits limits_;
  std::deque<Event> events_;
  std::size_t bytes_ = 0;
  std::uint64_t newest_ = 0;
  std::uint64_t forgotten_ = 0;        // the newest number that is no longer here
  std::deque<std::uint64_t> skipped_;  // numbers to which it was skipped, the last few
};

}  // namespace claimlake::events
