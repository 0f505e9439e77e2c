#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace claimlake::delta {

// The table properties ("delta.*" in the table's configuration) that we act upon, with the
// protocol's defaults. Others are kept in the table and left alone.
struct TableProperties {
  int checkpoint_interval = 0;  // delta.checkpointInterval, commits; 0: not said
  std::chrono::milliseconds deleted_file_retention = std::chrono::days(7);
  std::chrono::milliseconds log_retention = std::chrono::days(30);
  bool log_cleanup = true;                                 // delta.enableExpiredLogCleanup
  std::optional<std::chrono::milliseconds> txn_retention;  // absent: positions never expire
  bool append_only = false;
  bool in_commit_timestamps = false;
  bool deletion_vectors = false;  // delta.enableDeletionVectors
  bool change_data_feed = false;  // delta.enableChangeDataFeed
  bool serializable = false;      // delta.isolationLevel; else WriteSerializable
  int stats_columns = 32;         // delta.dataSkippingNumIndexedCols; -1: all
  int string_prefix = 32;         // UTF-16 units; delta.dataSkippingStringPrefixLength
  // How long versions that use a feature stay before it may be dropped with TRUNCATE HISTORY.
  std::chrono::milliseconds drop_feature_retention = std::chrono::hours(24);
  bool type_widening = false;                                // delta.enableTypeWidening
  std::int64_t target_file_bytes = std::int64_t{128} << 20;  // delta.targetFileSize
  // claimlake.rowGroupRows: of the files that are written; 0: as is best for reading all of them.
  int row_group_rows = 0;
  std::string column_mapping = "none";  // none, id, name
  bool v2_checkpoints = false;          // delta.checkpointPolicy: classic or v2
  bool checkpoint_stats_json = true;    // delta.checkpoint.writeStatsAsJson
  bool checkpoint_stats_typed = false;  // delta.checkpoint.writeStatsAsStruct
};

// Errors: kInvalidInput, naming the property, its value and what is allowed.
Result<TableProperties> parse_properties(const std::map<std::string, std::string>& configuration);

// The same for reading: a value that cannot be read counts as absent, for a reader must not fail
// because of a property that only writers need.
TableProperties read_properties(const std::map<std::string, std::string>& configuration);

// How many commits come between two checkpoints of a table of so many files: its property, or else
// 10, and 10 more for each thousand files up to 100. A checkpoint names all files, so that of a
// large table a checkpoint every ten commits would cost more than the commits.
int commits_per_checkpoint(const TableProperties& properties, std::size_t files);

// The names that parse_properties knows.
std::vector<std::string> known_properties();

// "interval 1 week", "7 days", "interval 1 day 12 hours". Months and years are refused: they have
// no fixed length. Errors: kInvalidInput.
Result<std::chrono::milliseconds> parse_interval(std::string_view text);

}  // namespace claimlake::delta
