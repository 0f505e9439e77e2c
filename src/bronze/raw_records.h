#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bronze/raw_source.h"
#include "bronze/raw_window.h"

namespace claimlake::bronze {

// One record of a line-based file, CSV or JSON lines.
struct RawRecord {
  enum Kind {
    kRecord,    // `bytes` is the record without its line end
    kBroken,    // `bytes` is what stands there, or its beginning; `reason` says why
    kNeedMore,  // nothing whole is left in the window
    kEnd,       // no record begins in the rest of the range
  };
  Kind kind = kEnd;
  std::string_view bytes;
  std::int64_t position = 0;
  bool quoted = false;  // CSV: at least one '"' is in it
  const char* reason = "";
  bool cut = false;  // the file ends with it, without a line end

  // `why` it is broken, and that the file may be cut off, if it ends in this record.
  std::string reason_of(std::string why) const;
};

// Finds the records in a window: lines, but in CSV a line end inside quotes belongs to the field.
// A field is quoted if it begins with '"'; a '"' elsewhere in a field is a plain character. If
// the quotes of a record do not come out (text after the closing one, none until the end of the
// file, or a record past the limit), its first line alone is broken, and reading goes on with the
// next line: one stray quote must not swallow the rest of the file. Where records begin depends
// on the bytes alone, so a reader and a splitter always agree.
class RecordFinder {
 public:
  enum Form { kCsv, kLines };
  // `window` outlives this and stands at the beginning of a record.
  RecordFinder(RawWindow& window, Form form, std::int64_t record_bytes_max);

  // The next record, taken out of the window; its bytes stay valid until the window grows.
  RawRecord next();
  // To be called after RawWindow::grow().
  void grown();

 private:
  RawRecord take(RawRecord::Kind kind, std::size_t bytes, bool quoted, const char* reason);
  RawRecord take_quoted(std::string_view bytes, std::size_t line_bytes, bool line_ends);
  RawRecord skip_rest_of_line();
  bool well_formed(std::string_view record) const;

  RawWindow& window_;
  const Form form_;
  const std::size_t record_bytes_max_;
  bool plain_ = false;     // no byte of the window is NUL or above 127
  bool skipping_ = false;  // inside a line that is already reported as broken
};

// Splits the range [begin, end) into parts of about `part_bytes`: the offsets where parts begin,
// ascending, the first is `begin`. Each is the beginning of a record.
Result<std::vector<std::int64_t>> split_at_records(const store::Reader& reader, std::int64_t begin,
                                                   RecordFinder::Form form,
                                                   const RawOptions& options);

// Refuses a file whose first bytes say that it is no text in UTF-8: compressed, an archive or a
// workbook, UTF-16. Read as records, it would only fill the quarantine.
Done check_text(const RawInput& input);

// The first MB of `bytes`, ill-formed UTF-8 replaced.
std::string payload_text(std::string_view bytes);

}  // namespace claimlake::bronze
