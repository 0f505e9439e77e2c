#pragma once

#include <cstdint>
#include <vector>

namespace claimlake::sim {

// What a process does, one after the other. What makes it do so, be it a person, a time or a
// change, is a step too.
enum class Step {
  kIngest,
  kRun,
  kArrival,
  kParent,
  kPerson,    // a statement (person.h)
  kMidnight,  // the day turns
  kMonthEnd,  // up to a month goes by: nobody else may be at work, writers do not rest so long
  kDrop,      // a person drops a Bronze table; alone in its life
  kWaive,     // a person waives a rule for a refused row, or withdraws a waiver
  kVacuum,    // a person vacuums all tables that the pack makes
  kMakeEnvironment,
  kDropEnvironment,  // these two alone in their lives
  kLive,             // the pipeline runs by itself, and its mode is switched (live_pipeline.h)
};

// What happens to a life.
struct Fortune {
  std::vector<Step> steps;
  std::int64_t kill_at = -1;    // the number of the store operation; negative: never
  std::int64_t pause_at = -1;   // here other processes go first
  std::int64_t full_at = -1;    // from here on nothing can be written
  bool kill_after = false;      // it still happens
  int faults_per_mille = 0;     // of operations that change the store; fewer of the others
  int surprises_per_mille = 0;  // arrivals, readers and late requests between two operations
  bool quiet = false;           // Step::kLive comes to rest in the end
  bool in_environment = false;  // it works in the environment
  bool old_edition = false;     // its pack is the one before the newest
};

}  // namespace claimlake::sim
