#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace claimlake::delta {

// Bounds in file statistics, cut short as the protocol asks (PROTOCOL.md, "Per-file Statistics").
// A bound that is cut must stay a bound: not above the least value, not below the greatest.

// delta.dataSkippingStringPrefixLength, in UTF-16 units.
inline constexpr int kStatsTextUnits = 32;

// The start of the least value. `value` is UTF-8.
std::string lower_text(std::string_view value, int units = kStatsTextUnits);
// The start of the greatest value and, if something was cut off, a character that sorts after all
// that was. Absent if there is none: then the file states no upper bound.
std::optional<std::string> upper_text(std::string_view value, int units = kStatsTextUnits);

// What an upper bound of a time in microseconds means: statistics hold floored milliseconds, and
// the floor took up to 999 microseconds away. Does not overflow.
std::int64_t widened_upper_time(std::int64_t micros);

// The statistics of a file that has lost rows to a deletion vector: what they say of bounds still
// holds, but the bounds need not be reached any more ("tightBounds": false). "" stays "".
std::string with_wide_bounds(std::string_view stats_json);

// Whether the statistics say that their bounds are values of rows that are there ("tightBounds");
// absent if they do not say.
std::optional<bool> tight_bounds(std::string_view stats_json);

}  // namespace claimlake::delta
