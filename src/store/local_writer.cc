#include <fcntl.h>

#include "store/local_files.h"

namespace claimlake::store {
namespace {

// Small appends are gathered up to this size, so that one system call carries many of them.
constexpr std::size_t kBufferSize = 256 * 1024;
// The system is asked to start writing after so many bytes, so that finish() waits for little.
constexpr std::int64_t kFlushEvery = 8 * 1024 * 1024;

class LocalWriter final : public Writer {
 public:
  LocalWriter(LocalFiles& files, TemporaryFile file, std::string path)
      : files_(files), file_(std::move(file)), path_(std::move(path)) {}

  Done append(std::string_view bytes) override {
    CHECK(!finished_, "append() after finish()");
    if (buffer_.size() + bytes.size() < kBufferSize) {
      buffer_.append(bytes);
      return done();
    }
    TRY_DONE(flush());
    if (bytes.size() < kBufferSize) {
      buffer_.append(bytes);
      return done();
    }
    return write(bytes);
  }

  Done finish() override {
    CHECK(!finished_, "finish() called twice");
    TRY_DONE(flush());
    TRY_DONE(files_.sync_file(file_, path_));
    finished_ = true;
    return files_.rename_over(std::move(file_), path_);
  }

 private:
  Done flush() {
    TRY_DONE(write(buffer_));
    buffer_.clear();
    return done();
  }

  Done write(std::string_view bytes) {
    TRY_DONE(files_.append(file_, path_, bytes));
    written_ += static_cast<std::int64_t>(bytes.size());
    if (written_ - flushed_ >= kFlushEvery) {
      // Only a hint: what it does not reach, fsync in finish() does.
      sync_file_range(file_.file.number(), flushed_, written_ - flushed_, SYNC_FILE_RANGE_WRITE);
      flushed_ = written_;
    }
    return done();
  }

  LocalFiles& files_;  // outlives this: the store outlives its writers
  TemporaryFile file_;
  const std::string path_;
  std::string buffer_;
  std::int64_t written_ = 0;
  std::int64_t flushed_ = 0;
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<Writer> make_local_writer(LocalFiles& files, TemporaryFile file, std::string path) {
  return std::make_unique<LocalWriter>(files, std::move(file), std::move(path));
}

}  // namespace claimlake::store
