// Any bytes as a JSON file: no crash, texts are UTF-8, rows do not depend on how the file is split,
// and lines are taken or refused as another parser does.

#include <cctype>
#include <nlohmann/json.hpp>
#include <string>

#include "base/check.h"
#include "base/text.h"
#include "bronze/raw_scan_for_test.h"

using namespace claimlake;          // NOLINT: a fuzz target is one file
using namespace claimlake::bronze;  // NOLINT

namespace {

const RawSchema& schema() {
  static const RawSchema schema{{{.name = "a"},
                                 {.name = "b", .type = RawType::kDecimal},
                                 {.name = "c", .type = RawType::kInteger},
                                 {.name = "d", .type = RawType::kBool},
                                 {.name = "e", .type = RawType::kTimestamp}}};
  return schema;
}

Scanned scan(const std::string& bytes, std::int64_t block_bytes, std::int64_t part_bytes) {
  RawOptions options;
  options.record_bytes_max = 400;
  options.block_bytes = block_bytes;
  options.part_bytes = part_bytes;
  return scan_all(open_raw_json, schema(), raw_input(bytes, "claims.jsonl"), options);
}

// The other parser refuses numbers that are no double and every half pair; we look only at the
// form of numbers, and at pairs only where a text is wanted.
bool comparable(std::string_view line) {
  if (line.find("\\u") != std::string_view::npos || line.size() > 300) return false;
  for (std::size_t i = 1; i < line.size(); ++i) {
    const bool exponent = line[i] == 'e' || line[i] == 'E';
    if (exponent && std::isdigit(static_cast<unsigned char>(line[i - 1])) != 0) return false;
  }
  return true;
}

void compare_lines(const std::string& bytes, const Scanned& scanned) {
  for (const ScannedRow& row : scanned.rows) {
    const auto from = static_cast<std::size_t>(std::stoll(row.at("_source_position")));
    const std::string_view line =
        std::string_view(bytes).substr(from, bytes.find('\n', from) - from);
    if (!comparable(line)) continue;
    const bool other = nlohmann::json::accept(line);
    CHECK(other, "a line was taken that the other parser refuses");
  }
  for (const UnreadableRecord& record : scanned.broken) {
    const bool form = record.reason.find("not valid JSON") != std::string::npos &&
                      record.reason.find("nested too deeply") == std::string::npos;
    if (!form || !comparable(record.payload)) continue;
    CHECK(!nlohmann::json::accept(record.payload), "a line was refused that is valid");
  }
}

bool is_document(const std::string& bytes) {
  // Where an object goes on over lines, a row is no line.
  const Scanned one = scan(bytes, 1 << 20, 1);
  return one.part_count <= 1;
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
  for (std::size_t i = 0; i < whole.broken.size(); ++i) {
    CHECK(whole.broken[i].position == parts.broken[i].position, "broken position");
    CHECK(whole.broken[i].reason == parts.broken[i].reason, "broken reason");
    CHECK(is_utf8(whole.broken[i].payload), "a payload is not UTF-8");
  }
  for (const ScannedRow& row : whole.rows) {
    for (const auto& [name, value] : row) CHECK(is_utf8(value), "a text is not UTF-8");
  }
  if (!is_document(bytes)) compare_lines(bytes, whole);
  return 0;
}
