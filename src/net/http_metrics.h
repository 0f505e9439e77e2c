#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "base/guarded.h"

namespace claimlake::net {

// Counts what the server did, for Prometheus. Thread-safe.
class HttpMetrics {
 public:
  // One answered request. `route` is one of few labels, never the path as sent.
  void count(std::string_view route, std::string_view method, int status,
             std::chrono::microseconds time);
  // A connection or request that was turned away, by one of few reasons.
  void count_refused(std::string_view reason);
  void set_connections(std::int64_t open);

  // In the Prometheus text format 0.0.4.
  std::string text() const;

 private:
  // Upper ends in microseconds; what is above the last counts in "+Inf" only.
  static constexpr std::array<std::int64_t, 12> kBuckets = {
      500,    1'000,   2'500,   5'000,     10'000,    20'000,
      50'000, 100'000, 250'000, 1'000'000, 5'000'000, 30'000'000};
  struct Latency {
    std::array<std::int64_t, kBuckets.size()> buckets{};  // not cumulative
    std::int64_t count = 0;
    std::int64_t sum_us = 0;
  };
  struct Counts {
    std::map<std::tuple<std::string, std::string, int>, std::int64_t> requests;
    std::map<std::string, Latency> latencies;  // by route
    std::map<std::string, std::int64_t> refused;
    std::int64_t connections = 0;
  };
  Guarded<Counts> counts_;
};

// `text` as the value of a Prometheus label, without the quotes.
std::string label_value(std::string_view text);

}  // namespace claimlake::net
