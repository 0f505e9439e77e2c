#pragma once

#include <map>
#include <string>
#include <vector>

#include "delta/action.h"
#include "events/audience.h"
#include "serve/answer.h"
#include "serve/session_pool.h"

namespace claimlake::serve {

// The newest version of each table of the pack, without those that have none.
struct TableVersion {
  delta::LogVersion version = 0;
  Timestamp committed_at{};
};
using TableVersions = std::map<std::string, TableVersion>;
TableVersions versions_now(const ServeContext& context);

// Something to tell clients.
struct CommitEvent {
  std::string name;
  std::string data;  // a JSON object
  events::Audience audience;
};

// What the commits between two looks mean to people: which tables changed, and which claims,
// customers, pets and policies came or became something else (docs/formats/real_time.md). Rows are
// told one by one only where they are few. What cannot be read is left out: the event that names
// the tables tells that there is something new.
std::vector<CommitEvent> commit_events(const ServeContext& context, SessionPool& sessions,
                                       const TableVersions& from, const TableVersions& to);

}  // namespace claimlake::serve
