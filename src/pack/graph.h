#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace claimlake::pack {

// A model as the graph sees it: its name, its layer and the names it reads.
struct GraphNode {
  std::string name;
  int layer = 0;
  std::vector<std::string> reads;  // names of other nodes; others are ignored
};

// The positions of `nodes` in dependency order: what a node reads stands before it; among those
// that could come next, the lowest layer, then the first name. If there is a cycle, an error that
// names its path; `place` gives "file:line:column" of the reference from one node to another.
Result<std::vector<std::size_t>> dependency_order(
    const std::vector<GraphNode>& nodes,
    const std::function<std::string(std::size_t from, const std::string& to)>& place);

}  // namespace claimlake::pack
