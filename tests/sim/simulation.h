#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "editions.h"
#include "planted.h"

namespace claimlake::sim {

// How one simulated history went.
struct Outcome {
  std::string violation;              // empty: all held
  std::string story;                  // what happened, for a person
  std::map<std::string, int> deaths;  // by store operation
  bool paused = false;
  std::int64_t operations = 0;  // of the processes
};

// The history that `seed` decides: processes live and die one after the other or two at a time,
// files arrive, the store misbehaves; then all is well, and everything must be there.
Outcome simulate(std::uint64_t seed, const Editions& editions, Plant plant = Plant::kNone);

// The pipeline runs by itself, alone or beside another process, is told other modes while changes
// come, and dies; at each quiet point, brought about as the mode asks, everything must be there.
Outcome switch_modes(std::uint64_t seed, const Editions& editions, Plant plant = Plant::kNone);

// One fixed history (first files, then a parent that was missing and a changed file) in which the
// process dies before store operation `number`; Outcome::deaths is empty if there are fewer.
Outcome die_at(std::int64_t number, const Editions& editions);

// A process comes to store operation `number` of its ingest and run, and then a second one does
// all of its own, with a parent for which claims waited; then the first goes on. Outcome::paused
// is false if there are fewer operations.
Outcome pause_at(std::int64_t number, const Editions& editions);

// The same files, with corrections, copies and claims before their policies, arrive in three orders
// and in groups, while days turn and months close; in the end people must see the same.
Outcome in_any_order(std::uint64_t seed, const Editions& editions);

}  // namespace claimlake::sim
