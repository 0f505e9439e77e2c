#include <fmt/format.h>
#include <fmt/ranges.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/text.h"
#include "bronze/raw_records.h"
#include "bronze/raw_rows.h"
#include "bronze/raw_source.h"

namespace claimlake::bronze {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr int kUnknown = -1;  // a field of the file that is not declared

void split_plain(std::string_view record, std::vector<std::string_view>& fields) {
  const char* const begin = record.data();
  std::size_t from = 0;
  const auto comma_at = [&](std::size_t at) {
    fields.emplace_back(begin + from, at - from);
    from = at + 1;
  };
#ifdef __SSE2__
  const __m128i comma = _mm_set1_epi8(',');
  for (std::size_t block = 0; block < record.size(); block += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(begin + block));
    auto hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, comma)));
    if (record.size() - block < 16) hits &= (1u << (record.size() - block)) - 1;
    for (; hits != 0; hits &= hits - 1) {
      comma_at(block + static_cast<std::size_t>(std::countr_zero(hits)));
    }
  }
#else
  for (std::size_t at = 0; at < record.size(); ++at) {
    if (begin[at] == ',') comma_at(at);
  }
#endif
  comma_at(record.size());
}

// `text` without the second of each pair of quotes.
std::string_view undouble(std::string_view text, TextArena& arena) {
  char* const out = arena.allocate(text.size());
  std::size_t size = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    out[size++] = text[at];
    at += text[at] == '"';
  }
  return {out, size};
}

void split_quoted(std::string_view record, std::vector<std::string_view>& fields,
                  TextArena& arena) {
  std::size_t at = 0;
  for (;;) {
    if (at < record.size() && record[at] == '"') {
      const std::size_t from = at + 1;
      bool doubled = false;
      for (at = record.find('"', from); at + 1 < record.size() && record[at + 1] == '"';
           at = record.find('"', at + 2)) {
        doubled = true;
      }
      const std::string_view text = record.substr(from, at - from);
      fields.push_back(doubled ? undouble(text, arena) : text);
      ++at;
    } else {
      const std::size_t from = at;
      at = std::min(record.find(',', from), record.size());
      fields.push_back(record.substr(from, at - from));
    }
    if (at == record.size()) return;
    ++at;  // the comma
  }
}

// The fields of one CSV record (RFC 4180), `record` without its line end. Its quotes come out:
// RecordFinder checked that; `quoted` says whether there are any. 16 bytes behind the record can
// be read. Fields are views into `record` or, where a doubled quote was undone, into `arena`.
// An empty field is an empty view, quoted or not.
void split_csv_record(std::string_view record, bool quoted, std::vector<std::string_view>& fields,
                      TextArena& arena) {
  if (quoted) {
    split_quoted(record, fields, arena);
  } else {
    split_plain(record, fields);
  }
}

std::string_view trimmed(std::string_view text) {
  const std::size_t from = std::min(text.find_first_not_of(" \t"), text.size());
  return text.substr(from, text.find_last_not_of(" \t") + 1 - from);
}

struct CsvHeader {
  std::vector<std::string> names;
  std::vector<int> targets;  // declared column of each field, or kUnknown
  std::int64_t rows_begin = 0;
};

// What all scans of one file share.
struct CsvFile {
  RawSchema schema;
  RawInput input;
  RawOptions options;
  CsvHeader header;
  std::vector<std::int64_t> parts;  // where they begin
};

class CsvScan final : public engine::PartScan {
 public:
  // `file` outlives this: the source owns both.
  CsvScan(const CsvFile& file, std::int64_t begin, std::int64_t end)
      : file_(file),
        window_(*file.input.reader, begin, end, file.options.block_bytes),
        finder_(window_, RecordFinder::kCsv, file.options.record_bytes_max),
        rows_(file.schema, file.input) {}

  Done next(engine::Batch& batch) override {
    rows_.begin(batch);
    while (!rows_.full()) {
      const RawRecord record = finder_.next();
      if (record.kind == RawRecord::kEnd) break;
      if (record.kind == RawRecord::kNeedMore) {
        if (rows_.count() > 0) break;  // the rows so far point into the window
        TRY_DONE(window_.grow());
        finder_.grown();
      } else if (record.kind == RawRecord::kBroken) {
        report(record, record.reason);
      } else if (!record.bytes.empty()) {
        add(record);
      }
    }
    batch.rows = rows_.count();
    return done();
  }

 private:
  void add(const RawRecord& record) {
    fields_.clear();
    split_csv_record(record.bytes, record.quoted, fields_, rows_.arena());
    const std::vector<int>& targets = file_.header.targets;
    if (fields_.size() != targets.size()) {
      return report(record, fmt::format("the record has {} fields, the header has {}",
                                        fields_.size(), targets.size()));
    }
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (fields_[i].empty()) continue;
      if (targets[i] != kUnknown) {
        rows_.set_text(static_cast<std::size_t>(targets[i]), fields_[i]);
      } else {
        rows_.rescue_text(file_.header.names[i], fields_[i]);
      }
    }
    rows_.end_row(record.position);
  }

  void report(const RawRecord& record, std::string reason) const {
    if (!file_.options.on_broken) return;
    file_.options.on_broken(
        {record.position, record.reason_of(std::move(reason)), payload_text(record.bytes)});
  }

  const CsvFile& file_;
  RawWindow window_;
  RecordFinder finder_;
  RawRows rows_;
  std::vector<std::string_view> fields_;
};

class CsvSource final : public engine::RowSource {
 public:
  CsvSource(CsvFile file, std::int64_t estimated_rows)
      : file_(std::move(file)),
        columns_(relation_columns(file_.schema)),
        estimated_rows_(estimated_rows) {}

  const std::vector<engine::SourceColumn>& columns() const override { return columns_; }
  std::size_t part_count() const override { return file_.parts.size(); }
  Result<std::unique_ptr<engine::PartScan>> scan(std::size_t part) const override {
    const std::int64_t end =
        part + 1 < file_.parts.size() ? file_.parts[part + 1] : file_.input.reader->size();
    return std::unique_ptr<engine::PartScan>(
        std::make_unique<CsvScan>(file_, file_.parts[part], end));
  }
  std::int64_t estimated_rows() const override { return estimated_rows_; }

 private:
  const CsvFile file_;
  const std::vector<engine::SourceColumn> columns_;
  const std::int64_t estimated_rows_;
};

std::string list_of(const RawSchema& schema) {
  std::vector<std::string> names;
  for (const RawColumn& column : schema.columns) names.push_back(column.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

Error header_error(const RawSchema& schema, const RawInput& input, std::string what,
                   const std::vector<std::string>& found) {
  const bool semicolons = found.size() == 1 && found[0].find_first_of(";\t|") != std::string::npos;
  return Error{
      Fault::kInvalidInput,
      fmt::format("{}. Expected columns: {}. Found: {}", what, list_of(schema),
                  found.empty() ? "nothing" : fmt::format("{}", fmt::join(found, ", "))),
      input.source_file + ":1",
      semicolons
          ? "Write the file with commas between its fields"
          : "Mend the first line of the file, or declare its columns in the pack's 0_sources"};
}

// A file without a row: its header may be right, so that is not what to mend.
Error no_rows_error(const RawSchema& schema, const RawInput& input, std::string what,
                    const std::vector<std::string>& found) {
  Error error = header_error(schema, input, std::move(what), found);
  error.next = "Write the file again, or take it out of the raw folder";
  return error;
}

// Finds out which field of the file goes to which declared column.
Result<CsvHeader> match_header(const RawSchema& schema, const RawInput& input,
                               std::vector<std::string> names) {
  CsvHeader header{std::move(names), {}, 0};
  for (std::size_t i = 0; i < header.names.size(); ++i) {
    const std::string& name = header.names[i];
    if (std::find(header.names.begin(), header.names.begin() + static_cast<std::ptrdiff_t>(i),
                  name) != header.names.begin() + static_cast<std::ptrdiff_t>(i)) {
      return header_error(schema, input, "The header has a column twice: " + name, header.names);
    }
    const auto declared =
        std::find_if(schema.columns.begin(), schema.columns.end(),
                     [&](const RawColumn& column) { return column.name == name; });
    header.targets.push_back(declared == schema.columns.end()
                                 ? kUnknown
                                 : static_cast<int>(declared - schema.columns.begin()));
  }
  for (const RawColumn& column : schema.columns) {
    const bool there =
        std::find(header.names.begin(), header.names.end(), column.name) != header.names.end();
    if (column.required && !there) {
      return header_error(schema, input, "The header has no column " + column.name, header.names);
    }
  }
  return header;
}

// Reads the first record as the header.
Result<CsvHeader> read_header(const RawSchema& schema, const RawInput& input,
                              const RawOptions& options) {
  constexpr std::int64_t kHeaderBlockBytes = 16 << 10;
  RawWindow window(*input.reader, 0, input.reader->size(),
                   std::min(kHeaderBlockBytes, options.block_bytes));
  RecordFinder finder(window, RecordFinder::kCsv, options.record_bytes_max);
  bool started = false;
  for (;;) {
    if (!started && window.bytes().size() >= kByteOrderMark.size()) {
      if (window.bytes().starts_with(kByteOrderMark)) window.consume(kByteOrderMark.size());
      started = true;
    }
    const RawRecord record =
        started || window.at_end() ? finder.next() : RawRecord{RawRecord::kNeedMore};
    if (record.kind == RawRecord::kEnd) {
      return no_rows_error(schema, input, "The file is empty", {});
    }
    if (record.kind == RawRecord::kBroken) {
      return Error{Fault::kInvalidInput,
                   fmt::format("The header cannot be read: {}. Expected columns: {}", record.reason,
                               list_of(schema)),
                   input.source_file + ":1",
                   "Write the file as CSV in UTF-8, with these names in its first line"};
    }
    if (record.kind == RawRecord::kNeedMore) {
      TRY_DONE(window.grow());
      finder.grown();
    } else if (!trimmed(record.bytes).empty()) {
      std::vector<std::string_view> fields;
      TextArena arena;
      split_csv_record(record.bytes, record.quoted, fields, arena);
      std::vector<std::string> names;
      for (const auto field : fields) names.emplace_back(trimmed(field));
      TRY(CsvHeader header, match_header(schema, input, std::move(names)));
      header.rows_begin = window.position();
      return header;
    }
  }
}

}  // namespace

Result<std::unique_ptr<engine::RowSource>> open_raw_csv(const RawSchema& schema, RawInput input,
                                                        RawOptions options) {
  TRY_DONE(check_text(input));
  CsvFile file{schema, std::move(input), std::move(options), {}, {}};
  TRY(file.header, read_header(file.schema, file.input, file.options));
  const std::int64_t bytes = file.input.reader->size() - file.header.rows_begin;
  if (bytes == 0) {
    return no_rows_error(file.schema, file.input, "The file has a header and no rows",
                         file.header.names);
  }
  TRY(file.parts, split_at_records(*file.input.reader, file.header.rows_begin, RecordFinder::kCsv,
                                   file.options));
  // A guess: fields are some twelve bytes long.
  const auto fields = static_cast<std::int64_t>(file.header.names.size());
  return std::unique_ptr<engine::RowSource>(
      std::make_unique<CsvSource>(std::move(file), bytes / (12 * fields) + 1));
}

}  // namespace claimlake::bronze
