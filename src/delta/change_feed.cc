#include "delta/change_feed.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"
#include "delta/column_mapping.h"
#include "delta/deletion_vector.h"
#include "delta/features.h"
#include "delta/log_json.h"
#include "delta/properties.h"
#include "delta/snapshot_impl.h"
#include "delta/type_widening.h"
#include "delta/z85.h"

namespace claimlake::delta {
namespace {

// Where a file does not say how many rows it has, its vector covers as many as one may have.
constexpr std::int64_t kMostRows = std::int64_t{1} << 31;

// All rows of a file but `rows`, as a deletion vector; absent if there are no others.
std::optional<DeletionVector> all_but(const RowSet& rows, std::int64_t row_count) {
  RowSet others;
  others.add_range(0, static_cast<std::uint64_t>(row_count));
  others.remove_all(rows);
  if (others.empty()) return std::nullopt;
  const std::string data = others.serialize();
  DeletionVector out;
  out.storage_type = "i";
  out.path_or_inline = z85_encode(data);
  out.size_in_bytes = static_cast<std::int32_t>(data.size());
  out.cardinality = static_cast<std::int64_t>(others.size());
  return out;
}

SnapshotPtr files_as_version(const Snapshot& table, std::vector<AddFile>&& files,
                             const Schema& schema, const std::vector<Field>& stamped) {
  Metadata metadata = table.metadata();
  for (const Field& field : stamped) metadata.partition_columns.push_back(field.name);
  TableState state;
  state.version = table.version();
  state.timestamp = table.timestamp();
  state.protocol = std::make_shared<const Protocol>(table.protocol());
  state.metadata = std::make_shared<const Metadata>(std::move(metadata));
  state.schema = std::make_shared<const Schema>(schema);
  FileSetBuilder set{FileSet{}};
  for (AddFile& file : files) set.add_new(std::move(file));
  state.files = std::move(set).finish();
  return std::make_shared<SnapshotImpl>(std::move(state), table.timestamp());
}

const Field* find_physical(const StructType& type, const std::string& name, ColumnMapping mapping) {
  const auto found = std::find_if(type.fields.begin(), type.fields.end(), [&](const Field& field) {
    return to_lower(physical_name(field, mapping)) == to_lower(name);
  });
  return found == type.fields.end() ? nullptr : &*found;
}

bool widens(const DataType& old, const DataType& now, ColumnMapping mapping);

// Fields may be more or less.
bool widens(const StructType& old, const StructType& now, ColumnMapping mapping) {
  return std::all_of(old.fields.begin(), old.fields.end(), [&](const Field& field) {
    const Field* after = find_physical(now, physical_name(field, mapping), mapping);
    return after == nullptr || widens(field.type, after->type, mapping);
  });
}

bool widens(const DataType& old, const DataType& now, ColumnMapping mapping) {
  if (old.primitive() != nullptr && now.primitive() != nullptr) {
    return old == now || may_widen(old, now);
  }
  if (old.as_array() != nullptr && now.as_array() != nullptr) {
    return widens(old.as_array()->element, now.as_array()->element, mapping);
  }
  if (old.as_map() != nullptr && now.as_map() != nullptr) {
    return widens(old.as_map()->key, now.as_map()->key, mapping) &&
           widens(old.as_map()->value, now.as_map()->value, mapping);
  }
  return old.as_struct() != nullptr && now.as_struct() != nullptr &&
         widens(*old.as_struct(), *now.as_struct(), mapping);
}

ColumnMapping mapping_of(const Snapshot& table) {
  return column_mapping(table.protocol(), table.metadata());
}

// As they are named in files, so that renaming one is no change.
std::vector<std::string> physical_partitions(const Snapshot& table) {
  std::vector<std::string> out;
  for (const std::string& column : table.metadata().partition_columns) {
    const Field* field = table.schema().find(column);
    out.push_back(to_lower(field == nullptr ? column : physical_name(*field, mapping_of(table))));
  }
  return out;
}

std::string identity(const AddFile& file) {
  return file.path + "\n" + (file.deletion_vector ? file.deletion_vector->unique_id() : "");
}

// The files of `table` that `other` has not.
std::vector<AddFile> files_only_in(const Snapshot& table, const Snapshot& other) {
  std::unordered_set<std::string> known;
  for (const AddFile& file : other.files()) known.insert(identity(file));
  std::vector<AddFile> out;
  for (const AddFile& file : table.files()) {
    if (!known.contains(identity(file))) out.push_back(file);
  }
  return out;
}

}  // namespace

bool has_change_feed(const Protocol& protocol, const Metadata& metadata) {
  return has_feature(protocol, "changeDataFeed") &&
         read_properties(metadata.configuration).change_data_feed;
}

Done check_change_feed(const Schema& schema) {
  for (const Field& field : schema.fields) {
    for (const char* name : {kChangeType, kCommitVersion, kCommitTimestamp}) {
      if (to_lower(field.name) != name) continue;
      return Error{Fault::kInvalidInput,
                   "column " + field.name + " has the name of one that the change feed adds", "",
                   "rename the column, or turn off delta.enableChangeDataFeed"};
    }
  }
  return done();
}

AddFile as_added(const RemoveFile& file) {
  AddFile out;
  out.path = file.path;
  out.partition_values = file.partition_values;
  out.size = file.size.value_or(0);
  out.deletion_vector = file.deletion_vector;
  return out;
}

void ChangedFiles::add(const CdcFile& file, PartitionValues stamp) {
  AddFile told;
  told.path = file.path;
  told.size = file.size;
  told.partition_values = std::move(stamp);
  told.partition_values.insert(file.partition_values.begin(), file.partition_values.end());
  told_.push_back(std::move(told));
}

Result<RowSet> ChangedFiles::deleted_rows(const AddFile& file) const {
  if (!file.deletion_vector) return RowSet();
  auto rows = read_deletion_vector(store_, table_path_, *file.deletion_vector);
  if (!rows) return std::move(rows).error().in("deletion vector of file " + file.path);
  return rows;
}

void ChangedFiles::add_whole(const AddFile& file, const char* type, const PartitionValues& stamp) {
  AddFile part = file;
  part.partition_values.insert(stamp.begin(), stamp.end());
  part.partition_values[kChangeType] = type;
  derived_.push_back(std::move(part));
}

void ChangedFiles::add_rows(const AddFile& file, const RowSet& rows, const char* type,
                            const PartitionValues& stamp) {
  if (rows.empty()) return;
  add_whole(file, type, stamp);
  const auto count = num_records(file.stats_json);
  derived_.back().deletion_vector = all_but(rows, count.value_or(kMostRows));
}

Done ChangedFiles::add(const std::vector<AddFile>& came, const std::vector<AddFile>& went,
                       const PartitionValues& stamp) {
  std::unordered_map<std::string_view, const AddFile*> went_by_path;
  for (const AddFile& file : went) went_by_path[file.path] = &file;
  for (const AddFile& file : came) {
    const auto before = went_by_path.find(file.path);
    if (before == went_by_path.end()) {
      add_whole(file, kInserted, stamp);
      continue;
    }
    TRY(RowSet fewer, deleted_rows(file));
    TRY(RowSet more, deleted_rows(*before->second));
    const RowSet gone_now = fewer;
    fewer.remove_all(more);
    more.remove_all(gone_now);
    add_rows(file, fewer, kDeleted, stamp);
    add_rows(file, more, kInserted, stamp);
    went_by_path.erase(before);
  }
  for (const AddFile& file : went) {
    if (went_by_path.contains(file.path)) add_whole(file, kDeleted, stamp);
  }
  return done();
}

ChangedRows ChangedFiles::finish(const Snapshot& table, const std::vector<Field>& stamped) && {
  Schema schema = table.schema();
  // A row that was deleted may have a null that the table has come to refuse since.
  for (Field& field : schema.fields) field.nullable = true;
  const Field type{kChangeType, PrimitiveType{"string"}};
  schema.fields.push_back(type);
  schema.fields.insert(schema.fields.end(), stamped.begin(), stamped.end());
  std::vector<Field> with_type = stamped;
  with_type.push_back(type);
  return {files_as_version(table, std::move(told_), schema, stamped),
          files_as_version(table, std::move(derived_), schema, with_type)};
}

std::string why_not_readable_as(const Snapshot& now, const Snapshot& old) {
  if (physical_partitions(old) != physical_partitions(now)) {
    return "the table was partitioned by other columns";
  }
  for (const Field& field : now.schema().fields) {
    const Field* before =
        find_physical(old.schema(), physical_name(field, mapping_of(now)), mapping_of(old));
    if (before == nullptr || widens(before->type, field.type, mapping_of(now))) continue;
    return "column " + field.name + " was a " + before->type.text() + " and became a " +
           field.type.text();
  }
  return {};
}

Result<ChangedRows> difference(const store::Store& store, const std::string& table_path,
                               const Snapshot& from, const Snapshot& to) {
  const std::string why = why_not_readable_as(to, from);
  if (!why.empty()) {
    return Error{Fault::kInvalidInput,
                 "The rows of version " + std::to_string(from.version()) +
                     " cannot be compared with those of version " + std::to_string(to.version()) +
                     ": " + why,
                 "", "compare versions that have the same columns"};
  }
  TRY_DONE(check_change_feed(to.schema()));
  ChangedFiles files(store, table_path);
  TRY_DONE(files.add(files_only_in(to, from), files_only_in(from, to), {}));
  return std::move(files).finish(to, {});
}

}  // namespace claimlake::delta
