#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "delta/schema.h"

namespace claimlake::delta {

// The names from the schema's root to a field; an array is passed by "element", a map by "key" or
// "value". Names are found in any case.
using FieldPath = std::vector<std::string>;
std::string text_of(const FieldPath& path);  // "a.b"

// Where a field stands among those beside it.
struct FieldPlace {
  bool first = false;
  std::string after = {};  // "" and not first: where it is, or at the end if it is new
  bool given() const { return first || !after.empty(); }
};

// Errors of all of these: kInvalidInput, naming the field that is not there (and the nearest), or
// is there already.

Result<Field> field_at(const Schema& schema, const FieldPath& path);
// `parent` "" = the table itself.
Result<Schema> with_field(const Schema& schema, const FieldPath& parent, const Field& field,
                          const FieldPlace& place);
// Also refuses to take the last field of the table or of a struct.
Result<Schema> without_field(const Schema& schema, const FieldPath& path);
Result<Schema> with_renamed(const Schema& schema, const FieldPath& path, const std::string& name);
Result<Schema> with_moved(const Schema& schema, const FieldPath& path, const FieldPlace& place);
// `change` may do to the field what leaves its name.
Result<Schema> with_changed(const Schema& schema, const FieldPath& path,
                            const std::function<Done(Field&)>& change);

// What of the table is computed from the field at `path`: "the constraint x", "the generated column
// y"; absent: nothing. By the names that stand in the expressions: rather too often than too
// rarely.
std::optional<std::string> used_by(const FieldPath& path, const Schema& schema,
                                   const std::map<std::string, std::string>& configuration);

}  // namespace claimlake::delta
