#include "delta/log_segment.h"

#include <simdjson.h>

#include <algorithm>
#include <cctype>
#include <limits>
#include <map>

#include "base/text.h"

namespace claimlake::delta {
namespace {

constexpr std::size_t kVersionDigits = 20;
constexpr std::size_t kPartDigits = 10;

std::string padded(std::int64_t number, std::size_t digits) {
  const std::string text = std::to_string(number);
  return std::string(digits - std::min(digits, text.size()), '0') + text;
}

// Exactly `digits` digits that fit; else absent.
std::optional<std::int64_t> padded_number(std::string_view text, std::size_t digits) {
  if (text.size() != digits || text.front() == '-') return std::nullopt;
  return whole_number(text);
}

// The parts of one multi-part checkpoint: `total` says how many there must be.
struct PartSet {
  std::size_t total = 0;
  std::map<std::int64_t, std::string> paths;
  bool complete() const {
    return paths.size() == total && !paths.empty() && paths.begin()->first == 1 &&
           paths.rbegin()->first == static_cast<std::int64_t>(total);
  }
};

struct Candidates {
  std::map<std::size_t, PartSet> sets;  // by how many parts there must be; 0: the classic file
  std::vector<std::string> by_uuid;
};
using CheckpointCandidates = std::map<LogVersion, Candidates>;

bool is_uuid(std::string_view text) {
  constexpr std::size_t kLength = 36;
  return text.size() == kLength && std::all_of(text.begin(), text.end(), [](char c) {
           return c == '-' || std::isxdigit(static_cast<unsigned char>(c)) != 0;
         });
}

void note_checkpoint(LogVersion version, const std::vector<std::string>& words,
                     const std::string& path, CheckpointCandidates& out) {
  if (words.size() == 4) {  // VERSION.checkpoint.UUID.json or .parquet
    if (is_uuid(words[2])) out[version].by_uuid.push_back(path);
    return;
  }
  if (words.size() == 3 && words.back() == "parquet") {  // VERSION.checkpoint.parquet
    PartSet& set = out[version].sets[0];
    set.total = 1;
    set.paths[1] = path;
    return;
  }
  if (words.size() != 5 || words.back() != "parquet") return;
  // VERSION.checkpoint.PART.TOTAL.parquet
  const auto part = padded_number(words[2], kPartDigits);
  const auto total = padded_number(words[3], kPartDigits);
  if (!part || !total || *total < 1) return;
  PartSet& set = out[version].sets[static_cast<std::size_t>(*total)];
  set.total = static_cast<std::size_t>(*total);
  set.paths[*part] = path;
}

// A single file is to be read first, so it comes last.
void append_complete(LogVersion version, const Candidates& candidates,
                     std::vector<Checkpoint>& out) {
  for (const std::string& path : candidates.by_uuid) out.push_back({version, {path}});
  for (auto set = candidates.sets.rbegin(); set != candidates.sets.rend(); ++set) {
    if (!set->second.complete()) continue;
    Checkpoint& checkpoint = out.emplace_back(Checkpoint{version, {}});
    for (const auto& [number, path] : set->second.paths) checkpoint.parts.push_back(path);
  }
}

Error gap(LogVersion missing) {
  return {Fault::kCorrupt, "the table's log has a gap: " + commit_name(missing) + " is missing", "",
          "restore this file of _delta_log from a copy"};
}

}  // namespace

std::string log_folder(std::string_view table_path) {
  return table_path.empty() ? "_delta_log" : std::string(table_path) + "/_delta_log";
}
std::string commit_name(LogVersion version) { return padded(version, kVersionDigits) + ".json"; }
std::string checkpoint_name(LogVersion version) {
  return padded(version, kVersionDigits) + ".checkpoint.parquet";
}
std::string checkpoint_name(LogVersion version, std::string_view uuid) {
  return padded(version, kVersionDigits) + ".checkpoint." + std::string(uuid) + ".parquet";
}
std::string commit_path(std::string_view table_path, LogVersion version) {
  return log_folder(table_path) + "/" + commit_name(version);
}

LogListing sort_out(const std::vector<store::ObjectInfo>& listing) {
  LogListing out;
  CheckpointCandidates candidates;
  for (const store::ObjectInfo& object : listing) {
    const std::string name = object.path.substr(object.path.rfind('/') + 1);
    const std::vector<std::string> words = split(name, '.');
    const auto version = padded_number(words[0], kVersionDigits);
    // No version can follow the greatest number, so none is named by it.
    if (!version || *version == std::numeric_limits<LogVersion>::max()) continue;
    if (words.size() == 2 && words[1] == "json") {
      out.commits.push_back({*version, object});
    } else if (words.size() == 2 && words[1] == "crc") {
      out.checksums.push_back(*version);
    } else if (words.size() >= 3 && words[1] == "checkpoint" &&
               (words.back() == "parquet" || words.back() == "json")) {
      note_checkpoint(*version, words, object.path, candidates);
    }
  }
  for (const auto& [version, of_version] : candidates) {
    append_complete(version, of_version, out.checkpoints);
  }
  const auto by_version = [](const CommitFile& a, const CommitFile& b) {
    return a.version < b.version;
  };
  std::sort(out.commits.begin(), out.commits.end(), by_version);
  return out;
}

Result<LogSegment> find_segment(const LogListing& listing, std::optional<LogVersion> target,
                                const std::vector<std::string>& bad_checkpoints) {
  LogSegment out;
  out.version = listing.commits.empty() ? -1 : listing.commits.back().version;
  if (!listing.checkpoints.empty()) {
    out.version = std::max(out.version, listing.checkpoints.back().version);
  }
  if (out.version < 0) {
    return Error{Fault::kNotFound, "there is no Delta table: its log holds no version"};
  }
  if (target && (*target > out.version || *target < 0)) {
    return Error{Fault::kNotFound, "the table has no version " + std::to_string(*target) +
                                       "; its newest is " + std::to_string(out.version)};
  }
  if (target) out.version = *target;
  for (const Checkpoint& checkpoint : listing.checkpoints) {
    const bool bad = std::find(bad_checkpoints.begin(), bad_checkpoints.end(), checkpoint.name()) !=
                     bad_checkpoints.end();
    if (checkpoint.version <= out.version && !bad) out.checkpoint = checkpoint;
  }
  const bool starts_late = !listing.commits.empty() && listing.commits.front().version > 0;
  if (target && !out.checkpoint && !listing.checkpoints.empty() && starts_late) {
    return Error{Fault::kNotFound, "version " + std::to_string(*target) +
                                       " can no longer be read: the log before version " +
                                       std::to_string(listing.checkpoints.front().version) +
                                       " was cleaned up"};
  }
  LogVersion next = out.checkpoint ? out.checkpoint->version + 1 : 0;
  for (const CommitFile& commit : listing.commits) {
    if (out.checkpoint && commit.version == out.checkpoint->version) out.checkpoint_commit = commit;
    if (commit.version < next || commit.version > out.version) continue;
    if (commit.version != next) return gap(next);
    out.commits.push_back(commit);
    ++next;
  }
  if (next != out.version + 1) return gap(next);
  out.has_checksum = std::find(listing.checksums.begin(), listing.checksums.end(), out.version) !=
                     listing.checksums.end();
  return out;
}

std::optional<LastCheckpoint> parse_last_checkpoint(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::int64_t version = 0;
  if (parser.parse(json.data(), json.size(), true).get(root)) return std::nullopt;
  if (root["version"].get(version) || version < 0) return std::nullopt;
  LastCheckpoint out{version, checkpoint_name(version)};
  std::string_view path;
  if (!root["v2Checkpoint"]["path"].get(path)) {
    const std::string name(path.substr(path.rfind('/') + 1));
    if (name.starts_with(padded(version, kVersionDigits) + ".checkpoint.")) out.name = name;
  }
  return out;
}

}  // namespace claimlake::delta
