#include "lake/table_definition.h"

#include "delta/json_writer.h"
#include "delta/type_text.h"

namespace claimlake::lake {
namespace {

// "(a BIGINT NOT NULL COMMENT 'x', ...)", or one column without brackets.
Result<std::vector<delta::Field>> read_columns(SqlCursor& cursor, bool bare_allowed) {
  const bool brackets = cursor.take("(");
  if (!brackets && !bare_allowed) return cursor.wrong("'(' and the columns");
  std::vector<delta::Field> out;
  do {
    TRY(std::string name, cursor.name());
    const SqlCursor at_type = cursor;
    TRY(const std::string type_text, cursor.until({"not", "comment", "first", "after"}));
    auto type = delta::parse_type_text(type_text);
    if (!type)
      return at_type.wrong("the type of column " + name + ", for example BIGINT or STRING");
    delta::Field field{std::move(name), *std::move(type)};
    if (cursor.take("not null")) field.nullable = false;
    if (cursor.take("comment")) {
      TRY(const std::string comment, cursor.text());
      field.metadata["comment"] = delta::json_string(comment);
    }
    out.push_back(std::move(field));
  } while (brackets && cursor.take(","));
  if (brackets) {
    TRY_DONE(cursor.expect(")"));
  }
  return out;
}

Result<std::vector<std::string>> read_names(SqlCursor& cursor) {
  TRY_DONE(cursor.expect("("));
  std::vector<std::string> out;
  do {
    TRY(out.emplace_back(), cursor.name());
  } while (cursor.take(","));
  TRY_DONE(cursor.expect(")"));
  return out;
}

// A key is a text or plain names with dots: 'delta.appendOnly', delta.appendOnly.
Result<std::string> read_key(SqlCursor& cursor) {
  if (auto text = cursor.text()) return text;
  TRY(std::string key, cursor.name());
  while (cursor.take(".")) {
    TRY(const std::string part, cursor.name());
    key += "." + part;
  }
  return key;
}

Result<std::map<std::string, std::string>> read_properties(SqlCursor& cursor) {
  TRY_DONE(cursor.expect("("));
  std::map<std::string, std::string> out;
  do {
    TRY(const std::string key, read_key(cursor));
    (void)cursor.take("=");
    auto text = cursor.text();
    TRY(std::string value, text ? std::move(text) : cursor.until());
    out[key] = std::move(value);
  } while (cursor.take(","));
  TRY_DONE(cursor.expect(")"));
  return out;
}

Result<CreateTable> read_create(SqlCursor& cursor) {
  CreateTable out;
  out.if_not_exists = cursor.take("if not exists");
  TRY(out.name, cursor.table());
  if (cursor.take("like")) {
    TRY(out.like, cursor.table());
    TRY_DONE(cursor.end());
    return out;
  }
  SqlCursor before = cursor;
  if (cursor.take("(")) {
    cursor = before;
    TRY(out.schema.fields, read_columns(cursor, false));
  }
  for (;;) {
    if (cursor.take("using")) {
      TRY_DONE(cursor.expect("delta"));
    } else if (cursor.take("partitioned by")) {
      TRY(out.partition_columns, read_names(cursor));
    } else if (cursor.take("comment")) {
      TRY(out.comment, cursor.text());
    } else if (cursor.take("tblproperties")) {
      TRY(out.properties, read_properties(cursor));
    } else if (cursor.take("as")) {
      if (!out.schema.fields.empty()) return cursor.wrong("no AS after a list of columns");
      out.select = cursor.rest();
      return out;
    } else {
      break;
    }
  }
  if (out.schema.fields.empty()) return cursor.wrong("'(' and the columns, LIKE, or AS SELECT");
  TRY_DONE(cursor.end());
  return out;
}

Result<std::optional<Definition>> read_alter(SqlCursor& cursor) {
  TRY(const TableName name, cursor.table());
  std::optional<Definition> out;
  if (cursor.take("set tblproperties")) {
    SetProperties set{name, {}};
    TRY(set.properties, read_properties(cursor));
    out = std::move(set);
  } else if (cursor.take("unset tblproperties")) {
    UnsetProperties unset{name, {}, cursor.take("if exists")};
    TRY_DONE(cursor.expect("("));
    do {
      TRY(unset.properties.emplace_back(), read_key(cursor));
    } while (cursor.take(","));
    TRY_DONE(cursor.expect(")"));
    out = std::move(unset);
  } else if (cursor.take("add columns") || cursor.take("add column")) {
    AddColumns add{name, {}};
    TRY(add.fields, read_columns(cursor, true));
    out = std::move(add);
  } else {
    return cursor.wrong("SET TBLPROPERTIES, UNSET TBLPROPERTIES or ADD COLUMN");
  }
  TRY_DONE(cursor.end());
  return out;
}

}  // namespace

Result<std::optional<Definition>> parse_definition(std::string_view sql) {
  SqlCursor cursor(sql);
  if (cursor.take("create table")) {
    TRY(CreateTable create, read_create(cursor));
    return std::optional<Definition>(std::move(create));
  }
  if (cursor.take("alter table")) return read_alter(cursor);
  return std::optional<Definition>();
}

}  // namespace claimlake::lake
