#pragma once

#include <duckdb/common/multi_file/multi_file_list.hpp>
#include <duckdb/planner/expression.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/table_files.h"

namespace claimlake::engine {

// A condition of a query, as far as what the log says of a file can tell that no row of the file
// meets it: comparisons with constants, IN lists, prefixes, IS NULL, and AND and OR of those, on
// columns and on fields of structs. For one pushdown; the table outlives it.
class FileCondition {
 public:
  enum class Kind { kAnd, kOr, kCompare, kIn, kPrefix, kIsNull, kIsNotNull };
  FileCondition(Kind kind, const TableFiles& table) : kind_(kind), table_(table) {}
  // Null if nothing is known that `filter` could be judged by.
  static std::unique_ptr<FileCondition> of(duckdb::ClientContext& context,
                                           const duckdb::Expression& filter,
                                           const TableFiles& table,
                                           const duckdb::MultiFilePushdownInfo& info);

  // False only if no row of file `number` meets the condition.
  bool may_hold(std::size_t number) const;
  // What it is judged by, for people: "statistics of id".
  std::string basis() const;

 private:
  // The column that a leaf is about, as its expression has it.
  struct Subject {
    duckdb::LogicalType type;
    const std::vector<ColumnBounds>* bounds = nullptr;
    std::shared_ptr<const std::vector<ColumnBounds>> cast;  // what bounds points to, if cast
    std::string name;
    bool partition = false;
  };
  class Compiler;

  bool leaf_may_hold(const ColumnBounds& bounds, std::optional<std::int64_t> rows) const;
  bool may_be_one_of(const ColumnBounds& bounds) const;
  void add_names(std::vector<std::string>& names, bool& statistics, bool& list) const;

  const Kind kind_;
  const TableFiles& table_;
  std::vector<std::unique_ptr<FileCondition>> children_;                 // kAnd, kOr
  Subject subject_;                                                      // of the others
  duckdb::ExpressionType comparison_ = duckdb::ExpressionType::INVALID;  // kCompare
  std::vector<duckdb::Value> constants_;  // kIn: ascending; kCompare, kPrefix: one
};

}  // namespace claimlake::engine
