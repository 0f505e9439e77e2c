#include "store/local_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "base/random.h"
#include "store/path.h"
#include "store/system_error.h"

namespace claimlake::store {
namespace {

// A lake has some thousands of folders; this bounds the memory of one with very many partitions.
constexpr std::size_t kKnownFoldersMax = 100'000;
// So often may others remove the folder that a file is put into before that is an error.
constexpr int kFolderAttempts = 5;

int open_folder(int root, const std::string& folder) {
  return openat(root, folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

// Removes `name`, a folder of temporary files in `temporary_root`, if its owner is gone: the owner
// holds a lock on it as long as it lives.
void remove_if_abandoned(int temporary_root, const char* name) {
  const int number = openat(temporary_root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (number < 0) return;
  if (flock(number, LOCK_EX | LOCK_NB) != 0) {
    close(number);
    return;
  }
  DIR* folder = fdopendir(number);
  if (folder == nullptr) {
    close(number);
    return;
  }
  while (const dirent* entry = readdir(folder)) {
    unlinkat(number, entry->d_name, 0);  // refuses "." and ".."
  }
  unlinkat(temporary_root, name, AT_REMOVEDIR);
  closedir(folder);
}

void remove_leftovers(int temporary_root) {
  const int copy = openat(temporary_root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* folder = copy < 0 ? nullptr : fdopendir(copy);
  if (folder == nullptr) return;
  while (const dirent* entry = readdir(folder)) {
    if (entry->d_name[0] != '.') remove_if_abandoned(temporary_root, entry->d_name);
  }
  closedir(folder);
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (number_ >= 0) close(number_);
}

TemporaryFile::~TemporaryFile() {
  if (!name.empty()) unlinkat(root, name.c_str(), 0);
}

LocalFiles::~LocalFiles() {
  temporary_.with([&](const TemporaryFolder& mine) {
    if (!mine.name.empty()) unlinkat(root(), mine.name.c_str(), AT_REMOVEDIR);
  });
}

Error LocalFiles::failed(std::string_view verb, std::string_view path, int code) const {
  return system_error(verb, path, root_folder_, code);
}

Done LocalFiles::make_temporary_folder(TemporaryFolder& mine, std::string_view path) const {
  const std::string top(kHiddenFolder);
  if (mkdirat(root(), top.c_str(), 0777) != 0 && errno != EEXIST) {
    return failed("write", path, errno);
  }
  const FileDescriptor temporary_root(open_folder(root(), top));
  if (!temporary_root) return failed("write", path, errno);
  // Held for the few calls below, so that nobody takes our folder for an abandoned one before it
  // is locked. A file system without locks leaves leftovers in place and is right otherwise.
  flock(temporary_root.number(), LOCK_EX);
  remove_leftovers(temporary_root.number());
  SystemRandom random;
  std::string name = fmt::format("{}/{:016x}", top, random.next());
  if (mkdirat(root(), name.c_str(), 0700) != 0) return failed("write", path, errno);
  FileDescriptor lock(open_folder(root(), name));
  if (!lock) return failed("write", path, errno);
  flock(lock.number(), LOCK_EX | LOCK_NB);
  mine = TemporaryFolder{std::move(lock), std::move(name)};
  return done();
}

Result<std::string> LocalFiles::temporary_folder(std::string_view path, bool anew) {
  return temporary_.with([&](TemporaryFolder& mine) -> Result<std::string> {
    if (mine.name.empty() || anew) {
      TRY_DONE(make_temporary_folder(mine, path));
    }
    return mine.name;
  });
}

Result<TemporaryFile> LocalFiles::create_temporary(std::string_view path) {
  for (const bool anew : {false, true}) {
    TRY(const std::string folder, temporary_folder(path, anew));
    std::string name = fmt::format("{}/{}", folder, next_name_++);
    FileDescriptor file(
        openat(root(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (file) return TemporaryFile(root(), std::move(name), std::move(file));
    // Somebody may have removed our folder; then it is made once more.
    if (errno != ENOENT) break;
  }
  return failed("write", path, errno);
}

Done LocalFiles::append(const TemporaryFile& file, std::string_view path,
                        std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t written = write(file.file.number(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed("write", path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return done();
}

Done LocalFiles::sync_file(const TemporaryFile& file, std::string_view path) const {
  if (fsync(file.file.number()) != 0) return failed("write", path, errno);
  return done();
}

Done LocalFiles::sync_folder(std::string_view folder, std::string_view path) const {
  const FileDescriptor open(open_folder(root(), std::string(folder)));
  if (!open || fsync(open.number()) != 0) return failed("write", path, errno);
  return done();
}

void LocalFiles::remove_empty_folders(std::string_view folder) const {
  while (!folder.empty() && unlinkat(root(), std::string(folder).c_str(), AT_REMOVEDIR) == 0) {
    folder = parent_of(folder);
  }
}

Done LocalFiles::make_folder(std::string_view folder, std::string_view path) {
  if (folder.empty()) return done();
  const std::string name(folder);
  if (known_folders_.with([&](const auto& known) { return known.contains(name); })) return done();
  const std::string_view parent = parent_of(folder);
  TRY_DONE(make_folder(parent, path));
  if (mkdirat(root(), name.c_str(), 0777) != 0 && errno != EEXIST) {
    return failed("write", path, errno);
  }
  // Also when somebody else made it: they may have died before they synced it.
  TRY_DONE(sync_folder(parent, path));
  known_folders_.with([&](auto& known) {
    if (known.size() >= kKnownFoldersMax) known.clear();
    known.insert(name);
  });
  return done();
}

template <class Move>
Result<int> LocalFiles::into_folder(std::string_view path, Move&& move) {
  const std::string_view folder = parent_of(path);
  int code = ENOENT;
  for (int attempt = 0; attempt < kFolderAttempts && code == ENOENT; ++attempt) {
    // Somebody removed the folder behind us; what was known of folders is worth nothing.
    if (attempt > 0) known_folders_.with([](auto& known) { known.clear(); });
    auto made = make_folder(folder, path);
    // A folder that it is in may have gone in between.
    if (!made && attempt + 1 == kFolderAttempts) return std::move(made).error();
    if (made) code = move();
  }
  return code;
}

Result<Put> LocalFiles::link_new(TemporaryFile file, std::string_view path) {
  const std::string name(path);
  TRY(const int code, into_folder(path, [&] {
        return linkat(root(), file.name.c_str(), root(), name.c_str(), 0) == 0 ? 0 : errno;
      }));
  if (code == EEXIST) {
    // On a network file system a repeated request may find its own link.
    struct stat status {};
    const bool ours = fstat(file.file.number(), &status) == 0 && status.st_nlink == 2;
    if (!ours) return Put::kExists;
  } else if (code != 0) {
    return failed("write", path, code);
  }
  // The name is visible from here on: a failure now leaves open whether it will last.
  return sync_folder(parent_of(path), path) ? Put::kDone : Put::kAmbiguous;
}

void LocalFiles::link_aside(TemporaryFile file, std::string_view path) {
  const std::string name(path);
  (void)into_folder(path, [&] {
    return linkat(root(), file.name.c_str(), root(), name.c_str(), 0) == 0 ? 0 : errno;
  });
}

Done LocalFiles::rename_over(TemporaryFile file, std::string_view path) {
  const std::string name(path);
  TRY(const int code, into_folder(path, [&] {
        return renameat(root(), file.name.c_str(), root(), name.c_str()) == 0 ? 0 : errno;
      }));
  if (code != 0) return failed("write", path, code);
  file.name.clear();
  return sync_folder(parent_of(path), path);
}

}  // namespace claimlake::store
