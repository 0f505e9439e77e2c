#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "delta/action.h"
#include "delta/column_mapping.h"
#include "delta/json_writer.h"  // json_string, for Field::metadata

namespace claimlake::delta {

struct NewTable {
  Schema schema;
  std::vector<std::string> partition_columns = {};
  std::map<std::string, std::string> properties = {};
  std::string name = {};
  std::string description = {};
  // Of the table that it takes the place of, on the same log: features and times in commits stay.
  // The id is a new one, which tells whoever follows the table that it is another one.
  // Null: it takes the place of none.
  const Protocol* old_protocol = nullptr;
  const Metadata* old_metadata = nullptr;
};

// Gives a table that takes the place of another one what belongs to the log, and not to what is
// told of the table: times in commits rise once they are on, and ids of columns are not given
// twice.
void keep_in_place(const Metadata& before, std::map<std::string, std::string>& properties);

// The Protocol and Metadata actions that create the table, with no more features than it needs, so
// that as many engines as possible read it.
// Errors: kInvalidInput: no column, two columns that differ in case only, a character that Parquet
// readers do not take, an unknown partition column, a property that is unknown or unsupported.
Result<std::vector<Action>> new_table(NewTable table, const Clock& clock, Random& random);

// The protocol of a table with this schema and these properties: `current` with the features that
// it lacks; null: a new table. `current` unchanged if nothing is missing.
Protocol needed_protocol(const Schema& schema, const std::map<std::string, std::string>& properties,
                         const Protocol* current);
// Errors: kInvalidInput, naming a property "delta.*" that is not known, or its value.
Done check_table_properties(const std::map<std::string, std::string>& properties);

// What a schema must hold to be stored; also for a schema that replaces another one. Mapped columns
// may have any name.
Done check_schema(const Schema& schema, const std::vector<std::string>& partition_columns,
                  ColumnMapping mapping);

}  // namespace claimlake::delta
