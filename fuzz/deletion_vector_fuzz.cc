// Bytes of a deletion vector, in a file or inline: read or refused, and what was read is written
// and read again as the same rows.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "delta/row_set.h"
#include "delta/z85.h"

using namespace claimlake;         // NOLINT
using namespace claimlake::delta;  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto bytes = z85_decode(text)) {
    CHECK(z85_encode(*bytes) == text, "Z85 text changes on the way");
  }
  const auto rows = RowSet::parse(text);
  if (!rows) return 0;
  const auto again = RowSet::parse(rows->serialize());
  CHECK(again && *again == *rows, "rows change on the way");
  bool marked[64];
  rows->mark(0, marked);
  for (std::uint64_t i = 0; i < 64; ++i) CHECK(marked[i] == rows->contains(i), "marks differ");
  return 0;
}
