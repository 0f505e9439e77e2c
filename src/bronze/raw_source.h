#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "engine/row_source.h"
#include "store/store.h"

namespace claimlake::bronze {

// What a declared column holds. Decimals other than DECIMAL(p <= 18, 2), doubles and dates are
// checked here and handed on as text, to be cast in SQL; such a cast cannot fail.
enum class RawType { kText, kBool, kInteger, kLong, kDecimal, kDouble, kDate, kTimestamp };

struct RawColumn {
  std::string name;
  RawType type = RawType::kText;
  int precision = 18, scale = 2;  // of kDecimal, precision 1..38
  bool required = false;          // the CSV header and every JSON object must have it
};
struct RawSchema {
  std::vector<RawColumn> columns;
};
// The type in which the engine gets `column`.
engine::SourceType source_type(const RawColumn& column);

// A record that is no row: unreadable, or without a required field. It is left out of the rows.
struct UnreadableRecord {
  std::int64_t position = 0;  // of its first byte in the file
  std::string reason;         // for a person
  std::string payload;        // its bytes, ill-formed UTF-8 replaced; the first MB of a longer one
};
// Called for each broken record as it is met: by any thread that scans, by several at once, and
// again if the source is scanned again.
using UnreadableRecordSink = std::function<void(UnreadableRecord)>;

struct RawOptions {
  std::int64_t record_bytes_max = 16 << 20;  // a longer record is broken
  std::int64_t block_bytes = 2 << 20;        // read at once; memory per scan is about twice this
  std::int64_t part_bytes = 24 << 20;        // size of a part: enough parts to share, few to begin
  UnreadableRecordSink on_broken;            // may be empty
};

// One raw file and what its rows say about where they come from.
struct RawInput {
  std::shared_ptr<const store::Reader> reader;
  std::string source_file;  // relative to the raw folder; also names the file in errors
  std::string batch_id;
  Timestamp ingested_at{};
};

// The rows of a file as the relation raw.<source> of docs/formats/model.md: the declared columns,
// then _ingestion_timestamp, _source_file, _batch_id, _source_position (the byte offset of the
// record) and _rescued_data (a JSON object of fields that are not declared and of values that do
// not fit, null where all fitted). A declared column that the file lacks is null. Files are split
// into parts at record boundaries; the rows do not depend on the split. docs/formats/raw.md says
// how bytes are read.
// Errors: kInvalidInput for a file without rows, and for CSV a header without a required column
// or with one column twice: names the file, what was expected and found, and the next step. While
// scanning: those of the reader.
Result<std::unique_ptr<engine::RowSource>> open_raw_csv(const RawSchema& schema, RawInput input,
                                                        RawOptions options = {});
// JSON objects: one per line, or one or many over several lines, or an array of objects.
Result<std::unique_ptr<engine::RowSource>> open_raw_json(const RawSchema& schema, RawInput input,
                                                         RawOptions options = {});

}  // namespace claimlake::bronze
