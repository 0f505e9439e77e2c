#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "bronze/json_objects.h"
#include "bronze/raw_records.h"
#include "bronze/raw_source.h"

// Two forms of file, told apart by how they begin. JSON lines: one object per line, so that the
// file can be split and a bad line spoils nothing else. Documents: objects over several lines, or
// an array of them; these are read from front to back, and where the nesting does not come out
// the rest of the file is one broken record.

namespace claimlake::bronze {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kSpace = " \t\r\n";

std::string_view without_space(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(kSpace), text.size()));
}

// What all scans of one file share.
struct JsonFile {
  RawSchema schema;
  RawInput input;
  RawOptions options;
  bool lines = true;
  std::vector<std::int64_t> parts;  // where they begin
};

// What both forms of scan do with a record.
class JsonRecords {
 public:
  explicit JsonRecords(const JsonFile& file)
      : options_(file.options), rows_(file.schema, file.input), objects_(file.schema) {}

  RawRows& rows() { return rows_; }
  void add(const RawRecord& record) {
    auto reason = objects_.read(record.bytes, rows_);
    if (!reason) return rows_.end_row(record.position);
    rows_.drop_row();
    report(record, *std::move(reason));
  }
  void report(const RawRecord& record, std::string reason) const {
    if (!options_.on_broken) return;
    options_.on_broken(
        {record.position, record.reason_of(std::move(reason)), payload_text(record.bytes)});
  }

 private:
  const RawOptions& options_;
  RawRows rows_;
  JsonObjects objects_;
};

class LinesScan final : public engine::PartScan {
 public:
  // `file` outlives this: the source owns both.
  LinesScan(const JsonFile& file, std::int64_t begin, std::int64_t end)
      : window_(*file.input.reader, begin, end, file.options.block_bytes),
        finder_(window_, RecordFinder::kLines, file.options.record_bytes_max),
        records_(file) {}

  Done next(engine::Batch& batch) override {
    RawRows& rows = records_.rows();
    rows.begin(batch);
    while (!rows.full()) {
      const RawRecord record = finder_.next();
      if (record.kind == RawRecord::kEnd) break;
      if (record.kind == RawRecord::kNeedMore) {
        if (rows.count() > 0) break;  // the rows so far point into the window
        TRY_DONE(window_.grow());
        finder_.grown();
      } else if (record.kind == RawRecord::kBroken) {
        records_.report(record, record.reason);
      } else if (!without_space(record.bytes).empty()) {
        records_.add(record);
      }
    }
    batch.rows = rows.count();
    return done();
  }

 private:
  RawWindow window_;
  RecordFinder finder_;
  JsonRecords records_;
};

// The length of the value at the beginning of `bytes`, found by its nesting alone; npos if the
// bytes end before it does.
std::size_t value_length(std::string_view bytes) {
  int depth = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    switch (bytes[at]) {
      case '"':
        for (++at; at < bytes.size() && bytes[at] != '"'; ++at) at += bytes[at] == '\\';
        if (at >= bytes.size()) return std::string_view::npos;
        break;
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        if (depth == 0) return at;  // of what is around
        --depth;
        break;
      case ',':
      case ' ':
      case '\t':
      case '\r':
      case '\n':
        if (depth == 0) return at;
        continue;
      default:
        continue;
    }
    if (depth == 0) return at + 1;
  }
  return std::string_view::npos;
}

class DocumentScan final : public engine::PartScan {
 public:
  // `file` outlives this: the source owns both.
  DocumentScan(const JsonFile& file, std::int64_t begin)
      : window_(*file.input.reader, begin, file.input.reader->size(), file.options.block_bytes),
        record_bytes_max_(static_cast<std::size_t>(file.options.record_bytes_max)),
        records_(file) {}

  Done next(engine::Batch& batch) override {
    RawRows& rows = records_.rows();
    rows.begin(batch);
    while (!rows.full() && !finished_) {
      if (step()) continue;
      if (!window_.at_end()) {
        if (rows.count() > 0) break;  // the rows so far point into the window
        TRY_DONE(window_.grow());
      } else {
        finish();
      }
    }
    batch.rows = rows.count();
    return done();
  }

 private:
  enum State { kStart, kValue, kAfterValue, kClosed };

  // Takes one value or one mark between values out of the window. False: more bytes are needed.
  bool step() {
    if (give_up_reason_ != nullptr) return report_rest();
    window_.consume(window_.bytes().size() - without_space(window_.bytes()).size());
    const std::string_view bytes = window_.bytes();
    if (bytes.empty()) return false;
    if (state_ == kStart) {
      in_array_ = bytes[0] == '[';
      state_ = kValue;
      if (in_array_) window_.consume(1);
      return true;
    }
    if (state_ == kClosed) return give_up("text follows the array");
    if (in_array_ && bytes[0] == ']' && (state_ == kAfterValue || values_ == 0)) {
      window_.consume(1);
      state_ = kClosed;
      return true;
    }
    if (in_array_ && state_ == kAfterValue) {
      if (bytes[0] != ',') return give_up("a comma or the end of the array is expected");
      window_.consume(1);
      state_ = kValue;
      return true;
    }
    return take_value(bytes);
  }

  bool take_value(std::string_view bytes) {
    const std::size_t length = value_length(bytes.substr(0, record_bytes_max_ + 1));
    if (length == std::string_view::npos || length > record_bytes_max_) {
      if (bytes.size() > record_bytes_max_) return give_up("the record is longer than the limit");
      return false;
    }
    if (length == 0) return give_up("a value is expected");
    const std::string_view record = bytes.substr(0, length);
    const std::int64_t position = window_.position();
    window_.consume(length);
    ++values_;
    state_ = in_array_ ? kAfterValue : kValue;
    if (!simdjson::validate_utf8(record.data(), record.size())) {
      records_.report(record_at(record, position), "the record is not valid UTF-8");
    } else {
      add(record, position);
    }
    return true;
  }

  // Behind the record may stand anything, so it is read from a copy with the end that the scanner
  // needs.
  void add(std::string_view record, std::int64_t position) {
    char* const copy = records_.rows().arena().allocate(record.size() + RawWindow::kPadding);
    std::memcpy(copy, record.data(), record.size());
    std::memset(copy + record.size(), 0, RawWindow::kPadding);
    records_.add(record_at({copy, record.size()}, position));
  }

  static RawRecord record_at(std::string_view bytes, std::int64_t position) {
    return {RawRecord::kRecord, bytes, position};
  }

  bool give_up(const char* reason) {
    give_up_reason_ = reason;
    return true;
  }

  // Reports what is left, once as much of it is there as a report holds.
  bool report_rest() {
    const std::string_view bytes = window_.bytes();
    if (bytes.size() < record_bytes_max_ && !window_.at_end()) return false;
    records_.report(record_at(bytes.substr(0, record_bytes_max_), window_.position()),
                    std::string(give_up_reason_) + "; the rest of the file is not read");
    finished_ = true;
    return true;
  }

  // The file ended where more was needed, or where it may end.
  void finish() {
    if (!window_.bytes().empty()) {
      give_up("the value is not complete; the file may have been cut off");
      return;
    }
    finished_ = true;
    if (in_array_ && state_ != kClosed) {
      records_.report(record_at({}, window_.position()),
                      "the array is not closed; the file may have been cut off");
    }
  }

  RawWindow window_;
  const std::size_t record_bytes_max_;
  JsonRecords records_;
  State state_ = kStart;
  bool in_array_ = false;
  bool finished_ = false;
  const char* give_up_reason_ = nullptr;  // set: nothing more can be read
  std::int64_t values_ = 0;
};

class JsonSource final : public engine::RowSource {
 public:
  explicit JsonSource(JsonFile file)
      : file_(std::move(file)), columns_(relation_columns(file_.schema)) {}

  const std::vector<engine::SourceColumn>& columns() const override { return columns_; }
  std::size_t part_count() const override { return file_.parts.size(); }
  Result<std::unique_ptr<engine::PartScan>> scan(std::size_t part) const override {
    const std::int64_t begin = file_.parts[part];
    if (!file_.lines) {
      return std::unique_ptr<engine::PartScan>(std::make_unique<DocumentScan>(file_, begin));
    }
    const std::int64_t end =
        part + 1 < file_.parts.size() ? file_.parts[part + 1] : file_.input.reader->size();
    return std::unique_ptr<engine::PartScan>(std::make_unique<LinesScan>(file_, begin, end));
  }
  // A guess: a field with its name is some thirty bytes long.
  std::int64_t estimated_rows() const override {
    const auto fields = static_cast<std::int64_t>(file_.schema.columns.size());
    return file_.input.reader->size() / (30 * std::max<std::int64_t>(1, fields)) + 1;
  }

 private:
  const JsonFile file_;
  const std::vector<engine::SourceColumn> columns_;
};

// The first two lines that are not blank, without the space before them; "" where there are none.
Result<std::pair<std::string, std::string>> first_lines(const JsonFile& file, std::int64_t begin) {
  constexpr std::int64_t kProbeBytes = 16 << 10;
  RawWindow window(*file.input.reader, begin, file.input.reader->size(), kProbeBytes);
  RecordFinder finder(window, RecordFinder::kLines, file.options.record_bytes_max);
  std::vector<std::string> lines;
  while (lines.size() < 2) {
    const RawRecord record = finder.next();
    if (record.kind == RawRecord::kEnd) break;
    if (record.kind == RawRecord::kNeedMore) {
      if (window.at_end()) break;
      TRY_DONE(window.grow());
      finder.grown();
      continue;
    }
    const std::string_view line = without_space(record.bytes);
    if (!line.empty()) lines.emplace_back(line);
  }
  lines.resize(2);
  return std::pair(lines[0], lines[1]);
}

bool is_whole_value(std::string line) {
  const std::size_t size = line.size();
  line.append(RawWindow::kPadding, '\0');
  JsonCursor cursor{line.data(), line.data() + size};
  if (!skip_value(cursor)) return false;
  cursor.skip_space();
  return cursor.at == cursor.end;
}

// Lines, unless the file begins with an array, or with an object that goes on in the next line.
bool has_lines(const std::string& first, const std::string& second) {
  if (first.starts_with('[')) return false;
  if (!first.starts_with('{') || is_whole_value(first)) return true;
  return !second.starts_with('"') && !second.starts_with('}') && !second.starts_with(',');
}

}  // namespace

Result<std::unique_ptr<engine::RowSource>> open_raw_json(const RawSchema& schema, RawInput input,
                                                         RawOptions options) {
  TRY_DONE(check_text(input));
  JsonFile file{schema, std::move(input), std::move(options)};
  const store::Reader& reader = *file.input.reader;
  std::string mark(static_cast<std::size_t>(std::min<std::int64_t>(3, reader.size())), '\0');
  TRY_DONE(reader.read(0, {mark.data(), mark.size()}));
  const std::int64_t begin = mark == kByteOrderMark ? 3 : 0;
  TRY(const auto lines, first_lines(file, begin));
  if (lines.first.empty()) {
    return Error{Fault::kInvalidInput,
                 fmt::format("The file is empty. Expected: JSON objects with fields such as {}",
                             schema.columns.empty() ? "" : schema.columns.front().name),
                 file.input.source_file, "Write the file again, or take it out of the raw folder"};
  }
  file.lines = has_lines(lines.first, lines.second);
  if (file.lines) {
    TRY(file.parts, split_at_records(reader, begin, RecordFinder::kLines, file.options));
  } else {
    file.parts = {begin};
  }
  return std::unique_ptr<engine::RowSource>(std::make_unique<JsonSource>(std::move(file)));
}

}  // namespace claimlake::bronze
