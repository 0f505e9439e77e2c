#include "datagen/date_texts.h"

#include <string>

#include "base/check.h"

namespace claimlake::datagen {
namespace {

constexpr Day kDaysBack = 32'000;  // the oldest customer is 80 years old, with room for defects
constexpr Day kDaysAhead = 1'000;

}  // namespace

DateTexts::DateTexts(Day as_of) : first_(as_of - kDaysBack) {
  for (Day day = first_; day < as_of + kDaysAhead; ++day) {
    const std::string text = to_text(date_of(day));
    CHECK(text.size() == 10, "the generator checked that years have four digits");
    texts_.insert(texts_.end(), text.begin(), text.end());
  }
}

std::string_view DateTexts::text(Day day) const {
  const auto at = static_cast<std::size_t>(day - first_) * 10;
  CHECK(at + 10 <= texts_.size(), "day outside the calendar of the book");
  return {texts_.data() + at, 10};
}

int DateTexts::year(Day day) const {
  const std::string_view date = text(day);
  return (date[0] - '0') * 1000 + (date[1] - '0') * 100 + (date[2] - '0') * 10 + (date[3] - '0');
}

int DateTexts::month(Day day) const {
  const std::string_view date = text(day);
  return (date[5] - '0') * 10 + (date[6] - '0');
}

}  // namespace claimlake::datagen
