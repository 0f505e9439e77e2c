#include "serve/event_file.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/log.h"

namespace claimlake::serve {
namespace {

using Json = nlohmann::json;

// Numbers that are left out when the file is opened: so many events at most were told without being
// kept, when the machine lost its power.
constexpr std::uint64_t kSkipped = 1'000'000;
constexpr std::size_t kGrowth =
    4;  // the file is written anew when it is so many times as long as the log

std::string event_line(std::uint64_t number, const std::string& name, const std::string& customer,
                       const std::string& data) {
  return fmt::format("{{\"n\":{},\"name\":{},\"customer\":{},\"data\":{}}}\n", number,
                     Json(name).dump(), Json(customer).dump(), data);
}

}  // namespace

EventFile::EventFile(std::string path, Random& random, events::EventLog::Limits limits)
    : path_(std::move(path)), limits_(limits) {
  was_there_ = !path_.empty() && read();
  if (!was_there_) {
    versions_.clear();
    log_ = std::make_unique<events::EventLog>(fmt::format("{:016x}", random.next()), limits_);
  }
  log_->skip_to(log_->newest() + kSkipped);
  rewrite();
}

// Each line is one JSON object: the id of the log, an event, or the versions that were told of. A
// last line that was not written whole is left out.
bool EventFile::read() {
  std::ifstream in(path_, std::ios::binary);
  std::string line;
  while (std::getline(in, line)) {
    if (in.eof()) break;
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object()) return false;
    if (json.contains("log") && json["log"].is_string() && log_ == nullptr) {
      log_ = std::make_unique<events::EventLog>(json["log"].get<std::string>(), limits_);
    } else if (log_ == nullptr) {
      return false;
    } else if (json.contains("skipped_to") && json["skipped_to"].is_number_unsigned()) {
      const auto number = json["skipped_to"].get<std::uint64_t>();
      if (number < log_->newest()) return false;
      log_->skip_to(number);
    } else if (json.contains("versions") && json["versions"].is_object()) {
      for (const auto& [table, told] : json["versions"].items()) {
        if (!told.is_array() || told.size() != 2 || !told[0].is_number_integer() ||
            !told[1].is_number_integer()) {
          return false;
        }
        versions_[table] = {told[0].get<delta::LogVersion>(),
                            Timestamp(std::chrono::microseconds(told[1].get<std::int64_t>()))};
      }
    } else if (json.contains("n") && json["n"].is_number_unsigned() && json.contains("name") &&
               json["name"].is_string() && json.contains("customer") &&
               json["customer"].is_string() && json.contains("data")) {
      const auto number = json["n"].get<std::uint64_t>();
      if (number <= log_->newest()) return false;
      // The data as it was written: parsing it would round its numbers.
      const std::size_t begin = line.find("\"data\":") + 7;
      log_->put_back({number,
                      json["name"].get<std::string>(),
                      line.substr(begin, line.size() - 1 - begin),
                      {json["customer"].get<std::string>()}});
    } else {
      return false;
    }
  }
  return log_ != nullptr;
}

std::string EventFile::versions_line() const {
  Json versions = Json::object();
  for (const auto& [table, told] : versions_) {
    versions[table] = {told.version, told.committed_at.time_since_epoch().count()};
  }
  return Json({{"versions", versions}}).dump() + "\n";
}

void EventFile::rewrite() {
  if (path_.empty()) return;
  std::error_code failed;
  std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), failed);
  const std::string whole = path_ + ".new";
  out_ = std::ofstream(whole, std::ios::binary | std::ios::trunc);
  std::string text = Json({{"log", log_->id()}}).dump() + "\n";
  for (const events::Event& event : log_->events()) {
    text += event_line(event.number, event.name, event.audience.customer_id, event.data);
  }
  if (log_->events().empty() || log_->events().back().number < log_->newest()) {
    text += Json({{"skipped_to", log_->newest()}}).dump() + "\n";
  }
  text += versions_line();
  bytes_ = text.size();
  out_ << text;
  out_.flush();
  if (out_) std::filesystem::rename(whole, path_, failed);
  if (!out_ || failed) claimlake::log(LogLevel::kWarning, "events_not_kept", {{"file", path_}});
}

void EventFile::keep(const std::vector<CommitEvent>& events, const TableVersions& versions) {
  versions_ = versions;
  if (path_.empty()) return;
  if (bytes_ > kGrowth * limits_.bytes_max) rewrite();
  std::string text;
  std::uint64_t number = log_->newest();
  for (const CommitEvent& event : events) {
    text += event_line(++number, event.name, event.audience.customer_id, event.data);
  }
  text += versions_line();
  bytes_ += text.size();
  out_ << text;
  out_.flush();
  if (!out_) claimlake::log(LogLevel::kWarning, "events_not_kept", {{"file", path_}});
}

}  // namespace claimlake::serve
