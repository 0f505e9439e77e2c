#include "table.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace claimlake::model {
namespace {

// Hundredths of a decimal, or the integer itself.
long long number(const std::string& text) {
  std::string digits = text;
  std::erase(digits, '.');
  return std::stoll(digits);
}

}  // namespace

std::optional<std::size_t> Table::find(const std::string& column) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == column) return i;
  }
  return std::nullopt;
}

Row Table::stored(Row row) const {
  const auto place = find(partition);
  if (place && row[*place] == "") row[*place].reset();
  return row;
}

void Table::add(Row row) { rows.push_back(stored(std::move(row))); }

bool Table::has(const std::string& property, const std::string& value) const {
  const auto found = properties.find(property);
  return found != properties.end() && found->second == value;
}

std::string line(const Row& row) {
  std::string out;
  for (const Cell& cell : row) out += (out.empty() ? "" : "|") + cell.value_or("NULL");
  return out;
}

std::vector<std::string> lines(const Table& table) {
  std::vector<std::string> out;
  for (const Row& row : table.rows) out.push_back(line(row));
  std::sort(out.begin(), out.end());
  std::string header;
  for (const Column& column : table.columns) header += (header.empty() ? "" : "|") + column.name;
  out.insert(out.begin(), header);
  return out;
}

const char* delta_type(Type type) {
  constexpr const char* kNames[] = {"BIGINT", "STRING", "DATE", "DECIMAL(10,2)"};
  return kNames[static_cast<std::size_t>(type)];
}

const char* sql_type(Type type) { return type == Type::kText ? "VARCHAR" : delta_type(type); }

std::string literal(Type type, const Cell& cell) {
  if (!cell) return fmt::format("CAST(NULL AS {})", sql_type(type));
  switch (type) {
    case Type::kInteger:
      return fmt::format("CAST({} AS BIGINT)", *cell);
    case Type::kText:
      return sql_string(*cell);
    case Type::kDate:
      return "DATE " + sql_string(*cell);
    case Type::kDecimal:
      break;
  }
  return fmt::format("CAST('{}' AS DECIMAL(10,2))", *cell);
}

int compare(Type type, const std::string& a, const std::string& b) {
  if (type == Type::kText || type == Type::kDate) return a.compare(b);
  const long long x = number(a), y = number(b);
  return x < y ? -1 : x > y ? 1 : 0;
}

}  // namespace claimlake::model
