#include "pack/literal.h"

#include "base/clock.h"
#include "base/text.h"

namespace claimlake::pack {
namespace {

bool is_number_type(std::string_view type) {
  for (const char* name :
       {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE"}) {
    if (type == name) return true;
  }
  return type.starts_with("DECIMAL(");
}

}  // namespace

bool is_decimal_text(std::string_view text) {
  if (text.starts_with("-")) text.remove_prefix(1);
  const std::size_t dot = text.find('.');
  const std::string_view part = dot == std::string_view::npos ? "0" : text.substr(dot + 1);
  const auto digits = [](std::string_view t) {
    return !t.empty() && t.find_first_not_of("0123456789") == std::string_view::npos;
  };
  return text.size() <= 36 && digits(text.substr(0, dot)) && digits(part);
}

Result<std::string> sql_literal(std::string_view value, std::string_view type) {
  const std::string text(value);
  const auto wrong = [&](const char* next) {
    return Error{Fault::kInvalidInput,
                 "this is not a value of type " + std::string(type) + ": " + text, "", next};
  };
  if (type == "VARCHAR") return sql_string(value);
  if (is_number_type(type)) {
    if (!is_decimal_text(value)) return wrong("write a plain number such as 0.01");
    return text;
  }
  if (type == "BOOLEAN") {
    if (value != "true" && value != "false") return wrong("write true or false");
    return text;
  }
  if (type == "DATE") {
    const auto date = parse_date(value);
    if (!date) return wrong("write a date such as 2020-01-31");
    return "DATE " + sql_string(to_text(*date));
  }
  if (type.starts_with("TIMESTAMP")) {
    const auto time = parse_timestamp(value);
    if (!time) return wrong("write a date or a time such as 2020-01-31T10:00:00Z");
    return "CAST(" + sql_string(to_rfc3339(*time)) + " AS " + std::string(type) + ")";
  }
  return wrong("rules compare texts, numbers, dates, times and booleans");
}

}  // namespace claimlake::pack
