#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace claimlake {

// An exact amount in US cents. Stored in tables as DECIMAL(18,2).
class Money {
 public:
  static constexpr Money cents(std::int64_t cents) { return Money(cents); }
  constexpr std::int64_t cents() const { return cents_; }
  auto operator<=>(const Money&) const = default;

 private:
  explicit constexpr Money(std::int64_t cents) : cents_(cents) {}
  std::int64_t cents_ = 0;
};

// Errors: kInvalidInput if the sum does not fit into 64 bits.
Result<Money> add(Money left, Money right);
// `amount` x `basis_points` / 10,000, rounded half away from zero. 100 % is 10,000 basis points.
// Errors: kInvalidInput if the result does not fit into 64 bits.
Result<Money> share(Money amount, std::int32_t basis_points);
// "-1234.05".
std::string to_text(Money amount);

}  // namespace claimlake
