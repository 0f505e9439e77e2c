#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/file_keys.h"
#include "store/local_files.h"

namespace claimlake::engine {

// A key index as a file of this machine: pages of hashes, ascending, with the numbers of their
// rows, and above them pages that lead there. A look-up reads a page per level, whatever the file
// holds. docs/formats/key_index.md
//
// The bytes are not trusted: each page has a checksum over itself, its number and what the index is
// of, so that a page that is damaged, missing or of another file is an error and never an answer.
class KeyFile final : public FileKeys {
 public:
  static constexpr std::size_t kPageBytes = 4096;
  static constexpr std::size_t kIdBytes = 32;

  // `id`: what it must be of, a digest. Errors: kNotFound, kCorrupt (it is damaged, cut short, of
  // another version or of something else), kUnavailable.
  static Result<std::shared_ptr<const KeyFile>> open(const std::string& path, std::string_view id);
  static Result<std::shared_ptr<const KeyFile>> read(store::FileDescriptor file,
                                                     std::string_view id);

  // Errors: kCorrupt, kUnavailable.
  Done find(const std::vector<std::uint64_t>& hashes, std::size_t rows_max,
            std::vector<std::uint32_t>& out) const override;
  std::int64_t memory_bytes() const override;

  std::uint64_t entries() const { return entries_; }

  // Puts the checksum at the end of `page`, of kPageBytes.
  static void seal(std::string& page, std::uint64_t number, std::string_view id);

 private:
  struct Level {
    std::uint64_t first_page;
    std::uint64_t pages;
  };
  class Cursor;
  KeyFile(store::FileDescriptor file, std::string_view id) : file_(std::move(file)), id_(id) {}
  Done read_header();
  Done read_page(std::uint64_t number, std::string& page) const;

  const store::FileDescriptor file_;
  const std::string id_;
  std::uint64_t entries_ = 0;
  std::vector<Level> levels_;  // the leaves first; the last one has one page
};

// Writes a KeyFile beside its place and then moves it there. Destroyed before that, it leaves
// nothing. Nothing is synced: what a power cut spoils is noticed and made again.
class KeyFileWriter {
 public:
  // Makes the folder of `path`. Errors: kUnavailable.
  static Result<std::unique_ptr<KeyFileWriter>> create(std::string path, std::string_view id);
  ~KeyFileWriter();
  KeyFileWriter(const KeyFileWriter&) = delete;
  KeyFileWriter& operator=(const KeyFileWriter&) = delete;

  // Hashes come ascending. Errors: kUnavailable.
  Done add(std::uint64_t hash, std::uint32_t row);
  // Errors: kUnavailable.
  Done finish();

  // Removes what writers that are gone have left in `folder`.
  static void remove_abandoned(const std::string& folder);

 private:
  KeyFileWriter(std::string path, std::string part, store::FileDescriptor file,
                std::string_view id);
  Done write_page(std::string& page);
  Done flush_leaf();

  const std::string path_;
  const std::string part_;  // the name until it is finished
  const store::FileDescriptor file_;
  const std::string id_;
  std::string leaf_;
  std::size_t in_leaf_ = 0;
  std::uint64_t entries_ = 0;
  std::uint64_t pages_ = 1;            // the header's is written last
  std::vector<std::uint64_t> firsts_;  // hash of each page of the last level
  bool finished_ = false;
};

}  // namespace claimlake::engine
