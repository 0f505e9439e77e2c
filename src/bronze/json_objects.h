#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bronze/json_text.h"
#include "bronze/raw_rows.h"

namespace claimlake::bronze {

// Reads JSON objects into rows. Fields may stand in any order; the order of the object before is
// tried first, which makes the usual file a comparison per name. Of a name that comes twice the
// last value wins. One thread at a time.
class JsonObjects {
 public:
  // `schema` outlives this.
  explicit JsonObjects(const RawSchema& schema);

  // Puts the object that is the whole of `text` into the next row of `rows`. Where that cannot be
  // done, returns the reason and leaves the row to be dropped. For `text` see JsonCursor.
  std::optional<std::string> read(std::string_view text, RawRows& rows);

 private:
  static constexpr int kUnknown = -1;  // a field that is not declared

  bool read_fields(JsonCursor& cursor, RawRows& rows);
  bool read_name(JsonCursor& cursor, std::size_t field, RawRows& rows);
  bool read_value(JsonCursor& cursor, RawRows& rows);
  bool read_string(JsonCursor& cursor, RawRows& rows);
  int find(std::string_view name) const;

  const RawSchema& schema_;
  std::vector<std::string> quoted_names_;  // `"name":` by declared column
  std::vector<int> order_;                 // which column the n-th field was in the object before
  int column_ = kUnknown;                  // of the field that is read
  std::string_view name_;                  // of it, where the column is kUnknown
};

}  // namespace claimlake::bronze
