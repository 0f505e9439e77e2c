#include "engine/analysis.h"

#include <algorithm>
#include <duckdb/common/error_data.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/parser/tableref/basetableref.hpp>

#include "engine/errors.h"
#include "engine/query_walk.h"
#include "engine/statement.h"

namespace claimlake::engine {

Result<std::vector<TableReference>> table_references(std::string_view select) {
  struct Found {
    std::size_t position;
    TableReference reference;
  };
  std::vector<Found> all;
  QueryWalk walk;
  walk.on_table = [&](const duckdb::BaseTableRef& table) {
    const std::size_t position =
        table.query_location.IsValid() ? table.query_location.GetIndex() : 0;
    all.push_back({position, {table.schema_name, table.table_name, place_in(select, position)}});
  };
  try {
    walk.walk(*parse_select(select)->node);
  } catch (const std::exception& exception) {
    return to_error(duckdb::ErrorData(exception), select);
  }

  std::stable_sort(all.begin(), all.end(), [](const Found& left, const Found& right) {
    return left.position < right.position;
  });
  std::vector<TableReference> references;
  for (Found& found : all) {
    const bool known = std::any_of(references.begin(), references.end(), [&](const auto& earlier) {
      return earlier.schema == found.reference.schema && earlier.name == found.reference.name;
    });
    if (!known) references.push_back(std::move(found.reference));
  }
  return references;
}

}  // namespace claimlake::engine
