#include "delta/in_commit_time.h"

#include <algorithm>
#include <string>

#include "delta/properties.h"

namespace claimlake::delta {
namespace {

constexpr const char* kSinceVersion = "delta.inCommitTimestampEnablementVersion";
constexpr const char* kSinceTime = "delta.inCommitTimestampEnablementTimestamp";

bool is_on(const Metadata& metadata) {
  return read_properties(metadata.configuration).in_commit_timestamps;
}

}  // namespace

InCommitTime::InCommitTime(const Metadata* before, const Metadata& after, std::int64_t last_ms)
    : on_(is_on(after)),
      turns_on_(on_ && before != nullptr && !is_on(*before)),
      last_ms_(before == nullptr ? 0 : last_ms) {}

std::optional<std::int64_t> InCommitTime::assign(std::span<Action> actions, LogVersion version,
                                                 std::int64_t now_ms) const {
  if (!on_) return std::nullopt;
  const std::int64_t time = std::max(now_ms, last_ms_ + 1);
  for (Action& action : actions) {
    auto* metadata = std::get_if<Metadata>(&action);
    if (metadata == nullptr || !turns_on_) continue;
    metadata->configuration[kSinceVersion] = std::to_string(version);
    metadata->configuration[kSinceTime] = std::to_string(time);
  }
  return time;
}

void keep_enablement(Metadata& after, const Metadata& before) {
  if (!is_on(after) || !is_on(before)) return;
  for (const char* name : {kSinceVersion, kSinceTime}) {
    const auto known = before.configuration.find(name);
    if (known == before.configuration.end()) {
      after.configuration.erase(name);
    } else {
      after.configuration[name] = known->second;
    }
  }
}

}  // namespace claimlake::delta
