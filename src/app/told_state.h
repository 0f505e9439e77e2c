#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "schedule/live.h"

namespace claimlake::app {

// Where the live pipeline of a lake stands, told by the process that runs it to all others on this
// machine through a file. What is lost with it was of that moment only.
class ToldState {
 public:
  // `path`: of the file, in a folder that is there.
  explicit ToldState(std::string path) : path_(std::move(path)) {}

  // Replaces what was told before. That it cannot be written keeps nothing from going on.
  void tell(const schedule::LiveState& state, Timestamp now) const;
  void forget() const;

  struct Told {
    std::string lines;  // for people (state_lines)
    std::string json;   // an object, as to_json() of the state, with "told_at"
  };
  // Nothing if nobody told anything.
  std::optional<Told> read() const;

 private:
  const std::string path_;
};

}  // namespace claimlake::app
