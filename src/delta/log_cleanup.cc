#include "delta/log_cleanup.h"

#include <algorithm>

#include "base/text.h"
#include "delta/log_segment.h"

namespace claimlake::delta {
namespace {

constexpr std::size_t kVersionDigits = 20;

// The version that a file of the log is named by; of a compacted log the first.
std::optional<LogVersion> version_of(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  if (name.size() <= kVersionDigits || name[kVersionDigits] != '.') return std::nullopt;
  return whole_number(name.substr(0, kVersionDigits));
}

}  // namespace

std::optional<LogVersion> expired_before(const std::vector<store::ObjectInfo>& listing,
                                         Timestamp cutoff) {
  const LogListing log = sort_out(listing);
  // Times of files may fall back; a version is as old as the youngest file up to it.
  std::optional<LogVersion> last_old;
  for (const CommitFile& commit : log.commits) {
    if (commit.object.modified_at > cutoff) break;
    last_old = commit.version;
  }
  std::optional<LogVersion> kept;
  for (const Checkpoint& checkpoint : log.checkpoints) {
    if (last_old && checkpoint.version <= *last_old) kept = checkpoint.version;
  }
  return kept;
}

std::vector<std::string> log_before(const std::vector<store::ObjectInfo>& listing,
                                    LogVersion first_kept) {
  std::vector<std::string> out;
  for (const store::ObjectInfo& object : listing) {
    const auto version = version_of(object.path);
    if (version && *version < first_kept) out.push_back(object.path);
  }
  return out;
}

std::vector<std::string> orphan_sidecars(const std::vector<store::ObjectInfo>& sidecars,
                                         const std::set<std::string>& named, Timestamp now) {
  const Timestamp young = std::chrono::floor<std::chrono::days>(now) - std::chrono::days(1);
  std::vector<std::string> out;
  for (const store::ObjectInfo& sidecar : sidecars) {
    if (sidecar.modified_at < young && !named.contains(sidecar.path)) out.push_back(sidecar.path);
  }
  return out;
}

std::string sidecar_folder(std::string_view table_path) {
  return log_folder(table_path) + "/_sidecars";
}

}  // namespace claimlake::delta
