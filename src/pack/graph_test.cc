#include "pack/graph.h"

#include <gtest/gtest.h>

namespace claimlake::pack {
namespace {

std::string order(const std::vector<GraphNode>& nodes) {
  const auto result = dependency_order(
      nodes, [&](std::size_t from, const std::string& to) { return nodes[from].name + ":" + to; });
  if (!result) return result.error().where + " " + result.error().message;
  std::string text;
  for (const std::size_t i : *result) text += nodes[i].name + " ";
  return text;
}

TEST(Graph, puts_what_is_read_first_then_layers_then_names) {
  EXPECT_EQ(order({{"g.z", 3, {"s.b"}},
                   {"g.a", 3, {"g.z"}},
                   {"s.b", 2, {"s.c", "raw.x"}},
                   {"s.c", 2, {}},
                   {"s.a", 2, {"b.a"}},
                   {"b.a", 1, {}}}),
            "b.a s.a s.c s.b g.z g.a ");
}

TEST(Graph, names_the_path_of_a_circle) {
  EXPECT_EQ(order({{"b", 1, {}}, {"x", 2, {"b", "y"}}, {"y", 2, {"z"}}, {"z", 2, {"b", "y"}}}),
            "y:z models read each other in a circle: y -> z -> y");
  EXPECT_EQ(order({{"x", 2, {"x"}}}), "x:x models read each other in a circle: x -> x");
}

}  // namespace
}  // namespace claimlake::pack
