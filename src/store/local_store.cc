#include "store/local_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "store/local_files.h"
#include "store/path.h"
#include "store/system_error.h"

namespace claimlake::store {
namespace {

// From this size on, a whole read tells the system that it goes from front to back.
constexpr std::int64_t kSequentialFrom = 1024 * 1024;

ObjectInfo to_info(std::string path, const struct stat& status) {
  const auto time = std::chrono::seconds(status.st_mtim.tv_sec) +
                    std::chrono::nanoseconds(status.st_mtim.tv_nsec);
  return {std::move(path), status.st_size,
          Timestamp(std::chrono::duration_cast<std::chrono::microseconds>(time))};
}

Done read_at(int file, std::int64_t offset, std::span<char> out, std::string_view path,
             std::string_view root) {
  while (!out.empty()) {
    const ssize_t count = pread(file, out.data(), out.size(), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("read", path, root, errno);
    if (count == 0) {
      return Error{
          Fault::kUnavailable,
          fmt::format("cannot read '{}': another program cut it short while it was read", path),
          std::string(root), "wait until the file is complete, then try again"};
    }
    out = out.subspan(static_cast<std::size_t>(count));
    offset += count;
  }
  return done();
}

class LocalReader final : public Reader {
 public:
  LocalReader(FileDescriptor file, std::int64_t size, std::string path, std::string root)
      : file_(std::move(file)), size_(size), path_(std::move(path)), root_(std::move(root)) {}

  std::int64_t size() const override { return size_; }

  Done read(std::int64_t offset, std::span<char> out) const override {
    const auto length = static_cast<std::int64_t>(out.size());
    if (offset < 0 || length > size_ || offset > size_ - length) {
      return Error{Fault::kInvalidInput,
                   fmt::format("cannot read {} bytes at {} of '{}': it has {} bytes", length,
                               offset, path_, size_),
                   root_};
    }
    return read_at(file_.number(), offset, out, path_, root_);
  }

 private:
  const FileDescriptor file_;
  const std::int64_t size_;
  const std::string path_;
  const std::string root_;
};

struct FolderEntry {
  std::string name;
  bool is_folder = false;
  struct stat status {};  // filled only for objects
};

class LocalStore final : public Store {
 public:
  LocalStore(FileDescriptor root, std::string root_folder)
      : files_(std::move(root), std::move(root_folder)) {}

  Result<ObjectInfo> head(std::string_view path) const override {
    TRY_DONE(check_path(path));
    struct stat status {};
    const std::string name(path);
    if (fstatat(files_.root(), name.c_str(), &status, 0) != 0) {
      return files_.failed("read", path, errno);
    }
    if (!S_ISREG(status.st_mode)) return files_.failed("read", path, ENOENT);
    return to_info(name, status);
  }

  Result<std::string> read(std::string_view path) const override {
    struct stat status {};
    TRY(const FileDescriptor file, open_file(path, status));
    if (status.st_size >= kSequentialFrom) {
      posix_fadvise(file.number(), 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
    TRY_DONE(read_at(file.number(), 0, bytes, path, files_.root_folder()));
    return bytes;
  }

  Result<std::unique_ptr<Reader>> open(std::string_view path) const override {
    struct stat status {};
    TRY(FileDescriptor file, open_file(path, status));
    return std::unique_ptr<Reader>(std::make_unique<LocalReader>(
        std::move(file), status.st_size, std::string(path), files_.root_folder()));
  }

  Result<std::vector<ObjectInfo>> list(std::string_view folder,
                                       std::string_view start_name) const override {
    TRY(auto entries, entries_of(folder, start_name, true));
    std::vector<ObjectInfo> objects;
    for (FolderEntry& entry : entries) {
      if (!entry.is_folder) objects.push_back(to_info(join(folder, entry.name), entry.status));
    }
    return sorted(std::move(objects));
  }

  Result<std::vector<ObjectInfo>> list_all(std::string_view folder) const override {
    std::vector<ObjectInfo> objects;
    std::vector<std::string> open_folders{std::string(folder)};
    while (!open_folders.empty()) {
      const std::string current = std::move(open_folders.back());
      open_folders.pop_back();
      TRY(auto entries, entries_of(current, {}, true));
      for (FolderEntry& entry : entries) {
        std::string path = join(current, entry.name);
        if (entry.is_folder) {
          open_folders.push_back(std::move(path));
        } else {
          objects.push_back(to_info(std::move(path), entry.status));
        }
      }
    }
    return sorted(std::move(objects));
  }

  Result<std::vector<std::string>> list_folders(std::string_view folder) const override {
    TRY(auto entries, entries_of(folder, {}, false));
    std::vector<std::string> names;
    for (FolderEntry& entry : entries) {
      if (entry.is_folder) names.push_back(std::move(entry.name));
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<Put> put_if_absent(std::string_view path, std::string_view bytes) override {
    TRY(TemporaryFile file, synced_file(path, bytes));
    return files_.link_new(std::move(file), path);
  }

  void put_aside(std::string_view path, std::string_view bytes) override {
    if (!check_path(path)) return;
    auto file = files_.create_temporary(path);
    if (file && files_.append(*file, path, bytes)) files_.link_aside(*std::move(file), path);
  }

  Done put(std::string_view path, std::string_view bytes) override {
    TRY(TemporaryFile file, synced_file(path, bytes));
    return files_.rename_over(std::move(file), path);
  }

  Result<std::unique_ptr<Writer>> create(std::string_view path) override {
    TRY_DONE(check_path(path));
    TRY(TemporaryFile file, files_.create_temporary(path));
    return make_local_writer(files_, std::move(file), std::string(path));
  }

  Done remove(std::string_view path) override {
    TRY_DONE(check_path(path));
    if (unlinkat(files_.root(), std::string(path).c_str(), 0) != 0) {
      return files_.failed("remove", path, errno == EISDIR ? ENOENT : errno);
    }
    TRY_DONE(files_.sync_folder(parent_of(path), path));
    files_.remove_empty_folders(parent_of(path));
    return done();
  }

  std::string root() const override { return "file:" + files_.root_folder(); }

 private:
  static std::string join(std::string_view folder, std::string_view name) {
    return folder.empty() ? std::string(name) : fmt::format("{}/{}", folder, name);
  }

  static std::vector<ObjectInfo> sorted(std::vector<ObjectInfo> objects) {
    std::sort(objects.begin(), objects.end(),
              [](const ObjectInfo& a, const ObjectInfo& b) { return a.path < b.path; });
    return objects;
  }

  Result<TemporaryFile> synced_file(std::string_view path, std::string_view bytes) {
    TRY_DONE(check_path(path));
    TRY(TemporaryFile file, files_.create_temporary(path));
    TRY_DONE(files_.append(file, path, bytes));
    TRY_DONE(files_.sync_file(file, path));
    return file;
  }

  Result<FileDescriptor> open_file(std::string_view path, struct stat& status) const {
    TRY_DONE(check_path(path));
    // O_NONBLOCK: opening a named pipe must not wait for its writer. It changes nothing for files.
    FileDescriptor file(
        openat(files_.root(), std::string(path).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file || fstat(file.number(), &status) != 0) return files_.failed("read", path, errno);
    if (!S_ISREG(status.st_mode)) return files_.failed("read", path, ENOENT);
    return file;
  }

  // What is directly in `folder`, in no order: folders, and files whose name is >= `start_name`.
  Result<std::vector<FolderEntry>> entries_of(std::string_view folder, std::string_view start_name,
                                              bool with_objects) const {
    TRY_DONE(check_folder(folder));
    std::vector<FolderEntry> entries;
    const std::string name(folder.empty() ? "." : folder);
    const int number = openat(files_.root(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (number < 0 && (errno == ENOENT || errno == ENOTDIR)) return entries;
    DIR* stream = number < 0 ? nullptr : fdopendir(number);
    if (stream == nullptr) return files_.failed("list", folder, errno);
    const std::unique_ptr<DIR, int (*)(DIR*)> closes(stream, closedir);
    for (;;) {
      errno = 0;
      const dirent* found = readdir(stream);
      if (found == nullptr) break;
      const std::string_view part = found->d_name;
      if (part == "." || part == ".." || (folder.empty() && part == kHiddenFolder)) continue;
      if (found->d_type == DT_REG && (!with_objects || part < start_name)) continue;
      FolderEntry entry{std::string(part), found->d_type == DT_DIR};
      if (!entry.is_folder) {
        // Gone since it was listed: then it is not there. Links are followed.
        if (fstatat(number, found->d_name, &entry.status, 0) != 0) continue;
        entry.is_folder = S_ISDIR(entry.status.st_mode);
        if (!entry.is_folder && (!S_ISREG(entry.status.st_mode) || part < start_name)) continue;
      }
      entries.push_back(std::move(entry));
    }
    if (errno != 0) return files_.failed("list", folder, errno);
    return entries;
  }

  LocalFiles files_;
};

// Makes `folder` and its parents, each durable in the one above it. Answers 0 or errno.
int make_root(const std::string& folder) {
  if (mkdir(folder.c_str(), 0777) != 0) {
    if (errno == EEXIST) return 0;
    const std::string parent(parent_of(folder));
    if (errno != ENOENT || parent.empty()) return errno;
    if (const int code = make_root(parent); code != 0) return code;
    if (mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST) return errno;
  }
  const FileDescriptor parent(open((folder + "/..").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // A parent that this user may not read cannot be synced by this user either.
  return parent && fsync(parent.number()) != 0 ? errno : 0;
}

}  // namespace

Result<std::unique_ptr<Store>> open_local(std::string root_folder) {
  if (root_folder.empty()) {
    return Error{Fault::kInvalidInput, "cannot open a lake: the name of its folder is empty", "",
                 "name a folder, for example --lake ./lake"};
  }
  while (root_folder.size() > 1 && root_folder.back() == '/') root_folder.pop_back();
  if (const int code = make_root(root_folder); code != 0) {
    return system_error("open", root_folder, root_folder, code);
  }
  FileDescriptor root(openat(AT_FDCWD, root_folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root) return system_error("open", root_folder, root_folder, errno);
  return std::unique_ptr<Store>(
      std::make_unique<LocalStore>(std::move(root), std::move(root_folder)));
}

}  // namespace claimlake::store
