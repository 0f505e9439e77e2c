// The texts that `table check` reads with code of its own: a deletion vector's bytes, lines of a
// log, schemas, statistics, partition values. Whatever they are, it says what is wrong and goes on;
// and a bitmap that it takes is the same one for the library that reads tables.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "check/actions.h"
#include "check/features.h"
#include "check/partition_value.h"
#include "check/roaring.h"
#include "check/statistics.h"
#include "check/table_log.h"
#include "delta/row_set.h"

using namespace claimlake;         // NOLINT
using namespace claimlake::check;  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::uint64_t rows = 0;
  const RoaringRows found =
      read_roaring(text, [&](std::uint64_t, std::uint64_t count) { rows += count; });
  CHECK(!found.problem.empty() || rows == found.count, "ranges and their number differ");
  if (const auto library = delta::RowSet::parse(text)) {
    CHECK(found.problem.empty() && library->size() == found.count, "the library sees other rows");
  }
  Findings findings;
  TableLog log(findings);
  log.begin({}, "log");
  log.commit(0, "0.json", text);
  log.commit(1, "1.json", text);
  read_stats(text);
  for (const char* type : {"timestamp", "date", "decimal(3,1)", "byte", "double"}) {
    is_partition_value(text, type);
  }
  return 0;
}
