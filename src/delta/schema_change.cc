#include "delta/schema_change.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace claimlake::delta {
namespace {

Error refused(std::string what, std::string next = {}) {
  return {Fault::kInvalidInput, std::move(what), "", std::move(next)};
}

Error missing(const FieldPath& path, std::size_t at, const StructType& among) {
  std::vector<std::string> names;
  for (const Field& field : among.fields) names.push_back(field.name);
  const std::string near = nearest(path[at], names);
  const FieldPath up_to(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  return refused("the table has no column " + text_of(up_to),
                 near.empty() ? "DESCRIBE the table" : "did you mean " + near + "?");
}

// Copies a schema with one struct in it changed: that in which the path's last name stands.
class Edit {
 public:
  using Change = std::function<Done(StructType&)>;
  Edit(const FieldPath& path, const Change& change) : path_(path), change_(change) {}

  Result<StructType> in(StructType type, std::size_t at = 0) const {
    if (at + 1 == path_.size()) {
      TRY_DONE(change_(type));
      return type;
    }
    const Field* found = type.find(path_[at]);
    if (found == nullptr) return missing(path_, at, type);
    Field& field = type.fields[static_cast<std::size_t>(found - type.fields.data())];
    TRY(field.type, in(field.type, at + 1));
    return type;
  }

 private:
  Result<DataType> in(const DataType& type, std::size_t at) const {
    const std::string step = to_lower(path_[at]);
    if (const auto* inner = type.as_struct()) {
      TRY(StructType out, in(*inner, at));
      return DataType(std::move(out));
    }
    if (const auto* array = type.as_array(); array != nullptr && step == "element") {
      if (at + 1 == path_.size()) return no_field();
      TRY(DataType element, in(array->element, at + 1));
      return DataType(ArrayType{std::move(element), array->contains_null});
    }
    if (const auto* map = type.as_map(); map != nullptr && (step == "key" || step == "value")) {
      if (at + 1 == path_.size()) return no_field();
      MapType out = *map;
      DataType& part = step == "key" ? out.key : out.value;
      TRY(part, in(part, at + 1));
      return DataType(std::move(out));
    }
    const FieldPath up_to(path_.begin(), path_.begin() + static_cast<std::ptrdiff_t>(at));
    return refused("column " + text_of(up_to) + " has no fields: it is " + type.text(),
                   type.as_array() != nullptr ? "write " + text_of(up_to) + ".element.name"
                   : type.as_map() != nullptr ? "write " + text_of(up_to) + ".value.name"
                                              : "");
  }
  Error no_field() const {
    return refused(text_of(path_) + " is no field of a struct, and has no name of its own",
                   "name the column that holds it");
  }

  const FieldPath& path_;
  const Change& change_;
};

Result<Schema> edited(const Schema& schema, const FieldPath& path, const Edit::Change& change) {
  return Edit(path, change).in(schema);
}

// The position of the path's last name in the struct where it must be.
Result<std::size_t> position(const FieldPath& path, const StructType& type) {
  const Field* found = type.find(path.back());
  if (found == nullptr) return missing(path, path.size() - 1, type);
  return static_cast<std::size_t>(found - type.fields.data());
}

Done check_free(const StructType& type, const FieldPath& parent, const std::string& name) {
  const Field* taken = type.find(name);
  if (taken == nullptr) return done();
  FieldPath path = parent;
  path.push_back(taken->name);
  return refused("the table has a column " + text_of(path) +
                     " already; upper and lower case are the same in names",
                 "choose another name");
}

// Puts `field` into its place; `at`: where it stands if the place is not given.
Done put(StructType& type, const Field& field, const FieldPlace& place, std::size_t at) {
  if (place.first) at = 0;
  if (!place.after.empty()) {
    const Field* before = type.find(place.after);
    if (before == nullptr) return missing({place.after}, 0, type);
    at = static_cast<std::size_t>(before - type.fields.data()) + 1;
  }
  type.fields.insert(type.fields.begin() + static_cast<std::ptrdiff_t>(at), field);
  return done();
}

// The names in an expression, in lower case; what is in single quotes is no name.
std::vector<std::string> names_in(std::string_view expression) {
  std::vector<std::string> out;
  std::string word;
  bool text = false;
  for (std::size_t i = 0; i <= expression.size(); ++i) {
    const char c = i < expression.size() ? expression[i] : ' ';
    if (c == '\'') text = !text;
    const auto byte = static_cast<unsigned char>(c);
    if (!text && (std::isalnum(byte) != 0 || c == '_' || byte >= 0x80)) {
      word += c;
    } else if (!word.empty()) {
      out.push_back(to_lower(word));
      word.clear();
    }
  }
  return out;
}

// Names with blanks are taken apart in the expression, and so are they here.
bool mentions(std::string_view expression, const FieldPath& path) {
  const auto names = names_in(expression);
  return std::all_of(path.begin(), path.end(), [&](const std::string& name) {
    const auto words = names_in(name);
    return std::all_of(words.begin(), words.end(), [&](const std::string& word) {
      return std::find(names.begin(), names.end(), word) != names.end();
    });
  });
}

}  // namespace

std::string text_of(const FieldPath& path) {
  std::string out;
  for (const std::string& name : path) out += (out.empty() ? "" : ".") + name;
  return out;
}

Result<Field> field_at(const Schema& schema, const FieldPath& path) {
  std::optional<Field> found;
  TRY_DONE(edited(schema, path, [&](StructType& type) -> Done {
    TRY(const std::size_t at, position(path, type));
    found = type.fields[at];
    return done();
  }));
  return *std::move(found);
}

Result<Schema> with_field(const Schema& schema, const FieldPath& parent, const Field& field,
                          const FieldPlace& place) {
  FieldPath path = parent;
  path.push_back(field.name);
  return edited(schema, path, [&](StructType& type) -> Done {
    TRY_DONE(check_free(type, parent, field.name));
    return put(type, field, place, type.fields.size());
  });
}

Result<Schema> without_field(const Schema& schema, const FieldPath& path) {
  return edited(schema, path, [&](StructType& type) -> Done {
    TRY(const std::size_t at, position(path, type));
    if (type.fields.size() == 1) {
      return refused("column " + text_of(path) + " is the last one of " +
                         (path.size() == 1 ? "the table" : "its struct"),
                     path.size() == 1 ? "add another column first" : "drop the whole column");
    }
    type.fields.erase(type.fields.begin() + static_cast<std::ptrdiff_t>(at));
    return done();
  });
}

Result<Schema> with_renamed(const Schema& schema, const FieldPath& path, const std::string& name) {
  return edited(schema, path, [&](StructType& type) -> Done {
    TRY(const std::size_t at, position(path, type));
    const bool same = to_lower(type.fields[at].name) == to_lower(name);
    if (!same) {
      TRY_DONE(check_free(type, FieldPath(path.begin(), path.end() - 1), name));
    }
    type.fields[at].name = name;
    return done();
  });
}

Result<Schema> with_moved(const Schema& schema, const FieldPath& path, const FieldPlace& place) {
  return edited(schema, path, [&](StructType& type) -> Done {
    TRY(const std::size_t at, position(path, type));
    if (to_lower(place.after) == to_lower(path.back())) {
      return refused("column " + text_of(path) + " cannot stand after itself");
    }
    const Field field = type.fields[at];
    type.fields.erase(type.fields.begin() + static_cast<std::ptrdiff_t>(at));
    return put(type, field, place, at);
  });
}

Result<Schema> with_changed(const Schema& schema, const FieldPath& path,
                            const std::function<Done(Field&)>& change) {
  return edited(schema, path, [&](StructType& type) -> Done {
    TRY(const std::size_t at, position(path, type));
    return change(type.fields[at]);
  });
}

std::optional<std::string> used_by(const FieldPath& path, const Schema& schema,
                                   const std::map<std::string, std::string>& configuration) {
  constexpr std::string_view kConstraint = "delta.constraints.";
  for (const auto& [key, value] : configuration) {
    if (key.starts_with(kConstraint) && mentions(value, path)) {
      return "the constraint " + key.substr(kConstraint.size());
    }
  }
  for (const Field& field : schema.fields) {
    const auto found = field.metadata.find("delta.generationExpression");
    if (found != field.metadata.end() && mentions(found->second, path)) {
      return "the generated column " + field.name;
    }
  }
  return std::nullopt;
}

}  // namespace claimlake::delta
