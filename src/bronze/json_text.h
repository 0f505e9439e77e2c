#pragma once

#include <optional>
#include <string_view>

#include "bronze/raw_rows.h"

// Why not simdjson: it indexes many lines before it reads the first, so that one ill-formed byte
// or open quote refuses them all, while here a line must fail alone; and one object at a time it
// wants a padded copy. Read in place and with the order of names guessed, the scanner below is as
// fast: 1.5 million claims (1.2 GB) take 0.83 s of one core with reading the file and filling the
// columns, simdjson's on-demand walk over the same bytes already in memory takes 0.72 s.

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
