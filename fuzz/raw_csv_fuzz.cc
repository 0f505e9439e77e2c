// Any bytes as a CSV file: no crash, texts are UTF-8, positions ascend, and neither rows nor broken
// records depend on how the file is split.

#include <string>

#include "base/check.h"
#include "base/text.h"
#include "bronze/raw_scan_for_test.h"

using namespace claimlake;          // NOLINT: a fuzz target is one file
using namespace claimlake::bronze;  // NOLINT

namespace {

const RawSchema& schema() {
  static const RawSchema schema{{{.name = "a", .required = true},
                                 {.name = "b", .type = RawType::kDecimal},
                                 {.name = "c", .type = RawType::kInteger},
                                 {.name = "d", .type = RawType::kBool},
                                 {.name = "e", .type = RawType::kDate},
                                 {.name = "f", .type = RawType::kTimestamp},
                                 {.name = "g", .type = RawType::kDouble}}};
  return schema;
}

Scanned scan(const std::string& bytes, std::int64_t block_bytes, std::int64_t part_bytes) {
  RawOptions options;
  options.record_bytes_max = 200;
  options.block_bytes = block_bytes;
  options.part_bytes = part_bytes;
  return scan_all(open_raw_csv, schema(), raw_input(bytes), options);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::int64_t block_bytes = 1 + data[0];
  const std::int64_t part_bytes = 1 + data[1];
  const std::string bytes(reinterpret_cast<const char*>(data) + 2, size - 2);

  const Scanned whole = scan(bytes, 1 << 20, 1 << 20);
  const Scanned parts = scan(bytes, block_bytes, part_bytes);

  CHECK(whole.error.has_value() == parts.error.has_value(), "the split decides over an error");
  CHECK(whole.rows == parts.rows, "rows depend on the split");
  CHECK(whole.broken.size() == parts.broken.size(), "broken records depend on the split");
  std::int64_t last = -1;
  for (const ScannedRow& row : whole.rows) {
    const std::int64_t position = std::stoll(row.at("_source_position"));
    CHECK(position > last && position < static_cast<std::int64_t>(bytes.size()), "position");
    last = position;
    for (const auto& [name, value] : row) CHECK(is_utf8(value), "a text is not UTF-8");
  }
  for (std::size_t i = 0; i < whole.broken.size(); ++i) {
    CHECK(whole.broken[i].position == parts.broken[i].position, "broken position");
    CHECK(whole.broken[i].reason == parts.broken[i].reason, "broken reason");
    CHECK(is_utf8(whole.broken[i].payload), "a payload is not UTF-8");
  }
  return 0;
}
