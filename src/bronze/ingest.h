#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/progress.h"
#include "bronze/raw_files.h"
#include "engine/engine.h"
#include "lake/lake.h"

namespace claimlake::bronze {

// What Bronze needs to know of a source and of the table that takes its rows.
struct BronzeSource {
  std::string name;  // "claims": its batch is readable as raw.claims
  lake::TableName table;
  std::vector<std::string> patterns;  // of its raw files
  std::vector<std::string> required;  // columns that must be there
  std::vector<engine::ColumnInfo> columns;
  std::string select;  // the Bronze model: SELECT ... FROM raw.<name>
  std::map<std::string, std::string> column_docs;
  std::map<std::string, std::vector<std::string>> column_tags;
};

// A record that is no row: broken bytes, a wrong number of fields, a missing key.
struct BrokenRecord {
  std::string file;           // RawFile::name
  std::int64_t position = 0;  // byte offset of the record in the file
  std::string reason;
  std::string raw;  // the record's bytes as UTF-8, cut at 1 MB
};

struct IngestContext {
  lake::Lake& lake;
  engine::Engine& engine;
  const Clock& clock;
  Random& random;
  Progress& progress;
  Cancel cancel;
  std::string run;  // id of the run, named in the commit
  // Keeps broken records durably, without duplicates if called again with the same ones. Called
  // before the commit that takes their files as done.
  std::function<Done(const lake::TableName&, const std::vector<BrokenRecord>&)> keep_broken;
  std::function<void()> begins = {};  // told when a file is new; may be empty
};

// A file that was left out, and why.
struct LeftOut {
  std::string file;  // RawFile::name
  Error why;
};

struct IngestReport {
  std::int64_t files_new = 0;
  std::int64_t files_known = 0;  // their bytes are in the table already
  std::int64_t rows = 0;
  std::int64_t broken = 0;
  delta::SnapshotPtr version;     // that readers see now
  std::vector<LeftOut> left_out;  // the others went in
};

// Takes the new files of one source into its Bronze table in one commit, together with the hash
// of each file's bytes: whatever happens, a file's rows are in the table once or not at all.
// The table must exist. Errors: kConflict if other processes were first too often, kCancelled,
// kUnavailable; then nothing was committed unless the error says so.
Result<IngestReport> ingest(IngestContext& context, const BronzeSource& source,
                            const store::Store& raw_store, std::vector<RawFile> files);

// The application id under which a file's bytes are known in the log of the table.
std::string file_app_id(const std::string& sha256);

}  // namespace claimlake::bronze
