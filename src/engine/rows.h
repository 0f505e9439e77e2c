#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace claimlake::engine {

// The rows of a query, in chunks. One thread at a time; ends with its Session.
class Rows {
 public:
  virtual ~Rows() = default;
  struct Column {
    std::string name;
    std::string type;  // SQL type text
  };
  virtual const std::vector<Column>& columns() const = 0;
  // Moves to the next chunk. False at the end. Errors as Session::query.
  virtual Result<bool> next() = 0;
  // Of the current chunk:
  virtual std::size_t row_count() const = 0;
  virtual bool is_null(std::size_t column, std::size_t row) const = 0;
  // SQL text form of a value ("NULL" is never returned: ask is_null).
  virtual std::string text(std::size_t column, std::size_t row) const = 0;
  // Integer types, booleans, DATE (days), TIMESTAMP (microseconds), DECIMAL (unscaled, if it fits).
  virtual std::int64_t integer(std::size_t column, std::size_t row) const = 0;
  // Appends the value as JSON: numbers exact (decimals with all their digits), dates and times as
  // strings (RFC 3339), lists and structs nested, null as null.
  virtual void json(std::size_t column, std::size_t row, std::string& out) const = 0;
};

// All rows as text cells; null is an absent cell. For small results.
struct TextTable {
  std::vector<Rows::Column> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;
};
Result<TextTable> read_all(Rows& rows, std::size_t row_limit = 10'000);
// A table as rows, in one chunk. Of its types, BIGINT, DOUBLE and BOOLEAN are no text in JSON.
std::unique_ptr<Rows> rows_of(TextTable table);

}  // namespace claimlake::engine
