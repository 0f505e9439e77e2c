#include "bronze/raw_window.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace claimlake::bronze {

RawWindow::RawWindow(const store::Reader& reader, std::int64_t begin, std::int64_t end,
                     std::int64_t block_bytes)
    : reader_(reader), next_(begin), end_(end), block_bytes_(block_bytes), buffer_(kPadding) {
  CHECK(0 <= begin && begin <= end && end <= reader.size() && block_bytes > 0,
        "a window is over a range of the file");
}

Done RawWindow::grow() {
  CHECK(!at_end(), "nothing is left to read");
  const std::size_t kept = to_ - from_;
  std::memmove(buffer_.data(), buffer_.data() + from_, kept);
  from_ = 0;
  to_ = kept;
  // Doubling keeps the copying of a record that is longer than many blocks linear.
  const auto wanted = std::max(static_cast<std::size_t>(block_bytes_), kept);
  const std::int64_t left = (next_ < end_ ? end_ : reader_.size()) - next_;
  const auto count = static_cast<std::size_t>(std::min(static_cast<std::int64_t>(wanted), left));
  if (buffer_.size() < kept + count + kPadding) buffer_.resize(kept + count + kPadding);
  TRY_DONE(reader_.read(next_, {buffer_.data() + kept, count}));
  next_ += static_cast<std::int64_t>(count);
  to_ += count;
  std::memset(buffer_.data() + to_, 0, kPadding);
  return done();
}

}  // namespace claimlake::bronze
