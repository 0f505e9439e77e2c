#include "lake/field_values.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "engine/engine.h"
#include "lake/alter_columns.h"
#include "lake/sql_cursor.h"

namespace claimlake::lake {
namespace {

constexpr char kBetween = '\x01';

Error refused(std::string what, std::string next) {
  return {Fault::kInvalidInput, std::move(what), "", std::move(next)};
}

std::string joined(const std::vector<std::string>& parts, char between) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : std::string(1, between)) + part;
  return out;
}

// Passes over an expression, up to a ',' or the word that ends the assignments.
void skip_value(SqlCursor& cursor) {
  for (int depth = 0; !cursor.at_end();) {
    const SqlCursor before = cursor;
    if (depth == 0) {
      for (const char* end : {",", ")", ";", "where", "from", "when", "returning"}) {
        if (!cursor.take(end)) continue;
        cursor = before;
        return;
      }
    }
    if (cursor.take("(") || cursor.take("[") || cursor.take("{") || cursor.take("case")) {
      ++depth;
    } else if (cursor.take(")") || cursor.take("]") || cursor.take("}") || cursor.take("end")) {
      --depth;
    } else {
      cursor.skip();
    }
  }
}

// Reads the assignments after SET, and appends them to `out` up to the cursor. `copied`: so much of
// `sql` is in `out` already.
bool plain_assignments(std::string_view sql, SqlCursor& cursor, std::size_t& copied,
                       std::string& out) {
  bool any = false;
  do {
    const std::size_t from = cursor.at();
    const auto path = read_path(cursor);
    const std::size_t to = cursor.at();
    if (!path || !cursor.take("=")) return any;
    if (path->size() > 1) {
      out += sql.substr(copied, from - copied);
      out += sql_identifier(joined(*path, kBetween)) + " ";
      copied = to;
      any = true;
    }
    skip_value(cursor);
  } while (cursor.take(","));
  return any;
}

// The values for one field of a struct: its own, or those of fields in it.
struct OfField {
  std::vector<FieldValue> inner;
  std::optional<std::string> whole;
};

Result<OfField> of_field(const delta::Field& field, const std::vector<FieldValue>& values,
                         const std::string& place, std::size_t& taken) {
  OfField out;
  for (const FieldValue& value : values) {
    if (to_lower(value.path.front()) != to_lower(field.name)) continue;
    ++taken;
    if (value.path.size() > 1) {
      out.inner.push_back({{value.path.begin() + 1, value.path.end()}, value.value});
      continue;
    }
    if (out.whole) return refused(fmt::format("Field {} is set twice", place), "set it once");
    out.whole = value.value;
  }
  if (out.whole && !out.inner.empty()) {
    return refused(fmt::format("Field {} is set, and a field in it too", place),
                   "set the one or the other");
  }
  return out;
}

Result<std::string> struct_value(const delta::DataType& type, const std::string& place,
                                 const std::string& before, const std::vector<FieldValue>& values) {
  const auto* fields = type.as_struct();
  if (fields == nullptr) {
    return refused(
        fmt::format("{} is no struct, so it has no field {}", place, values.front().path.front()),
        "set all of it; an element of a list or map cannot be set by itself");
  }
  std::string out;
  std::size_t taken = 0;
  std::vector<std::string> names;
  for (const delta::Field& field : fields->fields) {
    names.push_back(field.name);
    const std::string inner_place = place + "." + field.name;
    const std::string old = fmt::format("struct_extract({}, {})", before, sql_string(field.name));
    TRY(const OfField set, of_field(field, values, inner_place, taken));
    std::string value = old;
    if (set.whole) {
      TRY(const std::string sql_type, engine::sql_type(field.type));
      value = fmt::format("CAST({} AS {})", *set.whole, sql_type);
    } else if (!set.inner.empty()) {
      TRY(value, struct_value(field.type, inner_place, old, set.inner));
    }
    out += fmt::format("{}{} := {}", out.empty() ? "" : ", ", sql_identifier(field.name), value);
  }
  if (taken == values.size()) return "struct_pack(" + out + ")";
  for (const FieldValue& value : values) {
    const auto same = [&](const std::string& name) {
      return to_lower(name) == to_lower(value.path.front());
    };
    if (std::any_of(names.begin(), names.end(), same)) continue;
    const std::string near = nearest(value.path.front(), names);
    return refused(fmt::format("{} has no field {}", place, value.path.front()),
                   near.empty() ? "DESCRIBE the table" : fmt::format("did you mean {}?", near));
  }
  return refused(fmt::format("Fields of {} have one name in upper and lower case", place),
                 "set all of it");
}

}  // namespace

std::optional<std::string> with_plain_names(std::string_view sql) {
  SqlCursor cursor(sql);
  const SqlCursor start = cursor;
  if (!cursor.take("update") && !cursor.take("merge") && !cursor.take("with")) return std::nullopt;
  cursor = start;
  std::string out;
  std::size_t copied = 0;
  bool any = false;
  for (int depth = 0; !cursor.at_end();) {
    if (depth == 0 && cursor.take("set")) {
      any |= plain_assignments(sql, cursor, copied, out);
      continue;
    }
    if (cursor.take("(")) {
      ++depth;
    } else if (cursor.take(")")) {
      --depth;
    } else {
      cursor.skip();
    }
  }
  if (!any) return std::nullopt;
  return out + std::string(sql.substr(copied));
}

bool has_paths(std::string_view sql) { return sql.find(kBetween) != std::string_view::npos; }

std::vector<std::string> set_path(std::string_view name, const delta::Schema& schema,
                                  const engine::ChangeStatement& statement) {
  std::vector<std::string> path = split(name, kBetween);
  const std::string& table = statement.alias.empty() ? statement.table : statement.alias;
  if (path.size() == 1 || to_lower(path.front()) != to_lower(table)) return path;
  const auto is_column = [&](const delta::Field& field) {
    return to_lower(field.name) == to_lower(path.front());
  };
  if (std::none_of(schema.fields.begin(), schema.fields.end(), is_column)) path.erase(path.begin());
  return path;
}

Result<std::string> with_field_values(const delta::Field& column, const std::string& before,
                                      const std::vector<FieldValue>& values) {
  return struct_value(column.type, column.name, before, values);
}

}  // namespace claimlake::lake
