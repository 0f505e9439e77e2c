#pragma once

#include <sys/stat.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "base/guarded.h"
#include "store/store.h"

namespace claimlake::store {

// Owns one file descriptor.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~FileDescriptor();
  int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

// A file in ".tmp" that will become an object. Destroyed, it removes the file.
struct TemporaryFile {
  TemporaryFile(int root, std::string name, FileDescriptor file)
      : root(root), name(std::move(name)), file(std::move(file)) {}
  TemporaryFile(TemporaryFile&& other) noexcept
      : root(other.root), name(std::exchange(other.name, {})), file(std::move(other.file)) {}
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile();

  int root;          // borrowed from LocalFiles, which outlives this
  std::string name;  // relative to the root; empty once there is nothing to remove
  FileDescriptor file;
};

// The part of the local store that changes the file system: temporary files, folders, syncing.
// Thread-safe.
class LocalFiles {
 public:
  LocalFiles(FileDescriptor root, std::string root_folder)
      : root_(std::move(root)), root_folder_(std::move(root_folder)) {}
  ~LocalFiles();

  int root() const { return root_.number(); }
  const std::string& root_folder() const { return root_folder_; }
  Error failed(std::string_view verb, std::string_view path, int code) const;

  // A new empty file; `path` is the object it is for, named in errors.
  Result<TemporaryFile> create_temporary(std::string_view path);
  // Writes all of `bytes` at the end of `file`.
  Done append(const TemporaryFile& file, std::string_view path, std::string_view bytes) const;
  Done sync_file(const TemporaryFile& file, std::string_view path) const;
  // Gives the synced `file` the name `path` unless it is taken. Makes the folder.
  Result<Put> link_new(TemporaryFile file, std::string_view path);
  // The same for a file that is not synced and need not last.
  void link_aside(TemporaryFile file, std::string_view path);
  // Gives the synced `file` the name `path`, replacing what was there. Makes the folder.
  Done rename_over(TemporaryFile file, std::string_view path);
  // Removes `folder`, and those that it is in, as far as nothing is in them: as in an object store,
  // a folder is there as long as its objects are.
  void remove_empty_folders(std::string_view folder) const;
  // Makes what changed directly in `folder` durable.
  Done sync_folder(std::string_view folder, std::string_view path) const;

 private:
  // Our own folder in ".tmp". Its descriptor holds a lock while we live.
  struct TemporaryFolder {
    FileDescriptor lock;
    std::string name;  // relative to the root; empty until the first write
  };

  Done make_folder(std::string_view folder, std::string_view path);
  Done make_temporary_folder(TemporaryFolder& mine, std::string_view path) const;
  Result<std::string> temporary_folder(std::string_view path, bool anew);
  // Calls `move`, which answers 0 or errno, with the folder of `path` in place; the same answers.
  template <class Move>
  Result<int> into_folder(std::string_view path, Move&& move);

  const FileDescriptor root_;
  const std::string root_folder_;
  std::atomic<std::uint64_t> next_name_ = 0;
  Guarded<TemporaryFolder> temporary_;
  // Folders known to be there and durable. Bounded: it is emptied when it grows large.
  Guarded<std::unordered_set<std::string>> known_folders_;
};

// See Store::create. `files` outlives it.
std::unique_ptr<Writer> make_local_writer(LocalFiles& files, TemporaryFile file, std::string path);

}  // namespace claimlake::store
