#include "engine/json_value.h"

#include <fmt/format.h>

#include <cmath>
#include <duckdb/common/types/blob.hpp>
#include <duckdb/common/types/timestamp.hpp>
#include <duckdb/common/types/value.hpp>
#include <duckdb/common/types/variant.hpp>
#include <duckdb/common/types/vector.hpp>
#include <duckdb/function/scalar/variant_utils.hpp>

#include "base/clock.h"

namespace claimlake::engine {
namespace {

using duckdb::LogicalTypeId;
using duckdb::Value;

// JSON has no word for these; a string keeps them apart from null.
void append_double(double value, std::string& out) {
  if (std::isnan(value)) {
    out += "\"NaN\"";
  } else if (std::isinf(value)) {
    out += value < 0 ? "\"-Infinity\"" : "\"Infinity\"";
  } else {
    fmt::format_to(std::back_inserter(out), "{}", value);
  }
}

void append_time(const Value& value, bool in_utc, std::string& out) {
  const duckdb::timestamp_t time(value.GetValueUnsafe<std::int64_t>());
  if (!duckdb::Timestamp::IsFinite(time)) return append_json_string(value.ToString(), out);
  std::string text = to_rfc3339(Timestamp(std::chrono::microseconds(time.value)));
  if (!in_utc) text.pop_back();
  out += '"' + text + '"';
}

// Text of bytes in base64 (RFC 4648).
std::string base64(const Value& value) {
  const std::string& bytes = duckdb::StringValue::Get(value);
  return duckdb::Blob::ToBase64(
      duckdb::string_t(bytes.data(), static_cast<std::uint32_t>(bytes.size())));
}

void append_list(const duckdb::vector<Value>& items, std::string& out) {
  out += '[';
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += ',';
    append_json(items[i], out);
  }
  out += ']';
}

void append_struct(const Value& value, std::string& out) {
  const auto& types = duckdb::StructType::GetChildTypes(value.type());
  const auto& children = duckdb::StructValue::GetChildren(value);
  out += '{';
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(types[i].first, out);
    out += ':';
    append_json(children[i], out);
  }
  out += '}';
}

// An object if the keys are text, else a list of [key, value].
void append_map(const Value& value, std::string& out) {
  const bool object = duckdb::MapType::KeyType(value.type()).id() == LogicalTypeId::VARCHAR;
  bool first = true;
  out += object ? '{' : '[';
  for (const Value& entry : duckdb::MapValue::GetChildren(value)) {
    const auto& pair = duckdb::StructValue::GetChildren(entry);
    if (!first) out += ',';
    first = false;
    if (!object) out += '[';
    append_json(pair[0], out);
    out += object ? ':' : ',';
    append_json(pair[1], out);
    if (!object) out += ']';
  }
  out += object ? '}' : ']';
}

// What the variant holds, as a value of that type.
void append_variant(const Value& value, std::string& out) {
  duckdb::Vector vector(value);
  duckdb::RecursiveUnifiedVectorFormat format;
  duckdb::Vector::RecursiveToUnifiedFormat(vector, 1, format);
  const duckdb::UnifiedVariantVectorData variant(format);
  append_json(duckdb::VariantUtils::ConvertVariantToValue(variant, 0, 0), out);
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void append_json(const Value& value, std::string& out) {
  if (value.IsNull()) {
    out += "null";
    return;
  }
  switch (value.type().id()) {
    case LogicalTypeId::BOOLEAN:
      out += value.GetValueUnsafe<bool>() ? "true" : "false";
      return;
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::HUGEINT:
    case LogicalTypeId::UTINYINT:
    case LogicalTypeId::USMALLINT:
    case LogicalTypeId::UINTEGER:
    case LogicalTypeId::UBIGINT:
    case LogicalTypeId::UHUGEINT:
    case LogicalTypeId::DECIMAL:
      out += value.ToString();
      return;
    case LogicalTypeId::FLOAT:
      return append_double(static_cast<double>(value.GetValueUnsafe<float>()), out);
    case LogicalTypeId::DOUBLE:
      return append_double(value.GetValueUnsafe<double>(), out);
    case LogicalTypeId::TIMESTAMP_TZ:
      return append_time(value, true, out);
    case LogicalTypeId::TIMESTAMP:
      return append_time(value, false, out);
    case LogicalTypeId::VARCHAR:
      if (value.type().IsJSONType()) {
        out += duckdb::StringValue::Get(value);
        return;
      }
      return append_json_string(duckdb::StringValue::Get(value), out);
    case LogicalTypeId::BLOB:
      return append_json_string(base64(value), out);
    case LogicalTypeId::LIST:
      return append_list(duckdb::ListValue::GetChildren(value), out);
    case LogicalTypeId::ARRAY:
      return append_list(duckdb::ArrayValue::GetChildren(value), out);
    case LogicalTypeId::STRUCT:
      return append_struct(value, out);
    case LogicalTypeId::MAP:
      return append_map(value, out);
    case LogicalTypeId::VARIANT:
      return append_variant(value, out);
    default:
      return append_json_string(value.ToString(), out);
  }
}

}  // namespace claimlake::engine
