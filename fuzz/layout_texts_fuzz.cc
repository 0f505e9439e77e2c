// What a table of another engine may say of how its rows are laid out: the clustering domain, the
// list of columns with statistics, and statistics of files. Any bytes are read or refused, and what
// is written of what was read reads back as the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "delta/clustering.h"
#include "delta/stats_columns.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace claimlake;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto columns = delta::parse_stats_columns(text)) {
    const auto again = delta::parse_stats_columns(delta::stats_columns_text(*columns));
    CHECK(again && *again == *columns, "a list of columns reads back as it was written");
  }
  (void)delta::parse_clustering(text);
  // Statistics that cannot be read are left out, others keep their shape.
  const std::string less = delta::without_bounds(text, {{"a"}, {"s", "b"}});
  CHECK(less.empty() || (less.front() == '{' && less.back() == '}'), "an object or nothing");
  return 0;
}
