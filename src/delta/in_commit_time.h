#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "delta/action.h"

namespace claimlake::delta {

// The times that a table's commits hold (PROTOCOL.md, "In-Commit Timestamps"), of one commit.
class InCommitTime {
 public:
  InCommitTime() = default;
  // `before`: the table; null if it is new. `after`: as the commit leaves it. `last_ms`: the time
  // of its newest version, by its commit or by its file.
  InCommitTime(const Metadata* before, const Metadata& after, std::int64_t last_ms);

  // Others were first, at this time.
  void follow(std::int64_t ms) { last_ms_ = std::max(last_ms_, ms); }

  // The time of the commit, later than that of the version before; absent if the table has none.
  // If the commit turns them on in a table that has versions already, its metaData, one of
  // `actions`, says from which version and time on they are there.
  std::optional<std::int64_t> assign(std::span<Action> actions, LogVersion version,
                                     std::int64_t now_ms) const;
  // Whether assign() may change `actions`.
  bool turns_on() const { return turns_on_; }

 private:
  bool on_ = false;
  bool turns_on_ = false;
  std::int64_t last_ms_ = 0;
};

// Where the table has such times before and after: from when on it has them is the table's own
// knowledge, which a metaData action of somebody else (RESTORE) may not change.
void keep_enablement(Metadata& after, const Metadata& before);

}  // namespace claimlake::delta
