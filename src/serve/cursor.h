#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "delta/action.h"

namespace claimlake::serve {

// Where the next page of a list begins. Clients keep it as an opaque text.
struct Cursor {
  std::string query;                                  // digest of filters and order
  std::map<std::string, delta::LogVersion> versions;  // of the tables read; -1: without a version
  std::vector<std::optional<std::string>> after;      // order values of the last row given
  std::int64_t offset = 0;                            // rows before the next page

  std::string text() const;
  // Nothing if `text` is not a cursor.
  static std::optional<Cursor> parse(std::string_view text);
};

}  // namespace claimlake::serve
