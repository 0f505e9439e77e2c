#include "schedule/open_for_writing.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>

#include "store/local_files.h"

// A read lease can be had only on a file that nobody has open for writing; asking for one is how
// the kernel says so. It is given back at once. Who opens the file for writing in that moment waits
// for it, some microseconds; the signal that tells us is one that does nothing.

namespace claimlake::schedule {
namespace {

constexpr std::uint32_t kXfs = 0x58465342;
constexpr std::uint32_t kZfs = 0x2FC12FC1;

// Of others, such as NFS, a refusal may mean anything.
bool knows_its_writers(std::uint32_t file_system) {
  constexpr std::array<std::uint32_t, 7> kKnown{EXT4_SUPER_MAGIC,
                                                BTRFS_SUPER_MAGIC,
                                                TMPFS_MAGIC,
                                                OVERLAYFS_SUPER_MAGIC,
                                                F2FS_SUPER_MAGIC,
                                                kXfs,
                                                kZfs};
  return std::find(kKnown.begin(), kKnown.end(), file_system) != kKnown.end();
}

}  // namespace

Writing open_for_writing(const std::string& path) {
  const store::FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct statfs system {};
  if (!file || fstatfs(file.number(), &system) != 0 ||
      !knows_its_writers(static_cast<std::uint32_t>(system.f_type))) {
    return Writing::kUnknown;
  }
  fcntl(file.number(), F_SETSIG, SIGURG);
  if (fcntl(file.number(), F_SETLEASE, F_RDLCK) != 0) {
    return errno == EAGAIN ? Writing::kYes : Writing::kUnknown;
  }
  fcntl(file.number(), F_SETLEASE, F_UNLCK);
  return Writing::kNo;
}

}  // namespace claimlake::schedule
