#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "delta/schema.h"
#include "engine/change_statement.h"

namespace claimlake::lake {

// UPDATE t SET t.a = 1, s.b = 2: the engine's parser takes plain names only. So a path becomes one
// name, whose parts stand apart by a sign that no column has, and is taken apart where it is used.

// `sql` with each path after SET in this form; absent if there is none.
std::optional<std::string> with_plain_names(std::string_view sql);
bool has_paths(std::string_view sql);
// The parts of the name of what `statement` sets, without that of the table: a column, and fields.
std::vector<std::string> set_path(std::string_view name, const delta::Schema& schema,
                                  const engine::ChangeStatement& statement);

// What a statement sets within one column.
struct FieldValue {
  std::vector<std::string> path;  // below the column
  std::string value;              // SQL
};
// The column with these fields set and the others as they are in `before`, SQL of its value. A
// struct that is null gets its other fields as null. Errors: kInvalidInput: a path that leads to
// no field, or two to the same one.
Result<std::string> with_field_values(const delta::Field& column, const std::string& before,
                                      const std::vector<FieldValue>& values);

}  // namespace claimlake::lake
