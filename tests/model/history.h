#pragma once

#include <cstdint>
#include <set>
#include <string>

namespace claimlake::model {

// How one history of statements went.
struct Outcome {
  std::string violation;  // empty: all held
  std::string story;      // what happened, as SQL with remarks
  std::int64_t statements = 0;
  std::int64_t versions = 0;
  std::int64_t conflicts = 0;
  std::int64_t deaths = 0;
};

inline constexpr int kSteps = 20;

// The history that `seed` decides: three writers change one table, one after the other or one in
// the midst of another; they die and start again, answers are lost, time passes. Steps in
// `left_out` do not happen, and each step is drawn by itself, so that a failing history can be made
// shorter.
Outcome run_history(std::uint64_t seed, const std::set<int>& left_out = {});

// Leaves out of a history that fails all steps without which it fails as well.
Outcome shorten(std::uint64_t seed);

}  // namespace claimlake::model
