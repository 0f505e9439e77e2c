#pragma once

#include <string>
#include <vector>

#include "lake/change_select.h"

namespace claimlake::lake {

// What a change of rows writes for the table's change feed (docs/formats/change_feed.md).

// The SELECT of all rows that come and go: the columns of the table and `_change_type`. `changes`:
// the relation that holds what `select` gave; `files`: the numbers of those that lose rows, in the
// version that the session sees.
std::string change_feed_select(const ChangeSelect& select, const ChangeTarget& target,
                               const std::string& changes, const std::vector<std::size_t>& files);

}  // namespace claimlake::lake
