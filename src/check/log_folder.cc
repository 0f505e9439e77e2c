#include "check/log_folder.h"

#include <algorithm>

#include "base/text.h"

namespace claimlake::check {
namespace {

constexpr std::size_t kVersionDigits = 20;
constexpr std::size_t kPartDigits = 10;

// A number of exactly so many digits.
std::optional<LogVersion> digits(std::string_view text, std::size_t count) {
  if (text.size() != count || text.front() == '-') return std::nullopt;
  return whole_number(text);
}

CheckpointFiles& checkpoint_of(std::vector<CheckpointFiles>& all, const CheckpointFiles& one) {
  for (CheckpointFiles& known : all) {
    if (one.parts > 1 && known.parts == one.parts) return known;
  }
  all.push_back(one);
  return all.back();
}

void add_checkpoint(LogFolder& folder, LogVersion version, const std::vector<std::string>& name,
                    const store::ObjectInfo& object) {
  CheckpointFiles found{.name = object.path};
  if (name.size() == 4) found.has_uuid = true;
  if (name.size() == 5) {
    const auto part = digits(name[2], kPartDigits);
    const auto parts = digits(name[3], kPartDigits);
    if (!part || !parts || *part < 1 || *parts < *part) return;
    found.parts = static_cast<std::size_t>(*parts);
  }
  CheckpointFiles& known = checkpoint_of(folder.checkpoints[version], found);
  known.paths.push_back(object.path);
  known.size += object.size;
}

// Names that mean nothing to the protocol are left alone.
void sort_in(LogFolder& folder, const store::ObjectInfo& object) {
  const std::string file = object.path.substr(folder.path.size() + 1);
  if (file == "_last_checkpoint") folder.has_last_checkpoint = true;
  const std::vector<std::string> name = split(file, '.');
  const auto version = digits(name[0], kVersionDigits);
  if (!version || name.size() < 2) return;
  const std::string& kind = name[1];
  if (name.size() == 2 && kind == "json") folder.commits[*version] = object.path;
  if (name.size() == 2 && kind == "crc") folder.checksums[*version] = object.path;
  if (name.size() == 4 && name[2] == "compacted" && name[3] == "json") {
    if (const auto to = digits(kind, kVersionDigits))
      folder.compacted[{*version, *to}] = object.path;
  }
  const bool parquet = name.back() == "parquet" && name.size() >= 3 && name.size() <= 5;
  const bool json = name.back() == "json" && name.size() == 4;
  if (kind == "checkpoint" && (parquet || json)) add_checkpoint(folder, *version, name, object);
}

}  // namespace

LogVersion LogFolder::oldest() const {
  if (commits.empty()) return checkpoints.begin()->first;
  if (checkpoints.empty()) return commits.begin()->first;
  return std::min(commits.begin()->first, checkpoints.begin()->first);
}

LogVersion LogFolder::newest() const {
  if (commits.empty()) return checkpoints.rbegin()->first;
  if (checkpoints.empty()) return commits.rbegin()->first;
  return std::max(commits.rbegin()->first, checkpoints.rbegin()->first);
}

Result<LogFolder> list_log_folder(const store::Store& store, std::string_view table_path) {
  LogFolder folder;
  folder.path = table_path.empty() ? "_delta_log" : std::string(table_path) + "/_delta_log";
  TRY(const auto objects, store.list(folder.path));
  for (const store::ObjectInfo& object : objects) sort_in(folder, object);
  return folder;
}

}  // namespace claimlake::check
