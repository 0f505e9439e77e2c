#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "pack/place.h"
#include "pack/rules.h"

namespace claimlake::pack {

struct KeyMapping;

enum class Kind { kAppend, kKeyed, kFull, kView, kFunction };
// "append", "keyed", ...: the word of the header.
const char* kind_name(Kind kind);

// A column of a model or a source. `type` is the engine's SQL type text: "DECIMAL(18,2)".
struct ColumnDoc {
  std::string name;
  std::string type;
  std::string doc = {};   // the comment beside the column, without its unit
  std::string unit = {};  // "[%]" behind the comment is "%"
  Place place = {};       // in the file
};

// How fresh a table must be.
struct Sla {
  std::optional<std::chrono::milliseconds> fresh;
  std::optional<std::chrono::milliseconds> warn_after;
  std::string by;  // "06:00 America/New_York"; empty if not given
};

// What the header of a model file says (docs/formats/model.md, "Header keys").
struct Header {
  Kind kind = Kind::kFull;
  std::string description;
  std::vector<std::string> key;
  std::vector<std::string> latest_by;
  std::map<std::string, std::vector<std::string>> changes;
  bool clock_day = false;
  std::vector<std::string> partition;
  std::string aggregation;
  std::string owner;
  Sla sla;
  std::map<std::string, std::vector<std::string>> tags;
  std::map<std::string, std::string> grants;  // role -> clear, masked, none or rows: condition
  std::vector<std::string> tests;
  std::vector<std::pair<std::string, std::string>> parameters;  // name, SQL type
  std::vector<Rule> expect;
  std::map<std::string, Place> places;  // of each key, for errors found later
};

// One table, view or function and the SELECT that makes it.
struct Model {
  std::string name;  // "gold.customer_360_view"
  std::string schema;
  std::string table;
  Header header;
  std::string sql;         // the SELECT without header and final semicolon
  std::string file;        // as errors name it
  int sql_first_line = 1;  // where `sql` begins in the file
  int sql_first_column = 1;
  std::vector<std::string> inputs;       // tables that the SQL reads, in order of appearance
  std::vector<std::string> rule_inputs;  // tables that only its rules read
  std::vector<ColumnDoc> columns;        // the model's own, not those that the program adds
  TableRules rules;                      // of the file beside it and of `expect`
  // Of a bound model of kind `keyed`: how changes of its inputs lead to keys (key_mapping.h).
  std::shared_ptr<const KeyMapping> mapping;
  std::string hash;  // of what its rows depend on (definition.h); 32 hex digits

  bool is_table() const { return header.kind != Kind::kView && header.kind != Kind::kFunction; }
  const ColumnDoc* column(std::string_view column_name) const;  // case-insensitive, or null
  // The place in the file of byte `offset` of `sql`.
  Place place(std::size_t offset) const;
};

// Reads one model file: header, SQL, documentation of its columns (their types come later).
// `name` is "schema.table". Errors: kInvalidInput with file, line and column.
Result<Model> parse_model(std::string_view text, std::string_view name, std::string_view file);

// The header's tags, turned round; columns as the model writes them.
std::map<std::string, std::vector<std::string>> tags_by_column(const Model& model);

std::vector<std::string> column_names(const std::vector<ColumnDoc>& columns);

// The columns that the program adds to a table of that schema, in their order.
std::vector<ColumnDoc> program_columns(std::string_view schema);

}  // namespace claimlake::pack
