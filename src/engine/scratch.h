#pragma once

#include <duckdb/common/types.hpp>
#include <duckdb/common/types/column/column_data_collection.hpp>
#include <duckdb/common/vector.hpp>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace duckdb {
class DatabaseInstance;
}

namespace claimlake::engine {

// What a session keeps under one name (Session::keep) and reads as scratch('name'). Nothing of
// the rows goes into a plan: they have no statistics, and are looked for when it runs. So a plan is
// good for all rows that come to stand under the name (plans.h,
// docs/decisions/0011-plans-that-are-kept.md). Temporary tables are not like that: the least and
// greatest values of their columns decide how a statement is planned.
struct Scratch {
  std::string name;
  duckdb::vector<std::string> columns;
  duckdb::vector<duckdb::LogicalType> types;
  std::shared_ptr<const duckdb::ColumnDataCollection> rows;  // null: none are kept now
};
using Scratches = std::map<std::string, std::shared_ptr<Scratch>>;

inline constexpr std::string_view kScratch = "scratch('";  // how statements name such rows
// Whether `sql` may read some.
inline bool reads_scratch(std::string_view sql) {
  return sql.find(kScratch) != std::string_view::npos;
}

// Adds the table function scratch(name).
void register_scratch(duckdb::DatabaseInstance& database);

}  // namespace claimlake::engine
