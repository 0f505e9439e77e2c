#include "base/result.h"

namespace claimlake {

const char* fault_name(Fault fault) {
  switch (fault) {
    case Fault::kInvalidInput:
      return "invalid_input";
    case Fault::kNotFound:
      return "not_found";
    case Fault::kConflict:
      return "conflict";
    case Fault::kUnavailable:
      return "unavailable";
    case Fault::kTimeout:
      return "timeout";
    case Fault::kCancelled:
      return "cancelled";
    case Fault::kCorrupt:
      return "corrupt";
  }
  return "unknown";
}

Error Error::in(std::string_view step) && {
  message = std::string(step) + ": " + message;
  return std::move(*this);
}

Error Error::at(std::string place) && {
  if (where.empty()) where = std::move(place);
  return std::move(*this);
}

Error Error::then(std::string step) && {
  if (next.empty()) next = std::move(step);
  return std::move(*this);
}

std::string Error::text() const {
  std::string text = message;
  if (!where.empty()) text += "\n  where  " + where;
  if (!next.empty()) text += "\n  try    " + next;
  return text;
}

}  // namespace claimlake
