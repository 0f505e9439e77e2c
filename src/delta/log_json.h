#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "delta/action.h"

namespace claimlake::delta {

// Reads the lines of one commit, in order. Actions and fields that are not known are skipped, as
// the protocol asks of readers. `bytes` is grown by some padding and its content stays.
// Errors: kCorrupt, with `place` and the line number as `where`.
Result<std::vector<Action>> parse_commit(std::string& bytes, std::string_view place);

// The same, handing each action over as it is read.
using ActionSink = std::function<void(Action&&)>;
Done parse_commit(std::string& bytes, std::string_view place, const ActionSink& sink);

// The CommitInfo of a commit (the first one, as a rule its first line); empty if there is none.
// Reads no further than needed. Errors: kCorrupt.
Result<std::optional<CommitInfo>> parse_commit_info(std::string& bytes, std::string_view place);

// Appends the action as one line, with its newline.
void append_line(const Action& action, std::string& out);

// The number that "numRecords" has in a statistics text, or absent.
std::optional<std::int64_t> num_records(std::string_view stats_json);

}  // namespace claimlake::delta
