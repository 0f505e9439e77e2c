#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/random.h"
#include "base/result.h"
#include "delta/schema_change.h"
#include "delta/snapshot.h"

namespace claimlake::delta {

// How the data files name the columns of a table (PROTOCOL.md, "Column Mapping").
enum class ColumnMapping {
  kNone,  // as the table does
  kName,  // by physical names
  kId,    // by field ids; statistics and partition values by physical names
};

// What the properties of a table that is made ask for.
ColumnMapping asked_mapping(const std::map<std::string, std::string>& properties);

// What `metadata` asks for, if `protocol` lets it.
ColumnMapping column_mapping(const Protocol& protocol, const Metadata& metadata);

// The name of `field` in statistics, in partition values and, unless the mapping is by id, in data
// files. `field` may be nested.
std::string physical_name(const Field& field, ColumnMapping mapping);

// The id of `field` in data files; absent if the schema has none.
std::optional<std::int32_t> field_id(const Field& field);

inline constexpr const char* kColumnMappingMode = "delta.columnMapping.mode";
inline constexpr const char* kMaxColumnId = "delta.columnMapping.maxColumnId";

// The columns of a table, and how its files name them.
struct StoredColumns {
  Schema schema = {};
  ColumnMapping mapping = ColumnMapping::kNone;
  std::int32_t max_id = 0;  // no field of the table, dropped ones included, ever had a greater one
  std::vector<std::string> partition_columns = {};
  std::map<std::string, std::string> configuration = {};
  // By their names in files: the columns that the table is clustered by.
  std::vector<FieldPath> clustering = {};
  // Those of the fields that are no columns of the table and of which no statistics are kept.
  std::vector<std::string> beside = {};
};
StoredColumns stored_columns(const Protocol& protocol, const Metadata& metadata,
                             const Schema& schema);
StoredColumns stored_columns(const Snapshot& table);

// The names that a field in structs has in files. Errors: kInvalidInput: there is no such field.
Result<FieldPath> physical_path(const StoredColumns& columns, const FieldPath& path);
// The field, by the names of the table, that has these names in files; absent: there is none.
std::optional<FieldPath> logical_path(const StoredColumns& columns, const FieldPath& in_files);

// Gives each field, at any depth, that has no id the next one after `max_id`, and each that has no
// physical name one of its own: "col-<uuid>", or its name where `random` is null, as the files that
// are there have it.
void map_columns(Schema& schema, std::int32_t& max_id, Random* random);

// `rows` with the ids and physical names that `table` has for the same names, and new ones for the
// rest.
Schema mapped_like(Schema rows, StoredColumns& table, Random& random);

// `schema` without ids and physical names.
Schema without_mapping(Schema schema);

// Brings the schema of `metadata` to the mode that its properties ask for, where `before` has
// another one: the columns of a table without mapping keep their names in files. Errors:
// kInvalidInput: a mode that the files there are do not fit; a property that the table counts
// itself.
Done change_mapping(Metadata& metadata, const Metadata& before);

// Writes `schema` into `metadata`, with the greatest id that is in use if columns are mapped.
void set_schema(Metadata& metadata, const Schema& schema);

// The names that `columns`, top-level columns of the table, have in partition values.
std::vector<std::string> physical_names(const std::vector<std::string>& columns,
                                        const Schema& schema, ColumnMapping mapping);

}  // namespace claimlake::delta
