#pragma once

#include <cstdint>
#include <mutex>
#include <string>

namespace claimlake {

// The source of all randomness in the program. Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  // 64 random bits.
  virtual std::uint64_t next() = 0;
  // Uniform in [0, limit); limit > 0.
  std::uint64_t below(std::uint64_t limit);
};

// The operating system's generator, unpredictable.
class SystemRandom final : public Random {
 public:
  std::uint64_t next() override;
};

// The same numbers for the same seed on every machine (SplitMix64).
// Source: Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override;

 private:
  std::mutex mutex_;
  std::uint64_t state_;
};

// A version 4 UUID (RFC 9562), lower case with dashes.
std::string uuid4(Random& random);

}  // namespace claimlake
