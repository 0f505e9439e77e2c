#include "bronze/json_text.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <bit>
#include <bitset>
#include <cstdint>
#include <cstring>

namespace claimlake::bronze {
namespace {

constexpr std::size_t kDepthMax = 64;

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

int hex_value(char letter) {
  if (is_digit(letter)) return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
  return -1;
}

// The next quote, backslash or control character. There is one: see JsonCursor.
const char* next_special(const char* at) {
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i last_control = _mm_set1_epi8(0x1f);
  for (;; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    const __m128i marks =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash));
    const auto hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(marks, control)));
    if (hits != 0) return at + std::countr_zero(hits);
  }
#else
  while (*at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= 0x20) ++at;
  return at;
#endif
}

// At the letter behind a backslash.
bool skip_escape(JsonCursor& cursor) {
  if (*cursor.at == 'u') {
    for (int i = 1; i <= 4; ++i) {
      if (hex_value(cursor.at[i]) < 0) return cursor.fail("a \\u escape needs four hex digits");
    }
    cursor.at += 5;
    return true;
  }
  if (*cursor.at == '\0' || std::strchr("\"\\/bfnrt", *cursor.at) == nullptr) {
    return cursor.fail("there is no such escape");
  }
  ++cursor.at;
  return true;
}

bool skip_word(JsonCursor& cursor, std::string_view word) {
  if (static_cast<std::size_t>(cursor.end - cursor.at) < word.size() ||
      std::memcmp(cursor.at, word.data(), word.size()) != 0) {
    return cursor.fail("a value is expected");
  }
  cursor.at += word.size();
  return true;
}

bool skip_scalar(JsonCursor& cursor) {
  bool escaped = false;
  switch (*cursor.at) {
    case '"':
      return skip_string(cursor, escaped);
    case 't':
      return skip_word(cursor, "true");
    case 'f':
      return skip_word(cursor, "false");
    case 'n':
      return skip_word(cursor, "null");
    default:
      return skip_number(cursor);
  }
}

// A name and its colon.
bool skip_name(JsonCursor& cursor) {
  bool escaped = false;
  if (*cursor.at != '"') return cursor.fail("a field name in quotes is expected");
  if (!skip_string(cursor, escaped)) return false;
  cursor.skip_space();
  if (*cursor.at != ':') return cursor.fail("a colon is expected behind a field name");
  ++cursor.at;
  return true;
}

std::uint32_t code_unit(const char* digits) {
  std::uint32_t unit = 0;
  for (int i = 0; i < 4; ++i) unit = unit * 16 + static_cast<std::uint32_t>(hex_value(digits[i]));
  return unit;
}

char* put_utf8(std::uint32_t code, char* out) {
  const auto byte = [&out](std::uint32_t value) { *out++ = static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xc0 | code >> 6);
    byte(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    byte(0xe0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3f));
    byte(0x80 | (code & 0x3f));
  } else {
    byte(0xf0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3f));
    byte(0x80 | (code >> 6 & 0x3f));
    byte(0x80 | (code & 0x3f));
  }
  return out;
}

char simple_escape(char letter) {
  switch (letter) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return letter;
  }
}

}  // namespace

bool skip_string(JsonCursor& cursor, bool& escaped) {
  ++cursor.at;
  for (;;) {
    cursor.at = next_special(cursor.at);
    if (cursor.at >= cursor.end) return cursor.fail("a string is not closed");
    if (*cursor.at == '"') {
      ++cursor.at;
      return true;
    }
    if (*cursor.at != '\\') return cursor.fail("a control character stands in a string");
    escaped = true;
    ++cursor.at;
    if (!skip_escape(cursor)) return false;
  }
}

bool skip_number(JsonCursor& cursor) {
  const char* at = cursor.at;
  if (*at == '-') ++at;
  if (!is_digit(*at)) return cursor.fail("a value is expected");
  if (*at == '0' && is_digit(at[1])) return cursor.fail("a number begins with 0");
  while (is_digit(*at)) ++at;
  if (*at == '.') {
    if (!is_digit(*++at)) return cursor.fail("a digit is expected behind the decimal point");
    while (is_digit(*at)) ++at;
  }
  if (*at == 'e' || *at == 'E') {
    ++at;
    if (*at == '+' || *at == '-') ++at;
    if (!is_digit(*at)) return cursor.fail("a digit is expected in the exponent");
    while (is_digit(*at)) ++at;
  }
  cursor.at = at;
  return true;
}

bool skip_value(JsonCursor& cursor) {
  std::bitset<kDepthMax> is_object;
  std::size_t depth = 0;
  for (;;) {
    // A value begins here.
    cursor.skip_space();
    const char first = *cursor.at;
    if (first == '{' || first == '[') {
      if (depth == kDepthMax) return cursor.fail("values are nested too deeply");
      is_object[depth++] = first == '{';
      ++cursor.at;
      cursor.skip_space();
      const bool empty = *cursor.at == (first == '{' ? '}' : ']');
      if (!empty) {
        if (first == '{' && !skip_name(cursor)) return false;
        continue;
      }
    } else {
      if (!skip_scalar(cursor)) return false;
      if (depth == 0) return true;
      cursor.skip_space();
    }
    // A value ended here, or an empty object or array ends here: close all that ends.
    while (*cursor.at == (is_object[depth - 1] ? '}' : ']')) {
      ++cursor.at;
      if (--depth == 0) return true;
      cursor.skip_space();
    }
    if (*cursor.at != ',') return cursor.fail("a comma or the end of the value is expected");
    ++cursor.at;
    cursor.skip_space();
    if (is_object[depth - 1] && !skip_name(cursor)) return false;
  }
}

std::optional<std::string_view> unescape(std::string_view inside, TextArena& arena) {
  char* const begin = arena.allocate(inside.size());  // an escape is longer than what it stands for
  char* out = begin;
  for (std::size_t at = 0; at < inside.size();) {
    if (inside[at] != '\\') {
      *out++ = inside[at++];
      continue;
    }
    const char letter = inside[at + 1];
    if (letter != 'u') {
      *out++ = simple_escape(letter);
      at += 2;
      continue;
    }
    std::uint32_t code = code_unit(inside.data() + at + 2);
    at += 6;
    if (code >= 0xd800 && code < 0xe000) {
      const bool pair =
          code < 0xdc00 && at + 6 <= inside.size() && inside[at] == '\\' && inside[at + 1] == 'u';
      const std::uint32_t low = pair ? code_unit(inside.data() + at + 2) : 0;
      if (low < 0xdc00 || low >= 0xe000) return std::nullopt;
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      at += 6;
    }
    out = put_utf8(code, out);
  }
  return std::string_view(begin, static_cast<std::size_t>(out - begin));
}

}  // namespace claimlake::bronze
