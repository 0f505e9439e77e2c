#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "delta/schema.h"

namespace claimlake::delta {

using LogVersion = std::int64_t;

// The actions of the Delta protocol (PROTOCOL.md, "Actions"), field by field. Times are
// milliseconds since 1970 as in the log. Paths are as they stand in the log (URI-encoded).

struct Protocol {
  int min_reader_version = 1;
  int min_writer_version = 2;
  std::vector<std::string> reader_features;  // only if min_reader_version is 3
  std::vector<std::string> writer_features;  // only if min_writer_version is 7
  bool operator==(const Protocol&) const = default;
};

struct Metadata {
  std::string id;
  std::string name;
  std::string description;
  std::string schema_json;
  std::vector<std::string> partition_columns;
  std::map<std::string, std::string> configuration;
  std::optional<std::int64_t> created_time_ms;
  // How its files are encoded. We read and write no other, and pass the options on.
  std::string format_provider = "parquet";
  std::map<std::string, std::string> format_options = {};
  bool operator==(const Metadata&) const = default;
};

// Absent value = null.
using PartitionValues = std::map<std::string, std::optional<std::string>>;

struct DeletionVector {
  std::string storage_type;  // "u", "i" or "p"
  std::string path_or_inline;
  std::optional<std::int32_t> offset;
  std::int32_t size_in_bytes = 0;
  std::int64_t cardinality = 0;
  bool operator==(const DeletionVector&) const = default;
  // The identity beside the path, as the protocol defines it.
  std::string unique_id() const;
};

struct AddFile {
  std::string path;
  PartitionValues partition_values;
  std::int64_t size = 0;  // bytes
  std::int64_t modification_time_ms = 0;
  bool data_change = true;
  std::string stats_json;  // empty if there are none
  std::map<std::string, std::string> tags = {};
  std::optional<DeletionVector> deletion_vector = {};
  std::optional<std::int64_t> base_row_id = {};
  std::optional<std::int64_t> default_row_commit_version = {};
  std::string clustering_provider = {};  // empty if nobody clustered the file
};

struct RemoveFile {
  std::string path;
  std::optional<std::int64_t> deletion_timestamp_ms;
  bool data_change = true;
  bool extended_file_metadata = false;
  PartitionValues partition_values = {};
  std::optional<std::int64_t> size = {};
  std::optional<DeletionVector> deletion_vector = {};
  std::map<std::string, std::string> tags = {};
  std::optional<std::int64_t> base_row_id = {};
  std::optional<std::int64_t> default_row_commit_version = {};
};

struct Txn {
  std::string app_id;
  std::int64_t version = 0;
  std::optional<std::int64_t> last_updated_ms = {};
};

struct DomainMetadata {
  std::string domain;
  std::string configuration;
  bool removed = false;
};

// Operations of the history that others act upon. A VACUUM deletes after the one and before the
// other.
inline constexpr const char* kVacuumStart = "VACUUM START";
inline constexpr const char* kVacuumEnd = "VACUUM END";

struct CommitInfo {
  std::int64_t timestamp_ms = 0;
  std::string operation;                          // "WRITE", "CREATE TABLE", ...
  std::map<std::string, std::string> parameters;  // values are JSON texts, as Spark writes them
  std::map<std::string, std::string> metrics;     // numOutputRows, numFiles, numOutputBytes, ...
  std::string user;
  std::string run;  // our run id; kept under "claimlake"
  std::optional<LogVersion> read_version;
  bool is_blind_append = false;
  std::string txn_id;  // unique per attempt; settles an ambiguous put
  std::optional<std::int64_t> in_commit_timestamp_ms = {};
  std::string engine_info;
  std::map<std::string, std::string> tags = {};
};

struct CdcFile {
  std::string path;
  PartitionValues partition_values;
  std::int64_t size = 0;
};

// Names a Parquet file of `_delta_log/_sidecars` that holds files of the checkpoint it stands in.
struct Sidecar {
  std::string path;  // URI-encoded; only its last name counts
  std::int64_t size = 0;
  std::int64_t modification_time_ms = 0;
};

// Begins a checkpoint of the v2 form.
struct CheckpointMetadata {
  LogVersion version = 0;
};

using Action = std::variant<Protocol, Metadata, AddFile, RemoveFile, Txn, DomainMetadata,
                            CommitInfo, CdcFile, Sidecar, CheckpointMetadata>;

}  // namespace claimlake::delta
