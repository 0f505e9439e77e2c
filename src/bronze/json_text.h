#pragma once

#include <optional>
#include <string_view>

#include "bronze/raw_rows.h"

namespace claimlake::bronze {

// A place in JSON text (RFC 8259, nothing looser). The text is well-formed UTF-8; behind `end`
// stands a byte below 32, and 16 bytes can be read there: scanning needs no end checks. The skip
// functions move `at` behind what they name; where that is not there they return false, and
// `error` says why, with `at` where it was seen.
struct JsonCursor {
  const char* at;
  const char* end;
  const char* error = "";

  void skip_space() {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) ++at;
  }
  bool fail(const char* why) {
    error = why;
    return false;
  }
};

// At '"'. `escaped` tells whether there is a backslash in the string.
bool skip_string(JsonCursor& cursor, bool& escaped);
// At '-' or a digit.
bool skip_number(JsonCursor& cursor);
// Any value; objects and arrays are checked to the last byte, at most 64 deep.
bool skip_value(JsonCursor& cursor);

// The text of a string, given what stands between its quotes, with its escapes undone in `arena`.
// Nothing if a \u escape is half of a surrogate pair. `inside` passed skip_string.
std::optional<std::string_view> unescape(std::string_view inside, TextArena& arena);

}  // namespace claimlake::bronze
