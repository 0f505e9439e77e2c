#include "schedule/folder_watch.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

namespace claimlake::schedule {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::uint32_t kMask = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE |
                                IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
// How often it is looked whether a folder that went has come back.
constexpr auto kLookForFolder = 500ms;

std::string join(const std::string& folder, std::string_view name) {
  return folder.empty() ? std::string(name) : fmt::format("{}/{}", folder, name);
}

std::string reason(int code) { return std::system_category().message(code); }

// Waits until one of the two can be read.
void wait_for_any(int events, int bell, std::chrono::microseconds at_most) {
  std::array<pollfd, 2> ends{{{events, POLLIN, 0}, {bell, POLLIN, 0}}};
  const auto millis = std::chrono::ceil<std::chrono::milliseconds>(at_most).count();
  poll(ends.data(), ends.size(),
       static_cast<int>(std::clamp<std::int64_t>(millis, 0, std::int64_t{3'600'000})));
}

}  // namespace

Result<std::unique_ptr<FolderWatch>> FolderWatch::open(std::string folder) {
  store::FileDescriptor events(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  const int code = errno;
  store::FileDescriptor bell(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!events || !bell) {
    return Error{Fault::kUnavailable, "Cannot watch folders: " + reason(events ? errno : code),
                 folder, "raise fs.inotify.max_user_instances, or end programs that watch folders"};
  }
  std::unique_ptr<FolderWatch> made(
      new FolderWatch(std::move(folder), std::move(events), std::move(bell)));  // private
  made->watch("");
  return made;
}

bool FolderWatch::is_there() const {
  return std::any_of(by_number_.begin(), by_number_.end(),
                     [](const auto& watched) { return watched.second.empty(); });
}

void FolderWatch::watch(const std::string& below) {
  const std::string whole = join(folder_, below);
  const int number = inotify_add_watch(events_.number(), whole.c_str(), kMask);
  if (number < 0) {
    const int code = errno;
    if (below.empty() && (code == ENOENT || code == ENOTDIR)) {
      problem_ =
          fmt::format("The folder {} is not there; what arrives is seen once it is back", folder_);
    } else if (code == ENOSPC || code == EACCES) {
      problem_ =
          fmt::format("The folder {} cannot be watched ({}); it is listed instead", whole,
                      code == ENOSPC ? "fs.inotify.max_user_watches is used up" : reason(code));
    }
    return;  // one that is gone again needs no watch
  }
  if (below.empty()) problem_.clear();
  by_number_[number] = below;
  // Folders that came before the watch did. Files in them are found by listing.
  std::error_code ignored;
  for (fs::directory_iterator entry(whole, ignored), end; entry != end; entry.increment(ignored)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with('.') && entry->is_directory(ignored)) watch(join(below, name));
  }
}

void FolderWatch::drop(const std::string& below) {
  for (auto at = by_number_.begin(); at != by_number_.end();) {
    if (at->second == below || at->second.starts_with(below + "/")) {
      inotify_rm_watch(events_.number(), at->first);
      at = by_number_.erase(at);
    } else {
      ++at;
    }
  }
}

void FolderWatch::drop_all() {
  for (const auto& [number, below] : by_number_) inotify_rm_watch(events_.number(), number);
  by_number_.clear();
}

void FolderWatch::take_event(std::uint32_t mask, int number, std::string_view name,
                             Arrived& arrived) {
  if ((mask & IN_Q_OVERFLOW) != 0) {
    arrived.look_at_all = true;
    return;
  }
  const auto found = by_number_.find(number);
  if (found == by_number_.end()) return;  // of a watch that was dropped
  const std::string below = found->second;
  if ((mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)) != 0) {
    if (below.empty()) {
      drop_all();
    } else {
      drop(below);
    }
    arrived.look_at_all = true;
    return;
  }
  const std::string path = join(below, name);
  if ((mask & IN_ISDIR) != 0) {
    if (name.starts_with('.')) return;
    drop(path);  // what had the name before
    if ((mask & (IN_CREATE | IN_MOVED_TO)) != 0) watch(path);
    arrived.look_at_all = true;
  } else if ((mask & IN_MOVED_FROM) == 0) {
    arrived.files.push_back({path, (mask & IN_MOVED_TO) != 0});
  }
}

void FolderWatch::read_events(Arrived& arrived) {
  alignas(inotify_event) std::array<char, std::size_t{64} << 10> bytes;
  for (;;) {
    const ssize_t count = read(events_.number(), bytes.data(), bytes.size());
    if (count <= 0) return;
    for (ssize_t at = 0; at < count;) {
      inotify_event event{};
      std::memcpy(&event, bytes.data() + at, sizeof(event));
      // The name is padded with NUL bytes.
      const char* name = bytes.data() + at + sizeof(event);
      take_event(event.mask, event.wd, {name, strnlen(name, event.len)}, arrived);
      at += static_cast<ssize_t>(sizeof(event) + event.len);
    }
  }
}

Arrived FolderWatch::wait(std::chrono::microseconds at_most) {
  Arrived arrived;
  if (!is_there()) at_most = std::min<std::chrono::microseconds>(at_most, kLookForFolder);
  wait_for_any(events_.number(), bell_.number(), at_most);
  eventfd_t rung = 0;
  eventfd_read(bell_.number(), &rung);
  read_events(arrived);
  if (!is_there()) {
    watch("");
    // It is back, or has just come: what is in it came unseen.
    if (is_there()) arrived.look_at_all = true;
  }
  arrived.problem = problem_;
  return arrived;
}

void FolderWatch::wake() { eventfd_write(bell_.number(), 1); }

}  // namespace claimlake::schedule
