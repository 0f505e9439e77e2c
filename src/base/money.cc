#include "base/money.h"

#include <fmt/format.h>

#include <limits>

namespace claimlake {

Result<Money> add(Money left, Money right) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(left.cents(), right.cents(), &sum)) {
    return Error{Fault::kInvalidInput, "Sum of amounts exceeds 64 bits"};
  }
  return Money::cents(sum);
}

Result<Money> share(Money amount, std::int32_t basis_points) {
  __extension__ using Wide = __int128;
  const Wide product = static_cast<Wide>(amount.cents()) * basis_points;
  const Wide rounded = (product + (product < 0 ? -5'000 : 5'000)) / 10'000;
  if (rounded > std::numeric_limits<std::int64_t>::max() ||
      rounded < std::numeric_limits<std::int64_t>::min()) {
    return Error{Fault::kInvalidInput, "Share of an amount exceeds 64 bits"};
  }
  return Money::cents(static_cast<std::int64_t>(rounded));
}

std::string to_text(Money amount) {
  const bool negative = amount.cents() < 0;
  const auto magnitude = negative ? 0 - static_cast<std::uint64_t>(amount.cents())
                                  : static_cast<std::uint64_t>(amount.cents());
  return fmt::format("{}{}.{:02}", negative ? "-" : "", magnitude / 100, magnitude % 100);
}

}  // namespace claimlake
