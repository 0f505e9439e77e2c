#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace claimlake::pack {

// Where something stands in a text. Both count from 1; a column is a character, not a byte.
struct Place {
  int line = 1;
  int column = 1;
  bool operator==(const Place&) const = default;
};

// The place of byte `offset` of `text` (its end if the text is shorter).
Place place_of(std::string_view text, std::size_t offset);
// Gives the places of offsets that mostly ascend, reading the text once.
class Places {
 public:
  explicit Places(std::string_view text) : text_(text) {}
  Place at(std::size_t offset);

 private:
  std::string_view text_;
  std::size_t offset_ = 0;
  Place place_;
};
// The byte at `place`; the end of the line or text if there is no such place.
std::size_t offset_of(std::string_view text, Place place);

// "file:line:column".
std::string where(std::string_view file, Place place);
// A kInvalidInput error at that place.
Error error_at(std::string_view file, Place place, std::string message, std::string next = {});
// " (did you mean X?)" if one of `candidates` is near `word`, else "".
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace claimlake::pack
