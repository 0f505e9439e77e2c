#include "base/random.h"

#include <fmt/format.h>
#include <sys/random.h>

#include "base/check.h"

namespace claimlake {

std::uint64_t Random::below(std::uint64_t limit) {
  CHECK(limit > 0, "limit must be positive");
  // Values past the last whole multiple of `limit` would make small results likelier.
  const std::uint64_t excess = (0 - limit) % limit;
  std::uint64_t value = next();
  while (value < excess) value = next();
  return value % limit;
}

std::uint64_t SystemRandom::next() {
  std::uint64_t value = 0;
  CHECK(getrandom(&value, sizeof value, 0) == sizeof value, "getrandom gave too few bytes");
  return value;
}

std::uint64_t SeededRandom::next() {
  const std::lock_guard lock(mutex_);
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

std::string uuid4(Random& random) {
  const std::uint64_t high = (random.next() & ~0xf000ULL) | 0x4000ULL;
  const std::uint64_t low = (random.next() >> 2) | 0x8000000000000000ULL;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff,
                     high & 0xffff, low >> 48, low & 0xffffffffffffULL);
}

}  // namespace claimlake
