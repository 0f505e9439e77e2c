#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/result.h"

namespace claimlake::lake {

// The name of a table: layer (schema) and table, lower case: gold.customer_360_view.
struct TableName {
  // Of a table that is named without one, in statements and, by the engine, in queries.
  static constexpr const char* kDefaultSchema = "gold";

  std::string schema;
  std::string table;

  auto operator<=>(const TableName&) const = default;
  std::string text() const { return schema + "." + table; }
  // The table's folder in the store.
  std::string folder() const { return schema + "/" + table; }

  // Reads "schema.table" of letters, digits and '_'. Errors: kInvalidInput, naming the text.
  static Result<TableName> parse(std::string_view text);
};

}  // namespace claimlake::lake
