#include "engine/spill_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "base/random.h"

namespace claimlake::engine {
namespace {

namespace fs = std::filesystem;

store::FileDescriptor open_folder(const std::string& path) {
  return store::FileDescriptor(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

bool is_ours(const std::string& name) {
  return name.size() == 16 && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// The owner of a folder holds a lock on it as long as it lives. A file system without locks leaves
// such folders in place.
void remove_abandoned(const std::string& root) {
  std::error_code ignored;
  std::vector<std::string> folders;
  for (const auto& entry : fs::directory_iterator(root, ignored)) {
    if (is_ours(entry.path().filename().string())) folders.push_back(entry.path().string());
  }
  for (const std::string& folder : folders) {
    const store::FileDescriptor lock = open_folder(folder);
    if (lock && flock(lock.number(), LOCK_EX | LOCK_NB) == 0) fs::remove_all(folder, ignored);
  }
}

}  // namespace

Result<std::unique_ptr<SpillFolder>> SpillFolder::make(const std::string& root) {
  std::error_code failure;
  fs::create_directories(root, failure);
  if (failure) {
    return Error{Fault::kUnavailable,
                 fmt::format("Cannot make the spill folder: {}", failure.message()), root,
                 "name a folder on a local disk that may be written"};
  }
  // Held until ours is locked, so that nobody takes it for an abandoned one.
  const store::FileDescriptor guard = open_folder(root);
  if (guard) flock(guard.number(), LOCK_EX);
  remove_abandoned(root);
  SystemRandom random;
  std::string path = fmt::format("{}/{:016x}", root, random.next());
  if (!fs::create_directory(path, failure)) return std::unique_ptr<SpillFolder>();
  store::FileDescriptor lock = open_folder(path);
  if (lock) flock(lock.number(), LOCK_EX | LOCK_NB);
  return std::unique_ptr<SpillFolder>(new SpillFolder(std::move(path), std::move(lock)));  // NOLINT
}

SpillFolder::~SpillFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace claimlake::engine
