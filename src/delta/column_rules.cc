#include "delta/column_rules.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "delta/json_writer.h"

namespace claimlake::delta {
namespace {

Error damaged(const Field& field, const char* key) {
  return {Fault::kCorrupt,
          fmt::format("column {} has a value of {} in the table's schema that cannot be read",
                      field.name, key),
          "", "restore a version of the table before it was set"};
}

// Parses the JSON text of one value of the field's metadata; absent without it.
template <class Value>
Result<std::optional<Value>> read(const Field& field, const char* key) {
  const auto found = field.metadata.find(key);
  if (found == field.metadata.end()) return std::optional<Value>();
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  Value value{};
  if (parser.parse(found->second).get(json) || json.get(value)) return damaged(field, key);
  return std::optional<Value>(std::move(value));
}

Result<std::string> read_text(const Field& field, const char* key) {
  const auto found = field.metadata.find(key);
  if (found == field.metadata.end()) return std::string();
  simdjson::dom::parser parser;
  std::string_view text;
  if (parser.parse(found->second).get(text)) return damaged(field, key);
  return std::string(text);
}

// {"expression": {"expression": "x > 3"}}, itself a text.
Result<std::string> read_invariant(const Field& field) {
  TRY(const std::string text, read_text(field, kInvariants));
  if (text.empty()) return text;
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  std::string_view expression;
  if (parser.parse(text).get(json) || json["expression"]["expression"].get(expression)) {
    return damaged(field, kInvariants);
  }
  return std::string(expression);
}

// Conditions on fields within a column are of engines long gone: they are not evaluated.
Done no_invariants_in(const DataType& type) {
  if (const auto* array = type.as_array()) return no_invariants_in(array->element);
  if (const auto* map = type.as_map()) {
    TRY_DONE(no_invariants_in(map->key));
    return no_invariants_in(map->value);
  }
  if (type.as_struct() == nullptr) return done();
  for (const Field& field : type.as_struct()->fields) {
    if (field.metadata.contains(kInvariants)) {
      return Error{
          Fault::kInvalidInput,
          fmt::format("field {} within a column has a condition ({}), which we do not check",
                      field.name, kInvariants),
          "", "use an engine that supports it, or a CHECK constraint in its place"};
    }
    TRY_DONE(no_invariants_in(field.type));
  }
  return done();
}

}  // namespace

Result<std::int64_t> Identity::next() const {
  const Error used_up{Fault::kInvalidInput, "the numbers of the identity column are used up", "",
                      "make a new table with another START WITH and INCREMENT BY"};
  if (step == 0) return used_up;
  const bool nothing_given =
      !high_water_mark || (step > 0 ? *high_water_mark < start : *high_water_mark > start);
  if (nothing_given) return start;
  // Others may have left a mark that is not start + k * step; the next number is behind it.
  std::int64_t distance = 0;
  std::int64_t value = 0;
  if (__builtin_sub_overflow(*high_water_mark, start, &distance) ||
      __builtin_sub_overflow(distance, step == -1 ? 0 : distance % step, &distance) ||
      __builtin_add_overflow(distance, step, &distance) ||
      __builtin_add_overflow(start, distance, &value)) {
    return used_up;
  }
  return value;
}

Result<ColumnRules> column_rules(const Field& field) {
  ColumnRules out;
  TRY(out.default_value, read_text(field, kDefault));
  TRY(out.generated, read_text(field, kGenerated));
  TRY(const auto start, read<std::int64_t>(field, kIdentityStart));
  if (!start) return out;
  Identity identity;
  identity.start = *start;
  TRY(const auto step, read<std::int64_t>(field, kIdentityStep));
  identity.step = step.value_or(1);
  TRY(identity.high_water_mark, read<std::int64_t>(field, kIdentityHighWaterMark));
  TRY(const auto explicit_allowed, read<bool>(field, kIdentityExplicit));
  identity.explicit_allowed = explicit_allowed.value_or(false);
  out.identity = identity;
  return out;
}

void set_identity(Field& field, const Identity& identity) {
  field.metadata[kIdentityStart] = std::to_string(identity.start);
  field.metadata[kIdentityStep] = std::to_string(identity.step);
  field.metadata[kIdentityExplicit] = identity.explicit_allowed ? "true" : "false";
  if (identity.high_water_mark) {
    field.metadata[kIdentityHighWaterMark] = std::to_string(*identity.high_water_mark);
  } else {
    field.metadata.erase(kIdentityHighWaterMark);
  }
}

Result<std::vector<Check>> table_checks(const std::map<std::string, std::string>& configuration,
                                        const Schema& schema) {
  std::vector<Check> out;
  const std::string start = kConstraint;
  for (auto at = configuration.lower_bound(start);
       at != configuration.end() && at->first.starts_with(start); ++at) {
    out.push_back({at->first.substr(start.size()), at->second});
  }
  for (const Field& field : schema.fields) {
    TRY_DONE(no_invariants_in(field.type));
    TRY(std::string expression, read_invariant(field));
    if (!expression.empty()) out.push_back({"of column " + field.name, std::move(expression)});
  }
  return out;
}

}  // namespace claimlake::delta
