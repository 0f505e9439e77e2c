#include "pack/graph.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace claimlake::pack {
namespace {

using Edges = std::vector<std::vector<std::size_t>>;

// A cycle among the nodes that are not done: follows unfinished reads until a node comes again.
std::vector<std::size_t> find_cycle(const Edges& reads, const std::set<std::size_t>& unfinished) {
  std::vector<std::size_t> path{*unfinished.begin()};
  for (;;) {
    const std::vector<std::size_t>& next = reads[path.back()];
    const auto open = std::find_if(next.begin(), next.end(),
                                   [&](std::size_t n) { return unfinished.contains(n); });
    const auto seen = std::find(path.begin(), path.end(), *open);
    if (seen != path.end()) {
      path.erase(path.begin(), seen);
      return path;
    }
    path.push_back(*open);
  }
}

}  // namespace

Result<std::vector<std::size_t>> dependency_order(
    const std::vector<GraphNode>& nodes,
    const std::function<std::string(std::size_t, const std::string&)>& place) {
  std::map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < nodes.size(); ++i) index[nodes[i].name] = i;
  Edges reads(nodes.size());
  Edges readers(nodes.size());
  std::set<std::size_t> unfinished;
  std::vector<std::size_t> waits_for(nodes.size(), 0);
  const auto rank = [&](std::size_t i) { return std::tuple(nodes[i].layer, nodes[i].name, i); };
  std::set<std::tuple<int, std::string, std::size_t>> ready;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    unfinished.insert(i);
    for (const std::string& name : nodes[i].reads) {
      const auto known = index.find(name);
      if (known == index.end()) continue;
      reads[i].push_back(known->second);
      readers[known->second].push_back(i);
      ++waits_for[i];
    }
    if (waits_for[i] == 0) ready.insert(rank(i));
  }
  std::vector<std::size_t> order;
  while (!ready.empty()) {
    const std::size_t next = std::get<2>(*ready.begin());
    ready.erase(ready.begin());
    unfinished.erase(next);
    order.push_back(next);
    for (const std::size_t reader : readers[next]) {
      if (--waits_for[reader] == 0) ready.insert(rank(reader));
    }
  }
  if (unfinished.empty()) return order;

  const std::vector<std::size_t> cycle = find_cycle(reads, unfinished);
  std::string path;
  for (const std::size_t node : cycle) path += nodes[node].name + " -> ";
  path += nodes[cycle.front()].name;
  const std::string& second = nodes[cycle.size() > 1 ? cycle[1] : cycle[0]].name;
  return Error{Fault::kInvalidInput, "models read each other in a circle: " + path,
               place(cycle.front(), second), "take one of these references out"};
}

}  // namespace claimlake::pack
