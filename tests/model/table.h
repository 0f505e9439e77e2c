#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// The plain meaning of a table: columns, and rows in no order.

namespace claimlake::model {

enum class Type { kInteger, kText, kDate, kDecimal };

using Cell = std::optional<std::string>;  // as SQL prints it; absent: null
using Row = std::vector<Cell>;

struct Column {
  std::string name;
  Type type = Type::kInteger;
  bool nullable = true;
  bool operator==(const Column&) const = default;
};

// One version of it.
struct Table {
  bool exists = false;
  std::vector<Column> columns;
  std::string partition;  // the column that partitions it; "" = none
  std::map<std::string, std::string> properties;
  // Constraints by name; each holds for each row. Shared: expression.h stands on this header.
  std::map<std::string, std::shared_ptr<const struct Comparison>> checks;
  std::vector<Row> rows;

  // The place of the column, or absent.
  std::optional<std::size_t> find(const std::string& column) const;
  // Adds a row as it will be read: an empty text that partitions a table is null, for Delta has no
  // other way to say it.
  void add(Row row);
  Row stored(Row row) const;
  bool has(const std::string& property, const std::string& value) const;
};

// "id|part|..." and a line for each row, ascending: equal if the two tables read the same.
std::vector<std::string> lines(const Table& table);
std::string line(const Row& row);

// Names of types in CREATE TABLE and in expressions.
const char* delta_type(Type type);
const char* sql_type(Type type);
// A literal of the type.
std::string literal(Type type, const Cell& cell);
// Negative, zero or positive, as the SQL type compares two values that are not null.
int compare(Type type, const std::string& a, const std::string& b);

}  // namespace claimlake::model
