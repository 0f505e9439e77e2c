#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "check/actions.h"
#include "check/log_folder.h"
#include "check/table_schema.h"

namespace claimlake::check {

struct LiveFile {
  delta::AddFile add;
  LogVersion version = 0;  // whose entry, or checkpoint, says so
};

// A table at one version, as its log says: a plain replay, apart from delta::Snapshot.
struct TableState {
  std::optional<Json> protocol;
  std::optional<Json> metadata;
  std::unordered_map<std::string, LiveFile> files;  // by path, decoded
  std::map<std::string, Json> transactions;         // by appId
  std::map<std::string, Json> domains;              // that are not removed
  // When files were removed that did not come back, by removed_key(); of those that say when.
  std::unordered_map<std::string, std::int64_t> removed;
};
// A file that was removed, with its vector.
std::string removed_key(const std::string& decoded_path, const std::string& vector_id);

// "" if the file has no vector.
std::string vector_id(const std::optional<delta::DeletionVector>& vector);

// A change file and the version that has it.
struct ChangeFile {
  delta::CdcFile file;
  LogVersion version = 0;
};

// Replays the entries of a log, oldest first, and checks each for itself and against those before.
class TableLog {
 public:
  explicit TableLog(Findings& findings) : findings_(findings) {}  // outlives this

  // Whether the state is known: from version 0 on, or from a checkpoint on, every entry was read.
  bool is_known() const { return known_; }
  // Begins with the empty table, or with what a checkpoint says.
  void begin(TableState state, const std::string& where);
  // The entry of a version is missing: what follows cannot be known from the log alone.
  void lose() { known_ = false; }

  void commit(LogVersion version, const std::string& path, std::string_view text);

  const TableState& state() const { return state_; }
  const TableSchema& schema() const { return schema_; }
  // Of the last commit.
  const std::vector<ChangeFile>& change_files() const { return change_files_; }
  std::optional<std::int64_t> in_commit_timestamp() const { return in_commit_timestamp_; }

  // The table uses a feature: the protocol must declare it. Said once for each protocol.
  void uses(const std::string& feature, const std::string& where);

 private:
  // The actions of one commit, each with its place.
  struct Placed {
    std::string where;
    Json body;
  };
  // Files are what a long entry is made of: they are kept as values, which are smaller.
  struct PlacedAdd {
    std::string where;
    delta::AddFile add;
  };
  struct Commit {
    LogVersion version = 0;
    std::string path;
    std::vector<PlacedAdd> adds;
    std::vector<Placed> removes;
    std::vector<Placed> txns;
    std::vector<Placed> domains;
    std::vector<Placed> changes;
    std::vector<Placed> protocols;
    std::vector<Placed> metadata;
    std::optional<Json> info;
    bool info_is_first = false;
    bool is_whole = true;
  };
  Commit read(LogVersion version, const std::string& path, std::string_view text);
  void sort_in(Commit& commit, RawAction action, const std::string& where);
  void apply_metadata(const Commit& commit);
  void apply_removes(const Commit& commit, std::map<std::string, std::string>& removed);
  void apply_adds(Commit& commit, const std::map<std::string, std::string>& removed);
  void apply_rest(const Commit& commit);
  void check_add(const delta::AddFile& add, const std::string& where);
  void check_values(const delta::PartitionValues& values, const std::string& where);
  void check_timestamp(const Commit& commit);
  void use_metadata(const std::string& where);

  Findings& findings_;
  TableState state_;
  TableSchema schema_;
  std::vector<ChangeFile> change_files_;
  std::set<std::string> said_;  // features that were said to be undeclared
  std::optional<std::int64_t> in_commit_timestamp_;
  bool known_ = false;
};

}  // namespace claimlake::check
