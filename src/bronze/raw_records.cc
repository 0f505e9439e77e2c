#include "bronze/raw_records.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text.h"

namespace claimlake::bronze {
namespace {

constexpr std::size_t kPayloadBytesMax = 1 << 20;
constexpr char kTooLong[] = "the record is longer than the limit";

// True if no byte is NUL or above 127: then nothing needs to be checked record by record.
bool is_plain(std::string_view bytes) {
  std::uint64_t high = 0;
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, 8);
    high |= word;
  }
  for (; at < bytes.size(); ++at) high |= static_cast<unsigned char>(bytes[at]);
  return (high & 0x8080808080808080ULL) == 0 &&
         std::memchr(bytes.data(), 0, bytes.size()) == nullptr;
}

// How the quotes of the CSV record at the beginning of `bytes` come out.
struct Quotes {
  enum Outcome { kClosed, kOpen, kBad } outcome;
  std::size_t record_bytes = 0;  // kClosed: up to and with the line end
};

// `bytes` is not empty. Open: the end of the bytes came first.
Quotes follow_quotes(std::string_view bytes, bool at_end) {
  std::size_t at = 0;
  for (;;) {
    if (at < bytes.size() && bytes[at] == '"') {  // a quoted field: find the quote that ends it
      for (++at;; at += 2) {
        at = bytes.find('"', at);
        if (at == std::string_view::npos) return {Quotes::kOpen};
        if (at + 1 == bytes.size() && !at_end) return {Quotes::kOpen};  // maybe a doubled one
        if (at + 1 == bytes.size() || bytes[at + 1] != '"') break;
      }
      ++at;
    } else {
      while (at < bytes.size() && bytes[at] != ',' && bytes[at] != '\n') ++at;
    }
    if (at < bytes.size() && bytes[at] == '\r') {
      if (at + 1 == bytes.size()) return {at_end ? Quotes::kClosed : Quotes::kOpen, at + 1};
      if (bytes[at + 1] == '\n') ++at;
    }
    if (at == bytes.size()) return {at_end ? Quotes::kClosed : Quotes::kOpen, at};
    if (bytes[at] == '\n') return {Quotes::kClosed, at + 1};
    if (bytes[at] != ',') return {Quotes::kBad};
    ++at;
  }
}

// Where the first line begins that does not begin before `target`; the size if there is none.
Result<std::int64_t> next_line(const store::Reader& reader, std::int64_t target) {
  constexpr std::int64_t kProbeBytes = 16 << 10;
  std::string probe;
  for (std::int64_t at = target - 1; at < reader.size(); at += kProbeBytes) {
    probe.resize(static_cast<std::size_t>(std::min(kProbeBytes, reader.size() - at)));
    TRY_DONE(reader.read(at, {probe.data(), probe.size()}));
    const std::size_t line_end = probe.find('\n');
    if (line_end != std::string::npos) return at + static_cast<std::int64_t>(line_end) + 1;
  }
  return reader.size();
}

// The same for CSV records, of which one begins at `from`.
Result<std::int64_t> next_record(const store::Reader& reader, std::int64_t from,
                                 std::int64_t target, const RawOptions& options) {
  RawWindow window(reader, from, reader.size(), options.block_bytes);
  RecordFinder finder(window, RecordFinder::kCsv, options.record_bytes_max);
  RawRecord record{RawRecord::kNeedMore};
  while (record.kind != RawRecord::kEnd) {
    if (record.kind == RawRecord::kNeedMore) {
      if (window.at_end()) return reader.size();
      TRY_DONE(window.grow());
      finder.grown();
    }
    record = finder.next();
    const bool found = record.kind == RawRecord::kRecord || record.kind == RawRecord::kBroken;
    if (found && record.position >= target) return record.position;
  }
  return reader.size();
}

}  // namespace

std::string RawRecord::reason_of(std::string why) const {
  if (cut) why += "; the file ends here without a line end, it may have been cut off";
  return why;
}

RecordFinder::RecordFinder(RawWindow& window, Form form, std::int64_t record_bytes_max)
    : window_(window), form_(form), record_bytes_max_(static_cast<std::size_t>(record_bytes_max)) {
  grown();
}

void RecordFinder::grown() { plain_ = is_plain(window_.bytes()); }

RawRecord RecordFinder::next() {
  if (skipping_) {
    const RawRecord rest = skip_rest_of_line();
    if (rest.kind != RawRecord::kRecord) return rest;
  }
  if (window_.past_range()) return {RawRecord::kEnd};
  const std::string_view bytes = window_.bytes();
  if (bytes.empty()) return {RawRecord::kNeedMore};
  const auto* line_end = static_cast<const char*>(std::memchr(bytes.data(), '\n', bytes.size()));
  const std::size_t line_bytes =
      line_end == nullptr ? bytes.size() : static_cast<std::size_t>(line_end - bytes.data()) + 1;
  const bool line_ends = line_end != nullptr || window_.at_end();
  const bool quoted = form_ == kCsv && std::memchr(bytes.data(), '"', line_bytes) != nullptr;
  if (quoted && line_bytes <= record_bytes_max_) return take_quoted(bytes, line_bytes, line_ends);
  if (line_bytes > record_bytes_max_) {
    skipping_ = !line_ends;
    return take(RawRecord::kBroken, line_bytes, quoted, kTooLong);
  }
  if (!line_ends) return {RawRecord::kNeedMore};
  return take(RawRecord::kRecord, line_bytes, quoted, "");
}

RawRecord RecordFinder::take_quoted(std::string_view bytes, std::size_t line_bytes,
                                    bool line_ends) {
  const std::string_view limited = bytes.substr(0, record_bytes_max_ + 1);
  const bool at_end = window_.at_end() && limited.size() == bytes.size();
  const Quotes quotes = follow_quotes(limited, at_end);
  if (quotes.outcome == Quotes::kClosed && quotes.record_bytes <= record_bytes_max_) {
    return take(RawRecord::kRecord, quotes.record_bytes, true, "");
  }
  const bool too_long = limited.size() > record_bytes_max_;
  if (quotes.outcome == Quotes::kOpen && !too_long && !window_.at_end()) {
    return {RawRecord::kNeedMore};
  }
  if (!line_ends) return {RawRecord::kNeedMore};
  const char* reason = quotes.outcome == Quotes::kBad ? "text follows a closing quote"
                       : too_long                     ? kTooLong
                                                      : "a quote is not closed";
  return take(RawRecord::kBroken, line_bytes, true, reason);
}

RawRecord RecordFinder::take(RawRecord::Kind kind, std::size_t bytes, bool quoted,
                             const char* reason) {
  RawRecord record{kind, window_.bytes().substr(0, bytes), window_.position(), quoted, reason};
  record.cut = bytes == window_.bytes().size() && bytes <= record_bytes_max_ && window_.at_end() &&
               !record.bytes.ends_with('\n');
  window_.consume(bytes);
  record.bytes = record.bytes.substr(0, record_bytes_max_);  // a longer one is broken
  if (record.bytes.ends_with('\n')) record.bytes.remove_suffix(1);
  if (record.bytes.ends_with('\r')) record.bytes.remove_suffix(1);
  if (kind == RawRecord::kRecord && !plain_ && !well_formed(record.bytes)) {
    record.kind = RawRecord::kBroken;
    record.reason = std::memchr(record.bytes.data(), 0, record.bytes.size()) != nullptr
                        ? "the record holds a NUL byte"
                        : "the record is not valid UTF-8";
  }
  return record;
}

bool RecordFinder::well_formed(std::string_view record) const {
  return std::memchr(record.data(), 0, record.size()) == nullptr &&
         simdjson::validate_utf8(record.data(), record.size());
}

// kRecord means: done, the window stands at the next line.
RawRecord RecordFinder::skip_rest_of_line() {
  const std::size_t line_end = window_.bytes().find('\n');
  if (line_end != std::string_view::npos) {
    window_.consume(line_end + 1);
    skipping_ = false;
    return {RawRecord::kRecord};
  }
  window_.consume(window_.bytes().size());
  return {window_.at_end() ? RawRecord::kEnd : RawRecord::kNeedMore};
}

Result<std::vector<std::int64_t>> split_at_records(const store::Reader& reader, std::int64_t begin,
                                                   RecordFinder::Form form,
                                                   const RawOptions& options) {
  std::vector<std::int64_t> parts = {begin};
  for (;;) {
    const std::int64_t target = parts.back() + options.part_bytes;
    if (target >= reader.size()) return parts;
    // Behind a line end stands a record; only quotes make it necessary to look at all before.
    TRY(const std::int64_t found, form == RecordFinder::kLines
                                      ? next_line(reader, target)
                                      : next_record(reader, parts.back(), target, options));
    if (found >= reader.size()) return parts;
    parts.push_back(found);
  }
}

Done check_text(const RawInput& input) {
  struct Other {
    std::string_view first_bytes;
    const char* what;
    const char* next;
  };
  constexpr std::array<Other, 5> kOthers{
      {{"\x1f\x8b", "The file is compressed by gzip", "Unpack it, for example with gunzip"},
       {"\x28\xb5\x2f\xfd", "The file is compressed by zstd", "Unpack it, for example with unzstd"},
       {"PK\x03\x04", "The file is a ZIP archive or a workbook",
        "Unpack it; save a workbook as CSV in UTF-8"},
       {"\xff\xfe", "The file is text in UTF-16", "Write it in UTF-8"},
       {"\xfe\xff", "The file is text in UTF-16", "Write it in UTF-8"}}};
  std::string start(static_cast<std::size_t>(std::min<std::int64_t>(4, input.reader->size())), 0);
  TRY_DONE(input.reader->read(0, {start.data(), start.size()}));
  for (const Other& other : kOthers) {
    if (!start.starts_with(other.first_bytes)) continue;
    return Error{Fault::kInvalidInput, std::string(other.what) + ", not text in UTF-8",
                 input.source_file, other.next};
  }
  return done();
}

std::string payload_text(std::string_view bytes) {
  return to_utf8(bytes.substr(0, kPayloadBytesMax));
}

}  // namespace claimlake::bronze
