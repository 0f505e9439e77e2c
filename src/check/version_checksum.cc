#include "check/version_checksum.h"

#include <fmt/format.h>

#include "base/text.h"
#include "check/checkpoints.h"
#include "delta/partition_path.h"

namespace claimlake::check {
namespace {

struct Sums {
  std::int64_t files = 0;
  std::int64_t bytes = 0;
  std::int64_t vectors = 0;
  std::int64_t deleted_rows = 0;
};

Sums sums_of(const TableState& state) {
  Sums out;
  for (const auto& [path, file] : state.files) {
    ++out.files;
    out.bytes += file.add.size;
    if (!file.add.deletion_vector) continue;
    ++out.vectors;
    out.deleted_rows += file.add.deletion_vector->cardinality;
  }
  return out;
}

class ChecksumCheck {
 public:
  ChecksumCheck(const Json& json, const std::string& path, const TableState& state,
                Findings& findings)
      : json_(json), path_(path), state_(state), findings_(findings) {}

  void counts() {
    const Sums sums = sums_of(state_);
    number("numFiles", sums.files, true);
    number("tableSizeBytes", sums.bytes, true);
    number("numMetadata", 1, true);
    number("numProtocol", 1, true);
    number("numDeletionVectorsOpt", sums.vectors, false);
    number("numDeletedRecordsOpt", sums.deleted_rows, false);
  }

  void protocol_and_metadata() {
    const Json* protocol = member(json_, "protocol");
    const Json* metadata = member(json_, "metadata");
    if (protocol != nullptr && state_.protocol && !same_protocol(*state_.protocol, *protocol)) {
      findings_.add(Rule::kChecksumProtocol, path_, protocol->dump());
    }
    if (metadata != nullptr && state_.metadata && !same_metadata(*state_.metadata, *metadata)) {
      findings_.add(Rule::kChecksumMetadata, path_, "other metadata than the log has");
    }
  }

  void timestamp(std::optional<std::int64_t> of_log) {
    const auto stated = number_of(json_, "inCommitTimestampOpt");
    if (stated && of_log && *stated != *of_log) {
      findings_.add(Rule::kChecksumTimestamp, path_,
                    fmt::format("{}, and the log says {}", *stated, *of_log));
    }
  }

  // The actions of list `name` are those of the log, told apart by `key`, and say the same by
  // `value`.
  void list(const char* name, const char* key, const char* value,
            const std::map<std::string, Json>& of_log, bool may_lack, Rule rule) {
    const Json* all = member(json_, name);
    if (all == nullptr || !all->is_array()) return;
    std::size_t same = 0;
    for (const Json& one : *all) {
      const std::string id = text_of(one, key).value_or("");
      const auto known = of_log.find(id);
      const Json* stated = member(one, value);
      const Json* logged = known == of_log.end() ? nullptr : member(known->second, value);
      if (stated != nullptr && logged != nullptr && same_json(*stated, *logged)) {
        ++same;
      } else if (!flag_of(one, "removed").value_or(false)) {
        findings_.add(rule, path_, fmt::format("'{}' is not as in the log", id));
      }
    }
    if (same < of_log.size() && !may_lack) {
      findings_.add(rule, path_, fmt::format("{} of {}", same, of_log.size()));
    }
  }

  void files() {
    const Json* all = member(json_, "allFiles");
    if (all == nullptr || !all->is_array()) return;
    std::size_t known = 0;
    for (const Json& one : *all) {
      const delta::AddFile add = add_of(one);
      const std::string path = delta::decode_path(add.path);
      const auto live = state_.files.find(path);
      const std::string what =
          live == state_.files.end() ? "it is not in the table" : difference(live->second.add, add);
      if (what.empty()) ++known;
      if (!what.empty()) {
        findings_.add(Rule::kChecksumFiles, path_, fmt::format("'{}': {}", path, what));
      }
    }
    if (known < state_.files.size() && all->size() < state_.files.size()) {
      findings_.add(Rule::kChecksumFiles, path_,
                    fmt::format("{} of {} files", known, state_.files.size()));
    }
  }

 private:
  void number(const char* name, std::int64_t expected, bool required) {
    const auto stated = number_of(json_, name);
    if (!stated && !required) return;
    if (stated == expected) return;
    findings_.add(Rule::kChecksumCounts, path_,
                  fmt::format("{} is {}, and the log says {}", name,
                              stated ? std::to_string(*stated) : "not there", expected));
  }

  const Json& json_;
  const std::string& path_;
  const TableState& state_;
  Findings& findings_;
};

}  // namespace

void check_version_checksum(std::string_view text, const std::string& path, const TableLog& log,
                            Findings& findings) {
  const auto json = parse_json(text);
  if (!json || !json->is_object()) {
    findings.add(Rule::kChecksumUnreadable, path, "it is no JSON object");
    return;
  }
  const TableState& state = log.state();
  ChecksumCheck check(*json, path, state, findings);
  check.counts();
  check.protocol_and_metadata();
  check.timestamp(log.in_commit_timestamp());
  const bool expire =
      state.metadata && !property(*state.metadata, "delta.setTransactionRetentionDuration").empty();
  check.list("setTransactions", "appId", "version", state.transactions, expire,
             Rule::kChecksumTransactions);
  check.list("domainMetadata", "domain", "configuration", state.domains, false,
             Rule::kChecksumDomains);
  check.files();
}

}  // namespace claimlake::check
