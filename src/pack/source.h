#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pack/model.h"

namespace claimlake::pack {

// Where rows come from (docs/formats/model.md, "Sources").
struct Source {
  std::string name;   // "claims": readable in Bronze models as raw.claims
  std::string table;  // "bronze.claims_raw"
  std::string description;
  std::string owner;
  std::vector<std::string> files;     // patterns relative to the raw folder
  std::vector<std::string> required;  // columns that must be there
  std::vector<ColumnDoc> columns;
  std::string file;
  Place place = {};  // of `table` in the file
  std::string text;  // of the file, for hashes
};

// Errors: kInvalidInput with file, line and column.
Result<Source> parse_source(std::string_view text, std::string_view name, std::string_view file);

// SQL type for a type of a source: "string" -> "VARCHAR", "decimal(18,2)" -> "DECIMAL(18,2)".
// Errors: kInvalidInput without a place.
Result<std::string> source_sql_type(std::string_view type);

// The columns that follow a source's own in raw.<source>.
std::vector<ColumnDoc> arrival_columns();

}  // namespace claimlake::pack
