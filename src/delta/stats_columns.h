#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "delta/column_mapping.h"
#include "delta/schema_change.h"

namespace claimlake::delta {

// Of which columns the statistics of files say what (PROTOCOL.md, "Per-file Statistics"). A column
// is here a leaf: a field that is no struct, however deep in structs; lists and maps are leaves.

inline constexpr const char* kStatsColumns = "delta.dataSkippingStatsColumns";
inline constexpr const char* kStatsCount = "delta.dataSkippingNumIndexedCols";
// The key of a field's metadata with the list of its tags; ours, and let through by other engines.
inline constexpr const char* kTags = "claimlake.tags";

enum class StatsKept {
  kNothing,
  kNullCount,  // the values are personal data, and bounds are values
  kAll,
};

// What a write asks for each column of its files, in their order, and once. Names are those in
// files.
class StatsColumns {
 public:
  // The first 32 of what is written.
  StatsColumns() = default;
  // Only these, and all that is in them; names in any case.
  explicit StatsColumns(std::vector<FieldPath> named) : named_(std::move(named)) {}
  // The first so many; -1: all.
  explicit StatsColumns(int count) : left_(count) {}

  // Whatever the rest says.
  void set(FieldPath column, StatsKept kept) { known_[std::move(column)] = kept; }

  StatsKept take(const FieldPath& column);

 private:
  std::map<FieldPath, StatsKept> known_;
  std::optional<std::vector<FieldPath>> named_;
  int left_ = 32;
};

// "a, s.b, `a.b`": the names that kStatsColumns lists. Errors: kInvalidInput.
Result<std::vector<FieldPath>> parse_stats_columns(std::string_view text);
std::string stats_columns_text(const std::vector<FieldPath>& columns);
// "s.`a.b`", as Spark names columns in a table's history.
std::string quoted_text(const FieldPath& column);

std::vector<std::string> tags_of(const Field& field);
void set_tags(Field& field, const std::vector<std::string>& tags);
// True of the tags 'pii' and 'phi': values of such a field, and of those in it, are kept out of
// statistics.
bool is_personal(const Field& field);

// The fields, by their names in files, that hold personal data.
std::vector<FieldPath> personal_columns(const StoredColumns& columns);
// The text of a file's statistics without the bounds of these columns, and of what is in them.
// Statistics that cannot be read are left out.
std::string without_bounds(std::string_view stats_json, const std::vector<FieldPath>& columns);

// Keeps the list of kStatsColumns true where a column gets another name, or goes.
void rename_in_stats_columns(std::map<std::string, std::string>& properties, const FieldPath& path,
                             const std::string& name);
void drop_from_stats_columns(std::map<std::string, std::string>& properties, const FieldPath& path);

// Whether statistics have bounds for values of this type: numbers, texts, dates and times.
bool has_bounds(const DataType& type);

// What a table with these columns and properties asks of a file that is written to it.
StatsColumns stats_columns(const StoredColumns& columns);

// Errors: kInvalidInput: a column of kStatsColumns that the table has not, that partitions it, that
// cannot have bounds, or that is named twice.
Done check_stats_columns(const Schema& schema, const std::vector<std::string>& partition_columns,
                         const std::map<std::string, std::string>& properties);

}  // namespace claimlake::delta
