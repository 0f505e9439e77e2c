#include <nlohmann/json.hpp>

#include "base/money.h"
#include "records/entity.h"

namespace claimlake::records {
namespace {

using Json = nlohmann::ordered_json;

std::string quoted(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

// `value` as a JSON value: typed, or a text as the generator writes it into CSV.
std::string field_text(const Column& column, const Value& value, bool is_typed) {
  if (is_null(value)) return "null";
  switch (column.type) {
    case ColumnType::kMoney: {
      const std::string amount = to_text(Money::cents(whole(value)));
      return is_typed ? amount : quoted(amount);
    }
    case ColumnType::kWhole:
      return is_typed ? text(value) : quoted(text(value));
    case ColumnType::kBoolean:
      if (is_typed) return whole(value) != 0 ? "true" : "false";
      return whole(value) != 0 ? "\"True\"" : "\"False\"";
    case ColumnType::kTime:
      return quoted(micros_text(whole(value)));
    default:
      return quoted(text(value));
  }
}

}  // namespace

std::string micros_text(std::int64_t micros) {
  return to_rfc3339(Timestamp(std::chrono::microseconds(micros)));
}

std::string raw_line(const Record& record) {
  std::string line = "{";
  const Entity& entity = record.entity();
  for (std::size_t i = 0; i < entity.columns.size(); ++i) {
    const Column& column = entity.columns[i];
    if (!column.is_in_raw) continue;
    line += quoted(column.name) + ":" +
            field_text(column, record.values()[i], entity.is_typed_in_raw) + ",";
  }
  line += "\"created_at\":" + quoted(micros_text(record.created_at));
  line += ",\"updated_at\":" + quoted(micros_text(record.updated_at));
  return line + "}";
}

}  // namespace claimlake::records
