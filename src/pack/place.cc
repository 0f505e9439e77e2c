#include "pack/place.h"

#include <algorithm>

#include "base/text.h"

namespace claimlake::pack {
namespace {

// Bytes that continue a UTF-8 character do not count as characters.
bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

}  // namespace

Place Places::at(std::size_t offset) {
  if (offset < offset_) {
    offset_ = 0;
    place_ = {};
  }
  for (; offset_ < std::min(offset, text_.size()); ++offset_) {
    const char c = text_[offset_];
    if (c == '\n') {
      ++place_.line;
      place_.column = 1;
    } else if (starts_character(c)) {
      ++place_.column;
    }
  }
  return place_;
}

Place place_of(std::string_view text, std::size_t offset) { return Places(text).at(offset); }

std::size_t offset_of(std::string_view text, Place place) {
  std::size_t at = 0;
  for (int line = 1; line < place.line; ++line) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) return text.size();
    at = end + 1;
  }
  for (int column = 1; at < text.size() && text[at] != '\n'; ++at) {
    if (!starts_character(text[at])) continue;
    if (column == place.column) break;
    ++column;
  }
  return at;
}

std::string where(std::string_view file, Place place) {
  return std::string(file) + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

Error error_at(std::string_view file, Place place, std::string message, std::string next) {
  return Error{Fault::kInvalidInput, std::move(message), where(file, place), std::move(next)};
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string best = nearest(word, candidates);
  return best.empty() ? "" : " (did you mean " + best + "?)";
}

}  // namespace claimlake::pack
