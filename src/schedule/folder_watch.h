#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "schedule/arrivals.h"
#include "store/local_files.h"

namespace claimlake::schedule {

// Watches a folder of this machine and the folders below it through inotify. A file is told of when
// it got its name there, or when it was closed after writing. When notifications were lost, a
// folder came, or the watched folder itself went or came back, it asks to look at all. Files that
// another machine writes into a shared folder are not told of.
class FolderWatch final : public Arrivals {
 public:
  // Errors: kUnavailable (the machine has no watch left).
  static Result<std::unique_ptr<FolderWatch>> open(std::string folder);

  Arrived wait(std::chrono::microseconds at_most) override;
  void wake() override;
  bool tells() const override { return !by_number_.empty() && problem_.empty(); }

 private:
  FolderWatch(std::string folder, store::FileDescriptor events, store::FileDescriptor bell)
      : folder_(std::move(folder)), events_(std::move(events)), bell_(std::move(bell)) {}

  // Watches `below` (relative, "" is the folder itself) and all folders in it.
  void watch(const std::string& below);
  void drop(const std::string& below);
  void drop_all();
  bool is_there() const;
  void read_events(Arrived& arrived);
  void take_event(std::uint32_t mask, int number, std::string_view name, Arrived& arrived);

  const std::string folder_;
  store::FileDescriptor events_;
  store::FileDescriptor bell_;
  std::map<int, std::string> by_number_;  // of a watch: the folder, relative
  std::string problem_;
};

}  // namespace claimlake::schedule
