#pragma once

#include <cstdint>

namespace claimlake::datagen {

// One step of SplitMix64's output function: spreads every bit of `z` over the result.
// Source: Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014.
constexpr std::uint64_t spread(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

// A stream of random numbers for one block of the book. claimlake::Random is not used here: its
// lock and virtual call would cost more than the row that is written. Integers only, so that every
// machine draws the same. One thread at a time.
class Draw {
 public:
  // Streams with different `stream` are independent of each other.
  Draw(std::uint64_t seed, std::uint64_t stream)
      : state_(spread(seed + 0x9e3779b97f4a7c15ULL) ^ spread(stream * 0xd1342543de82ef95ULL + 1)) {}

  std::uint64_t next() { return spread(state_ += 0x9e3779b97f4a7c15ULL); }
  // Uniform in [0, limit). The bias is below limit / 2^32.
  std::uint32_t below(std::uint32_t limit) {
    return static_cast<std::uint32_t>(((next() >> 32) * limit) >> 32);
  }
  // Uniform in [low, high].
  int between(int low, int high) {
    return low + static_cast<int>(below(static_cast<std::uint32_t>(high - low + 1)));
  }
  bool percent(std::uint32_t share) { return below(100) < share; }
  bool per_million(std::uint32_t share) { return below(1'000'000) < share; }

 private:
  std::uint64_t state_;
};

}  // namespace claimlake::datagen
