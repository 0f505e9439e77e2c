#include "delta/conflict.h"

#include <algorithm>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "delta/dropped.h"

namespace claimlake::delta {
namespace {

constexpr const char* kReadAgain = "read the table again and repeat the change";

class Check {
 public:
  Check(LogVersion version, std::span<const Action> winning, std::span<const Action> mine,
        const ReadSet& read, std::optional<LogVersion> put_before)
      : version_(version), read_(read) {
    bool saw_what_comes_later = put_before.has_value();
    for (const Action& action : winning) {
      if (const auto* remove = std::get_if<RemoveFile>(&action)) {
        const auto& vector = remove->deletion_vector;
        taken_by_winner_[remove->path] = vector ? vector->cardinality : 0;
      } else if (const auto* info = std::get_if<CommitInfo>(&action)) {
        winner_only_adds_ = info->is_blind_append;
        winner_restores_ = info->operation == "RESTORE";
        if (put_before && info->read_version) {
          saw_what_comes_later = *info->read_version >= *put_before;
        }
      }
    }
    comes_too_late_ = saw_what_comes_later && !winner_only_adds_;
    for (const Action& action : mine) {
      if (const auto* remove = std::get_if<RemoveFile>(&action)) {
        removed_.insert(remove->path);
      } else if (const auto* add = std::get_if<AddFile>(&action)) {
        added_.insert(add->path);
      } else if (const auto* txn = std::get_if<Txn>(&action)) {
        apps_.insert(txn->app_id);
      } else if (const auto* domain = std::get_if<DomainMetadata>(&action)) {
        domains_.insert(domain->domain);
      }
    }
  }

  Error came_between() const {
    return error("was committed, and this change names the version that it makes");
  }
  std::optional<Error> operator()(const Protocol&) const {
    return error("changed what the table demands of its writers (protocol)");
  }
  std::optional<Error> operator()(const Metadata& metadata) const {
    if (is_dropped(metadata)) return error("dropped the table", "the table is gone");
    return error("changed the table's schema or properties");
  }
  std::optional<Error> operator()(const Txn& txn) const {
    if (!apps_.contains(txn.app_id)) return std::nullopt;
    return error("committed position " + std::to_string(txn.version) + " of the same source '" +
                     txn.app_id + "'",
                 "read the position again: the rows may be there already");
  }
  std::optional<Error> operator()(const DomainMetadata& domain) const {
    if (!domains_.contains(domain.domain)) return std::nullopt;
    return error("changed the same metadata domain '" + domain.domain + "'");
  }
  std::optional<Error> operator()(const AddFile& add) const {
    if (removed_.contains(add.path) || added_.contains(add.path)) {
      return error("added file " + add.path + ", which this change adds or removes");
    }
    if (!add.data_change) return std::nullopt;
    if (comes_too_late_) return too_late();
    if (!was_read(&add.partition_values) && !brings_rows(add)) return std::nullopt;
    return error("added file " + add.path + " to what this change has read");
  }
  std::optional<Error> operator()(const RemoveFile& remove) const {
    if (removed_.contains(remove.path) || added_.contains(remove.path)) {
      return error("removed file " + remove.path + ", which this change adds or removes");
    }
    if (read_.files.contains(remove.path)) {
      return error("removed rows from file " + remove.path +
                   ", which kept this change from inserting others");
    }
    if (!remove.data_change) return std::nullopt;
    if (comes_too_late_) return too_late();
    const bool known = remove.extended_file_metadata || !remove.partition_values.empty();
    if (!was_read(known ? &remove.partition_values : nullptr)) return std::nullopt;
    return error("removed file " + remove.path + ", which this change has read");
  }
  std::optional<Error> operator()(const CommitInfo& info) const {
    if (!read_.brings_back || info.operation != kVacuumStart) return std::nullopt;
    return error("is a VACUUM that began, which may delete what this change brings back");
  }
  std::optional<Error> operator()(const CdcFile&) const { return std::nullopt; }
  std::optional<Error> operator()(const Sidecar&) const { return std::nullopt; }
  std::optional<Error> operator()(const CheckpointMetadata&) const { return std::nullopt; }

 private:
  // True if the file has lost rows and got none back: it is there again with a larger vector. Which
  // rows a vector holds is not known here; only RESTORE makes one of others.
  bool loses_rows(const AddFile& add) const {
    const auto before = taken_by_winner_.find(add.path);
    return before != taken_by_winner_.end() && !winner_restores_ && add.deletion_vector &&
           add.deletion_vector->cardinality > before->second;
  }

  // True if the file has rows that a row-wise change must look at. Rows of a blind append may come
  // after this change, unless the table asks for more: the order of the two is then another one
  // than that of the log.
  bool brings_rows(const AddFile& add) const {
    if (!read_.rows || loses_rows(add)) return false;
    return !winner_only_adds_ || read_.serializable;
  }

  // The winner stands after rows that this change is put before, and would have to stand before it.
  Error too_late() const {
    return error("changed rows and had read others that this change has not");
  }

  Error error(const std::string& what, const char* next = kReadAgain) const {
    return {Fault::kConflict,
            "another writer was first: version " + std::to_string(version_) + " " + what, "", next};
  }

  // True if rows of a file with these partition values could have been read. Null: not known.
  bool was_read(const PartitionValues* values) const {
    if (read_.whole_table) return true;
    return std::any_of(read_.partitions.begin(), read_.partitions.end(),
                       [&](const PartitionValues& wanted) {
                         return values == nullptr || matches(*values, wanted);
                       });
  }
  static bool matches(const PartitionValues& values, const PartitionValues& wanted) {
    return std::all_of(wanted.begin(), wanted.end(), [&](const auto& pair) {
      const auto value = values.find(pair.first);
      return value == values.end() || value->second == pair.second;
    });
  }

  LogVersion version_;
  const ReadSet& read_;
  std::unordered_map<std::string, std::int64_t> taken_by_winner_;  // rows gone before, by path
  bool winner_only_adds_ = false;
  bool winner_restores_ = false;
  bool comes_too_late_ = false;
  std::unordered_set<std::string> removed_;
  std::unordered_set<std::string> added_;
  std::set<std::string> apps_;
  std::set<std::string> domains_;
};

}  // namespace

std::optional<Error> conflict(LogVersion version, std::span<const Action> winning,
                              std::span<const Action> mine, const ReadSet& read,
                              std::optional<LogVersion> put_before) {
  const Check check(version, winning, mine, read, put_before);
  if (read.names_version) return check.came_between();
  // A position already committed matters most to the caller, so it is looked for first.
  for (const Action& action : winning) {
    if (!std::holds_alternative<Txn>(action)) continue;
    if (auto error = std::visit(check, action)) return error;
  }
  for (const Action& action : winning) {
    if (auto error = std::visit(check, action)) return error;
  }
  return std::nullopt;
}

bool is_put_before(std::span<const Action> winning, const ReadSet& read) {
  return read.rows && !read.serializable && std::ranges::any_of(winning, [](const Action& action) {
           const auto* info = std::get_if<CommitInfo>(&action);
           return info != nullptr && info->is_blind_append;
         });
}

}  // namespace claimlake::delta
