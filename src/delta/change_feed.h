#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "delta/action.h"
#include "delta/row_set.h"
#include "delta/snapshot.h"
#include "store/store.h"

namespace claimlake::delta {

// The change feed of a table: docs/formats/change_feed.md.

// The columns of a changed row beside those of its table.
inline constexpr const char* kChangeType = "_change_type";
inline constexpr const char* kCommitVersion = "_commit_version";
inline constexpr const char* kCommitTimestamp = "_commit_timestamp";

// The values of `_change_type`.
inline constexpr const char* kInserted = "insert";
inline constexpr const char* kDeleted = "delete";
inline constexpr const char* kBeforeUpdate = "update_preimage";
inline constexpr const char* kAfterUpdate = "update_postimage";

// Where change files are, below the folder of the table.
inline constexpr const char* kChangeFolder = "_change_data";

// True if writers of the table must tell which rows they change.
bool has_change_feed(const Protocol& protocol, const Metadata& metadata);

// Errors: kInvalidInput, a column of the table has the name of one of the feed.
Done check_change_feed(const Schema& schema);

// Rows that changed, in the form of two versions of a table, so that they are read, pruned and
// streamed as any table is. Both have the columns of the table and those of the feed; what is the
// same in all rows of a file is a partition value.
struct ChangedRows {
  SnapshotPtr told;     // in change files, which say in a column of theirs what each row is
  SnapshotPtr derived;  // in data files that came or went, or the part of their rows that did
};

// Collects the files that hold changed rows. One thread.
class ChangedFiles {
 public:
  // `table_path`: of the table in `store`. Both outlive this.
  ChangedFiles(const store::Store& store, const std::string& table_path)
      : store_(store), table_path_(table_path) {}

  void add(const CdcFile& file, PartitionValues stamp);
  // Files that came and files that went at once. A path on both sides means the difference of its
  // deletion vectors. `stamp`: partition values that they get beside their own.
  // Errors: those of read_deletion_vector.
  Done add(const std::vector<AddFile>& came, const std::vector<AddFile>& went,
           const PartitionValues& stamp);

  // As of `table`: its protocol, columns and partitioning. `stamped`: the columns of all stamps.
  ChangedRows finish(const Snapshot& table, const std::vector<Field>& stamped) &&;

 private:
  Result<RowSet> deleted_rows(const AddFile& file) const;
  void add_whole(const AddFile& file, const char* type, const PartitionValues& stamp);
  void add_rows(const AddFile& file, const RowSet& rows, const char* type,
                const PartitionValues& stamp);

  const store::Store& store_;
  const std::string& table_path_;
  std::vector<AddFile> told_;
  std::vector<AddFile> derived_;
};

// A file that went, as it stood in the table; without statistics.
AddFile as_added(const RemoveFile& file);

// Why files of a table as it is at `old` cannot be read as of `now`: other columns partition it, or
// a column has a type that does not widen to what it became. Empty if they can be.
std::string why_not_readable_as(const Snapshot& now, const Snapshot& old);

// The files, or parts of them, in which only one of two versions of a table has rows: what came is
// inserts. Errors: kInvalidInput (see above), those of read_deletion_vector.
Result<ChangedRows> difference(const store::Store& store, const std::string& table_path,
                               const Snapshot& from, const Snapshot& to);

}  // namespace claimlake::delta
