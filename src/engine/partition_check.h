#pragma once

#include <duckdb/common/multi_file/multi_file_list.hpp>
#include <duckdb/common/multi_file/multi_file_reader.hpp>
#include <duckdb/planner/expression.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/table_files.h"

namespace claimlake::engine {

// The virtual column with the number of the file in its snapshot, the same before and after
// pruning: part of a row's id.
inline constexpr duckdb::column_t kFileNumberColumn =
    duckdb::MultiFileReader::COLUMN_IDENTIFIER_FILE_INDEX + 1000;

// Evaluates conditions on partition columns for the partition of a file: exact, for the value is
// the same in all its rows. For one pushdown; `table` and `info` outlive it.
class PartitionCheck {
 public:
  PartitionCheck(duckdb::ClientContext& context, const TableFiles& table,
                 const duckdb::MultiFilePushdownInfo& info)
      : context_(context), table_(table), info_(info) {}

  // Takes `filter` if it is about partition columns, and the number of the file, only.
  void add(const duckdb::Expression& filter);
  bool empty() const { return filters_.empty() && !numbers_; }
  // The columns that the filters are about, for people.
  std::string names() const;
  // True if all that passed did so because the filters are true, none for want of knowledge.
  bool is_exact() const { return is_exact_; }
  // False if a filter is false or null for the partition of file `number`.
  bool passes(std::size_t number);

 private:
  // Takes a list of file numbers, as changes and upkeep ask for their files: it may be as long as
  // the table, so that it is looked up and not evaluated for each file.
  bool add_numbers(const duckdb::Expression& filter);
  bool evaluate(std::size_t number);
  duckdb::column_t column_of(const duckdb::Expression& reference) const;
  Result<duckdb::Value> value(std::size_t number, duckdb::column_t column) const;

  duckdb::ClientContext& context_;
  const TableFiles& table_;
  const duckdb::MultiFilePushdownInfo& info_;
  std::vector<const duckdb::Expression*> filters_;
  std::vector<duckdb::column_t> columns_;          // that the filters are about
  std::optional<std::set<std::int64_t>> numbers_;  // that a file must be among
  bool is_exact_ = true;
  std::map<std::string, bool> known_partitions_;  // by their values: files share partitions
};

}  // namespace claimlake::engine
