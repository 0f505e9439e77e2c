#include "schedule/owner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <system_error>

namespace claimlake::schedule {

std::string Owner::text() const {
  return fmt::format("claimlake {} (process {}, since {})", program, process,
                     to_text(since).substr(0, 19) + " UTC");
}

Result<std::unique_ptr<Ownership>> Ownership::take(const std::string& path,
                                                   const std::string& program, const Clock& clock) {
  store::FileDescriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (!file) {
    return Error{Fault::kUnavailable,
                 "Cannot take over the pipeline: " + std::system_category().message(errno), path,
                 "check the permissions of the lake's folder and the space on its disk"};
  }
  if (flock(file.number(), LOCK_EX | LOCK_NB) != 0) return std::unique_ptr<Ownership>();
  const std::string text =
      nlohmann::json{
          {"process", getpid()}, {"program", program}, {"since", to_rfc3339(clock.now())}}
          .dump();
  // Only for people; on a full disk it stays empty.
  if (ftruncate(file.number(), 0) == 0) {
    [[maybe_unused]] const auto written = pwrite(file.number(), text.data(), text.size(), 0);
  }
  return std::unique_ptr<Ownership>(new Ownership(std::move(file)));  // the constructor is private
}

std::optional<Owner> Ownership::holder(const std::string& path) {
  const store::FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file || flock(file.number(), LOCK_SH | LOCK_NB) == 0) return std::nullopt;
  std::array<char, 256> bytes{};
  const ssize_t count = pread(file.number(), bytes.data(), bytes.size(), 0);
  Owner owner;
  const auto json = nlohmann::json::parse(bytes.data(), bytes.data() + std::max<ssize_t>(count, 0),
                                          nullptr, false);
  if (!json.is_object()) return owner;
  owner.process = json.value("process", std::int64_t{0});
  owner.program = json.value("program", "");
  if (const auto since = parse_timestamp(json.value("since", ""))) owner.since = *since;
  return owner;
}

}  // namespace claimlake::schedule
