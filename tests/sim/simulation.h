#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "pack/pack.h"

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
Outcome simulate(std::uint64_t seed, const pack::Pack& pack);

// One fixed history (first files, then a parent that was missing and a changed file) in which the
// process dies before store operation `number`; Outcome::deaths is empty if there are fewer.
Outcome die_at(std::int64_t number, const pack::Pack& pack);

// A process comes to store operation `number` of its ingest and run, and then a second one does
// all of its own, with a parent for which claims waited; then the first goes on. Outcome::paused
// is false if there are fewer operations.
Outcome pause_at(std::int64_t number, const pack::Pack& pack);

}  // namespace claimlake::sim
