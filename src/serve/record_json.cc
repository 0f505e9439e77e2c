#include "serve/record_json.h"

#include <fmt/format.h>

#include "base/money.h"
#include "serve/problem.h"

namespace claimlake::serve {
namespace {

using records::ColumnType;

std::string value_text(const records::Column& column, const records::Value& value) {
  if (records::is_null(value)) return "null";
  switch (column.type) {
    case ColumnType::kMoney:
      return to_text(Money::cents(records::whole(value)));
    case ColumnType::kWhole:
      return records::text(value);
    case ColumnType::kBoolean:
      return records::whole(value) != 0 ? "true" : "false";
    case ColumnType::kTime:
      return json_string(records::micros_text(records::whole(value)));
    default:
      // The one exact number that is no money, kept as it was written.
      return column.name == "weight_lbs" ? records::text(value) : json_string(records::text(value));
  }
}

}  // namespace

std::string record_members(const records::Record& record) {
  std::string json;
  const auto& columns = record.entity().columns;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    json += fmt::format("\"{}\":{},", columns[i].name, value_text(columns[i], record.values()[i]));
  }
  return json + fmt::format(R"("created_at":"{}","updated_at":"{}","revision":{})",
                            records::micros_text(record.created_at),
                            records::micros_text(record.updated_at), record.revision);
}

std::string record_object(const records::Record& record) {
  return "{" + record_members(record) + "}";
}

std::string etag_of(const records::Record& record) {
  return fmt::format("\"{}\"", record.revision);
}

std::string events_json(const std::vector<records::ClaimEvent>& events) {
  std::string json;
  for (const auto& event : events) {
    json += fmt::format(R"({}{{"kind":{},"actor":{},"detail":{},"at":"{}"}})",
                        json.empty() ? "" : ",", json_string(event.kind), json_string(event.actor),
                        event.detail.empty() ? "null" : json_string(event.detail),
                        records::micros_text(event.at));
  }
  return "[" + json + "]";
}

}  // namespace claimlake::serve
