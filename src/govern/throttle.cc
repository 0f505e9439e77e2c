#include "govern/throttle.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "govern/secret.h"

namespace claimlake::govern {
namespace {

std::int64_t micros(std::chrono::steady_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

}  // namespace

Throttle::Throttle(const Clock& clock, Random& random) : clock_(clock), empty_at_(2 * kCells, 0) {
  const std::string key = random_bytes(random, sizeof hash_key_);
  std::memcpy(hash_key_, key.data(), sizeof hash_key_);
}

Throttle::Places Throttle::places_of(std::string_view key) const {
  static_assert(crypto_shorthash_KEYBYTES == sizeof hash_key_);
  std::uint64_t hash = 0;
  static_assert(crypto_shorthash_BYTES == sizeof hash);
  crypto_shorthash(reinterpret_cast<unsigned char*>(&hash),
                   reinterpret_cast<const unsigned char*>(key.data()), key.size(), hash_key_);
  return {static_cast<std::size_t>(hash % kCells),
          kCells + static_cast<std::size_t>((hash >> 32) % kCells)};
}

std::chrono::microseconds Throttle::take(std::string_view key, const Rate& rate) {
  const auto [first, second] = places_of(key);
  const std::int64_t now = micros(clock_.steady_now());
  const std::int64_t room = rate.every.count() * (rate.at_once - 1);
  const std::lock_guard lock(mutex_);
  const std::int64_t full = std::min(empty_at_[first], empty_at_[second]) - now;
  if (full > room) return std::chrono::microseconds(full - room);
  for (const std::size_t place : {first, second}) {
    empty_at_[place] = std::max(empty_at_[place], now) + rate.every.count();
  }
  return std::chrono::microseconds(0);
}

void Throttle::give_back(std::string_view key, const Rate& rate) {
  const auto [first, second] = places_of(key);
  const std::lock_guard lock(mutex_);
  for (const std::size_t place : {first, second}) empty_at_[place] -= rate.every.count();
}

}  // namespace claimlake::govern
