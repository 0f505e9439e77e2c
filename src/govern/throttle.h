#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"

namespace claimlake::govern {

// How often something may be done: `at_once` times, then once in `every`.
struct Rate {
  int at_once;
  std::chrono::microseconds every;
};

// Counts attempts by key in memory of a fixed size. The idea: a count-min sketch whose cells are
// leaky buckets. A key has one cell in each of two rows, by two hashes that nobody outside can
// foresee, and is held back only where both are full. Others' attempts can fill a cell, never empty
// it, so a flood of keys pushes nobody's count out. Thread-safe.
class Throttle {
 public:
  Throttle(const Clock& clock, Random& random);  // `clock` outlives this

  // Counts one attempt of `key`; zero if it may go on, else how long to wait, and it counts
  // nothing.
  std::chrono::microseconds take(std::string_view key, const Rate& rate);
  // Takes one attempt back that take() counted: it was no wrong one.
  void give_back(std::string_view key, const Rate& rate);

 private:
  static constexpr std::size_t kCells = std::size_t{1} << 16;  // in a row; two rows are 1 MB
  struct Places {
    std::size_t first, second;
  };
  Places places_of(std::string_view key) const;

  const Clock& clock_;
  unsigned char hash_key_[16];
  std::mutex mutex_;
  // When the bucket of a cell will be empty, in microseconds of the steady clock.
  std::vector<std::int64_t> empty_at_;
};

}  // namespace claimlake::govern
