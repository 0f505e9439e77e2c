#include "store/system_error.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace claimlake::store {
namespace {

struct Meaning {
  int code;
  Fault fault;
  std::string_view why;
  std::string_view next;  // "{}" stands for the root
};

constexpr Meaning kMeanings[] = {
    {ENOENT, Fault::kNotFound, "it does not exist", ""},
    {ENOTDIR, Fault::kNotFound, "a part of the path is a file, not a folder", ""},
    {EISDIR, Fault::kInvalidInput, "a folder has that name", ""},
    {ENAMETOOLONG, Fault::kInvalidInput, "the path is too long for this file system", ""},
    {ENOSPC, Fault::kUnavailable, "the disk is full",
     "free space on the disk of {}, then try again"},
    {EDQUOT, Fault::kUnavailable, "the disk quota of this user is used up",
     "free space in {} or raise the quota, then try again"},
    {EFBIG, Fault::kUnavailable, "the file would be larger than this system allows",
     "raise the limit (ulimit -f), then try again"},
    {EACCES, Fault::kUnavailable, "no permission",
     "give this user read and write permission on {}, or run as its owner"},
    {EPERM, Fault::kUnavailable, "the system does not permit it",
     "check the owner and the attributes of {}, and that its file system knows hard links"},
    {EROFS, Fault::kUnavailable, "the file system is read-only",
     "mount the file system of {} for writing"},
    {EMFILE, Fault::kUnavailable, "too many files are open",
     "raise the limit of open files (ulimit -n)"},
    {ENFILE, Fault::kUnavailable, "too many files are open on this machine", ""},
    {EIO, Fault::kUnavailable, "the disk reports an error",
     "check the disk of {} (dmesg), and restore from a copy if it is failing"},
};

}  // namespace

Error system_error(std::string_view verb, std::string_view path, std::string_view root, int code) {
  const std::string detail = std::generic_category().message(code);
  for (const Meaning& meaning : kMeanings) {
    if (meaning.code != code) continue;
    return Error{meaning.fault,
                 fmt::format("cannot {} '{}': {} ({})", verb, path, meaning.why, detail),
                 std::string(root), fmt::format(fmt::runtime(meaning.next), root)};
  }
  return Error{Fault::kUnavailable, fmt::format("cannot {} '{}': {}", verb, path, detail),
               std::string(root)};
}

}  // namespace claimlake::store
