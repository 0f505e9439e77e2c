#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace claimlake::bronze {

// A range of a file's bytes, seen through a window that moves forward from its beginning. To know
// how the last record of the range ends it may be necessary to look past the range; that is read
// only when asked for. Behind the visible bytes there is always a NUL byte and room to read on, so
// that scanners need no end check.
class RawWindow {
 public:
  static constexpr std::size_t kPadding = 64;

  // The range is [begin, end). `reader` outlives this.
  RawWindow(const store::Reader& reader, std::int64_t begin, std::int64_t end,
            std::int64_t block_bytes);

  // The bytes that are there and not consumed. Valid until grow().
  std::string_view bytes() const { return {buffer_.data() + from_, to_ - from_}; }
  // Where they begin in the file.
  std::int64_t position() const { return next_ - static_cast<std::int64_t>(to_ - from_); }
  // True if all bytes of the range are consumed.
  bool past_range() const { return position() >= end_; }
  // True if the window reaches to the end of the file.
  bool at_end() const { return next_ == reader_.size(); }
  void consume(std::size_t count) { from_ += count; }
  // Reads at least one block more behind the bytes that are there. Not at_end().
  Done grow();

 private:
  const store::Reader& reader_;
  std::int64_t next_;  // what is read next
  const std::int64_t end_;
  const std::int64_t block_bytes_;
  std::vector<char> buffer_;
  std::size_t from_ = 0;  // the visible bytes are [from_, to_)
  std::size_t to_ = 0;
};

}  // namespace claimlake::bronze
