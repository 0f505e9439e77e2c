#include "lake/table_name.h"

#include <algorithm>

#include "base/text.h"

namespace claimlake::lake {

Result<TableName> TableName::parse(std::string_view text) {
  const auto is_name = [](std::string_view part) {
    return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
  };
  const std::string lower = to_lower(text);
  const std::size_t dot = lower.find('.');
  if (dot == std::string::npos || !is_name(std::string_view(lower).substr(0, dot)) ||
      !is_name(std::string_view(lower).substr(dot + 1))) {
    return Error{Fault::kInvalidInput, "Not a table name: '" + std::string(text) + "'", "",
                 "write it as layer.table, for example gold.customer_360_view"};
  }
  return TableName{lower.substr(0, dot), lower.substr(dot + 1)};
}

}  // namespace claimlake::lake
