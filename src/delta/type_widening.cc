#include "delta/type_widening.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "delta/json_writer.h"

namespace claimlake::delta {
namespace {

constexpr const char* kTypeChanges = "delta.typeChanges";

Error refused(std::string what, std::string next) {
  return {Fault::kInvalidInput, std::move(what), "", std::move(next)};
}

struct Decimal {
  int precision = 0;
  int scale = 0;
};
std::optional<Decimal> as_decimal(const std::string& name) {
  if (!name.starts_with("decimal(")) return std::nullopt;
  Decimal out;
  const char* end = name.data() + name.size();
  const auto first = std::from_chars(name.data() + 8, end, out.precision);
  std::from_chars(std::min(first.ptr + 1, end), end, out.scale);
  return out;
}

// byte 1, short 2, integer 3, long 4; 0: no whole number.
int rank(const std::string& name) {
  constexpr std::string_view kNames[] = {"byte", "short", "integer", "long"};
  const auto* found = std::find(std::begin(kNames), std::end(kNames), name);
  return found == std::end(kNames) ? 0 : static_cast<int>(found - kNames) + 1;
}

// The decimal that holds every whole number of the type.
Decimal decimal_of(int whole_number) { return {whole_number == 4 ? 20 : 10, 0}; }

bool holds_all(const Decimal& wide, const Decimal& narrow) {
  const int scale = wide.scale - narrow.scale;
  return scale >= 0 && wide.precision - narrow.precision >= scale;
}

// What `name` may become, for people.
std::string allowed_from(const std::string& name) {
  const int whole = rank(name);
  if (whole == 1) return "SMALLINT, INT, BIGINT, DOUBLE or DECIMAL(10, 0) and wider";
  if (whole == 2) return "INT, BIGINT, DOUBLE or DECIMAL(10, 0) and wider";
  if (whole == 3) return "BIGINT, DOUBLE or DECIMAL(10, 0) and wider";
  if (whole == 4) return "DECIMAL(20, 0) and wider";
  if (name == "float") return "DOUBLE";
  if (name == "date") return "TIMESTAMP_NTZ";
  if (as_decimal(name)) return "a DECIMAL with as many digits before and after the point, or more";
  return "";
}

std::string spelled(const std::string& name) {
  if (const auto decimal = as_decimal(name)) {
    return "decimal(" + std::to_string(decimal->precision) + "," + std::to_string(decimal->scale) +
           ")";
  }
  return name;
}

void record(Field& field, const std::string& from, const std::string& to, const std::string& part) {
  std::string change;
  JsonWriter json(change);
  json.open_object().key("toType").text(spelled(to)).key("fromType").text(spelled(from));
  if (!part.empty()) json.key("fieldPath").text(part);
  json.close_object();
  std::string& all = field.metadata[kTypeChanges];
  if (all.size() < 2 || all.back() != ']') all = "[]";
  all.pop_back();
  all += (all.size() > 1 ? "," : "") + change + "]";
}

// Widens what is within one field of a struct.
class Widen {
 public:
  explicit Widen(Field& holder) : holder_(holder) {}

  // `part`: from the field to `from`, "" = itself.
  Result<DataType> to(const DataType& from, const DataType& to_type, const std::string& part) {
    if (from == to_type) return from;
    const auto* array = from.as_array();
    if (array != nullptr && to_type.as_array() != nullptr) {
      ArrayType out = *array;
      TRY(out.element, to(array->element, to_type.as_array()->element, step(part, "element")));
      return DataType(std::move(out));
    }
    const auto* map = from.as_map();
    if (map != nullptr && to_type.as_map() != nullptr) {
      MapType out = *map;
      TRY(out.key, to(map->key, to_type.as_map()->key, step(part, "key")));
      TRY(out.value, to(map->value, to_type.as_map()->value, step(part, "value")));
      return DataType(std::move(out));
    }
    if (from.as_struct() != nullptr && to_type.as_struct() != nullptr) {
      return fields(*from.as_struct(), *to_type.as_struct());
    }
    if (from.primitive() == nullptr || to_type.primitive() == nullptr) return misfit(from, to_type);
    if (!may_widen(from, to_type)) return misfit(from, to_type);
    if (from.primitive()->name != "void") {
      record(holder_, from.primitive()->name, to_type.primitive()->name, part);
    }
    return to_type;
  }

 private:
  static std::string step(const std::string& part, const char* name) {
    return part.empty() ? name : part + "." + name;
  }
  Result<DataType> fields(StructType out, const StructType& to_type) const {
    bool same = out.fields.size() == to_type.fields.size();
    for (Field& field : out.fields) {
      const Field* wanted = to_type.find(field.name);
      same = same && wanted != nullptr;
      if (!same) break;
      TRY_DONE(widen(field, wanted->type));
    }
    if (same) return DataType(std::move(out));
    return refused(
        "column " + holder_.name + " has other fields than the type that is wanted",
        "add or drop fields with ADD COLUMN and DROP COLUMN, as in " + holder_.name + ".field");
  }
  Error misfit(const DataType& from, const DataType& to_type) const {
    const std::string allowed =
        from.primitive() == nullptr ? "" : allowed_from(from.primitive()->name);
    return refused("column " + holder_.name + " cannot become " + to_type.text() + ": it is " +
                       from.text() + ", and its values would not all keep their meaning",
                   allowed.empty() ? "add another column, and copy the values with UPDATE"
                                   : "it may become " + allowed);
  }

  Field& holder_;
};

bool any_changes(const DataType& type) {
  if (const auto* array = type.as_array()) return any_changes(array->element);
  if (const auto* map = type.as_map()) return any_changes(map->key) || any_changes(map->value);
  return type.as_struct() != nullptr && has_type_changes(*type.as_struct());
}

DataType without_changes(const DataType& type) {
  if (const auto* array = type.as_array()) {
    return ArrayType{without_changes(array->element), array->contains_null};
  }
  if (const auto* map = type.as_map()) {
    return MapType{without_changes(map->key), without_changes(map->value),
                   map->value_contains_null};
  }
  if (const auto* inner = type.as_struct()) return without_type_changes(*inner);
  return type;
}

}  // namespace

bool may_widen(const DataType& from, const DataType& to) {
  if (from.primitive() == nullptr || to.primitive() == nullptr) return false;
  const std::string& a = from.primitive()->name;
  const std::string& b = to.primitive()->name;
  if (a == "void") return true;
  const int whole = rank(a);
  if (whole > 0 && rank(b) > 0) return rank(b) >= whole;
  if (whole > 0 && whole < 4 && b == "double") return true;
  const auto wide = as_decimal(b);
  if (wide && whole > 0) return holds_all(*wide, decimal_of(whole));
  const auto narrow = as_decimal(a);
  if (wide && narrow) return holds_all(*wide, *narrow);
  return (a == "float" && b == "double") || (a == "date" && b == "timestamp_ntz");
}

Done widen(Field& field, const DataType& to) {
  const DataType from = field.type;
  TRY(field.type, Widen(field).to(from, to, ""));
  return done();
}

bool has_type_changes(const Schema& schema) {
  return std::any_of(schema.fields.begin(), schema.fields.end(), [](const Field& field) {
    return field.metadata.contains(kTypeChanges) || any_changes(field.type);
  });
}

Schema without_type_changes(const Schema& schema) {
  Schema out = schema;
  for (Field& field : out.fields) {
    field.metadata.erase(kTypeChanges);
    field.type = without_changes(field.type);
  }
  return out;
}

}  // namespace claimlake::delta
