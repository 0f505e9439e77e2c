#include "lake/alter_columns.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "delta/column_mapping.h"
#include "delta/features.h"
#include "delta/json_writer.h"
#include "delta/properties.h"
#include "delta/stats_columns.h"
#include "delta/type_text.h"
#include "delta/type_widening.h"
#include "lake/bound_version.h"

namespace claimlake::lake {
namespace {

// How many of the rows that are in the way an error names.
constexpr std::size_t kShownRows = 5;

Error refused(std::string what, std::string next) {
  return {Fault::kInvalidInput, std::move(what), "", std::move(next)};
}

// Without mapping the files' names are the table's, and no file is written anew for a name.
Done check_mapped(const delta::Snapshot& table, const TableName& name, const char* what) {
  if (delta::column_mapping(table.protocol(), table.metadata()) != delta::ColumnMapping::kNone) {
    return done();
  }
  return refused(fmt::format("Columns of {} cannot be {}: its files name them as the table does",
                             name.text(), what),
                 fmt::format("first let the table map its columns, which no older reader than "
                             "protocol 2 knows: ALTER TABLE {} SET TBLPROPERTIES "
                             "('delta.columnMapping.mode' = 'name')",
                             name.text()));
}

Done check_unused(const delta::Snapshot& table, const delta::FieldPath& column, const char* what) {
  const auto user = delta::used_by(column, table.schema(), table.metadata().configuration);
  if (!user) return done();
  return refused(
      fmt::format("Column {} cannot be {}: {} uses it", delta::text_of(column), what, *user),
      fmt::format("drop {} first", *user));
}

bool is_partition_column(const delta::Snapshot& table, const std::string& column) {
  const auto& names = table.metadata().partition_columns;
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return to_lower(name) == to_lower(column); });
}

// A schema text of one field, as Spark's history has it.
std::string field_json(const delta::Field& field) {
  std::string text = delta::to_json(delta::Schema{{field}});
  const auto start = text.find('[') + 1;
  return text.substr(start, text.rfind(']') - start);
}

// The condition under which the field at `path` of relation t is null where it must not be.
std::string null_where(const delta::FieldPath& path) {
  std::string column = "t";
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    column += "." + sql_identifier(path[i]);
    out += fmt::format("{}{} IS {}NULL", out.empty() ? "" : " AND ", column,
                       i + 1 == path.size() ? "" : "NOT ");
  }
  return out;
}

// Rows are named by their file and place in it, for their values may be anybody's own business.
Done check_not_null(const delta::SnapshotPtr& table, const AlterColumn& alter,
                    engine::Session& session) {
  const delta::Schema* among = &table->schema();
  for (std::size_t i = 0; i + 1 < alter.column.size(); ++i) {
    const delta::Field* field = among->find(alter.column[i]);
    if (field == nullptr || field->type.as_struct() == nullptr) {
      return refused(fmt::format("Column {} cannot be NOT NULL: it is inside of a list or a map",
                                 delta::text_of(alter.column)),
                     "set NOT NULL on columns, and on fields of structs");
    }
    among = field->type.as_struct();
  }
  BoundVersion bound(session, alter.name);
  TRY_DONE(bound.to(table));
  const std::string from =
      fmt::format("FROM lake.{}.{} AS t WHERE {}", sql_identifier(alter.name.schema),
                  sql_identifier(alter.name.table), null_where(alter.column));
  TRY(const auto counted, session.query("SELECT count(*) " + from));
  TRY(const auto count, engine::read_all(*counted));
  if (count.rows.at(0).at(0) == "0") return done();
  TRY(const auto rows,
      session.query(fmt::format("SELECT t.file_number, t.file_row_number {} ORDER BY ALL LIMIT {}",
                                from, kShownRows)));
  std::string places;
  for (;;) {
    TRY(const bool more, rows->next());
    if (!more) break;
    for (std::size_t i = 0; i < rows->row_count(); ++i) {
      const auto file = static_cast<std::size_t>(rows->integer(0, i));
      places += fmt::format("{}row {} of {}", places.empty() ? "" : ", ", rows->integer(1, i),
                            table->files()[file].path);
    }
  }
  return refused(
      fmt::format("Column {} cannot be NOT NULL: it is null in {} of the rows that are "
                  "there (version {}): {}",
                  delta::text_of(alter.column), *count.rows[0][0], table->version(), places),
      "give them a value with UPDATE, or DELETE them");
}

Done check_widening(const delta::Snapshot& table, const AlterColumn& alter) {
  const bool on = delta::read_properties(table.metadata().configuration).type_widening &&
                  delta::has_feature(table.protocol(), "typeWidening");
  if (on) return done();
  return refused(fmt::format("Column {} of {} keeps its type: the table does not let types widen",
                             delta::text_of(alter.column), alter.name.text()),
                 fmt::format("first write ALTER TABLE {} SET TBLPROPERTIES "
                             "('delta.enableTypeWidening' = 'true')",
                             alter.name.text()));
}

// A partition value is a text, and is not written anew.
Done check_partition_type(const delta::Snapshot& table, const AlterColumn& alter) {
  if (alter.column.size() != 1 || !is_partition_column(table, alter.column[0])) return done();
  const auto* type = alter.type->primitive();
  const bool whole =
      type != nullptr && (type->name == "short" || type->name == "integer" || type->name == "long");
  if (whole) return done();
  return refused(fmt::format("Column {} partitions the table, and cannot become {}",
                             alter.column[0], alter.type->text()),
                 "a partition column may only become a wider whole number");
}

Result<delta::Schema> typed(const delta::Snapshot& table, const delta::Schema& schema,
                            const AlterColumn& alter) {
  TRY(const delta::Field before, delta::field_at(schema, alter.column));
  delta::Field probe = before;
  TRY_DONE(delta::widen(probe, *alter.type));
  if (probe == before) return schema;
  TRY_DONE(check_unused(table, alter.column, "widened"));
  TRY_DONE(check_partition_type(table, alter));
  TRY_DONE(check_widening(table, alter));
  return delta::with_changed(schema, alter.column, [&](delta::Field& field) -> Done {
    field = probe;
    return done();
  });
}

}  // namespace

Result<delta::FieldPath> read_path(SqlCursor& cursor) {
  delta::FieldPath out;
  do {
    TRY(out.emplace_back(), cursor.name());
  } while (cursor.take("."));
  return out;
}

Result<delta::FieldPlace> read_place(SqlCursor& cursor) {
  delta::FieldPlace out;
  if (cursor.take("first")) {
    out.first = true;
  } else if (cursor.take("after")) {
    TRY(out.after, cursor.name());
  }
  return out;
}

Result<RenameColumn> read_rename(SqlCursor& cursor, const TableName& name) {
  RenameColumn out{name, {}, ""};
  TRY(out.column, read_path(cursor));
  TRY_DONE(cursor.expect("to"));
  TRY(out.to, cursor.name());
  return out;
}

Result<DropColumns> read_drop(SqlCursor& cursor, const TableName& name, bool several) {
  DropColumns out{name, {}, cursor.take("if exists")};
  const bool brackets = several && cursor.take("(");
  do {
    TRY(out.columns.emplace_back(), read_path(cursor));
  } while ((several || brackets) && cursor.take(","));
  if (brackets) {
    TRY_DONE(cursor.expect(")"));
  }
  return out;
}

Result<AlterColumn> read_alter_column(SqlCursor& cursor, const TableName& name) {
  AlterColumn out;
  out.name = name;
  TRY(out.column, read_path(cursor));
  const auto read_type = [&]() -> Done {
    const SqlCursor at_type = cursor;
    TRY(const std::string text,
        cursor.until({"comment", "first", "after", "set", "drop", "not", "type"}));
    auto type = delta::parse_type_text(text);
    if (!type) return at_type.wrong("a type, for example BIGINT or STRING");
    out.type = *std::move(type);
    return done();
  };
  bool any = false;
  for (;; any = true) {
    const SqlCursor before = cursor;
    if (cursor.take("type")) {
      TRY_DONE(read_type());
    } else if (cursor.take("comment")) {
      TRY(out.comment, cursor.text());
    } else if (cursor.take("set not null")) {
      out.nullable = false;
    } else if (cursor.take("drop not null")) {
      out.nullable = true;
    } else if (cursor.take("first") || cursor.take("after")) {
      cursor = before;
      TRY(out.place, read_place(cursor));
    } else if (auto again = any ? Result<std::string>(cursor.wrong("")) : cursor.name()) {
      if (to_lower(*again) != to_lower(out.column.back())) {
        return before.wrong("TYPE, COMMENT, FIRST, AFTER, SET NOT NULL or DROP NOT NULL");
      }
      TRY_DONE(read_type());
    } else {
      break;
    }
  }
  if (any) return out;
  return cursor.wrong("TYPE, COMMENT, FIRST, AFTER, SET NOT NULL or DROP NOT NULL");
}

Result<Altered> altered(const delta::SnapshotPtr& base, const RenameColumn& rename) {
  TRY_DONE(check_mapped(*base, rename.name, "renamed"));
  TRY_DONE(check_unused(*base, rename.column, "renamed"));
  TRY(const delta::Schema schema, delta::with_renamed(base->schema(), rename.column, rename.to));
  Altered out{base->metadata(), "RENAME COLUMN", {}};
  delta::set_schema(out.metadata, schema);
  for (std::string& column : out.metadata.partition_columns) {
    const bool renamed =
        rename.column.size() == 1 && to_lower(column) == to_lower(rename.column[0]);
    if (renamed) column = rename.to;
  }
  delta::rename_in_stats_columns(out.metadata.configuration, rename.column, rename.to);
  delta::FieldPath to = rename.column;
  to.back() = rename.to;
  out.parameters = {{"oldColumnPath", delta::json_string(delta::text_of(rename.column))},
                    {"newColumnPath", delta::json_string(delta::text_of(to))}};
  return out;
}

Result<Altered> altered(const delta::SnapshotPtr& base, const DropColumns& drop) {
  TRY_DONE(check_mapped(*base, drop.name, "dropped"));
  delta::Schema schema = base->schema();
  std::string said;
  for (const delta::FieldPath& column : drop.columns) {
    const auto there = delta::field_at(schema, column);
    if (!there && drop.if_exists) continue;
    if (column.size() == 1 && is_partition_column(*base, column[0])) {
      return refused(fmt::format("Column {} cannot be dropped: it partitions the table", column[0]),
                     "make another table with CREATE TABLE ... AS SELECT");
    }
    TRY_DONE(check_unused(*base, column, "dropped"));
    TRY(schema, delta::without_field(schema, column));
    said += (said.empty() ? "" : ",") + delta::json_string(delta::text_of(column));
  }
  const auto& partitions = base->metadata().partition_columns;
  if (schema.fields.size() == partitions.size()) {
    return refused(fmt::format("Table {} would have partition columns only", drop.name.text()),
                   "leave a column, or add another one first");
  }
  Altered out{base->metadata(), "DROP COLUMNS", {}};
  delta::set_schema(out.metadata, schema);
  for (const delta::FieldPath& column : drop.columns) {
    delta::drop_from_stats_columns(out.metadata.configuration, column);
  }
  out.parameters = {{"columns", delta::json_string("[" + said + "]")}};
  return out;
}

Result<Altered> altered(const delta::SnapshotPtr& base, const AlterColumn& alter,
                        engine::Session& session) {
  delta::Schema schema = base->schema();
  TRY(const delta::Field before, delta::field_at(schema, alter.column));
  Altered out{base->metadata(), "CHANGE COLUMN", {}};
  if (alter.type) {
    TRY(schema, typed(*base, schema, alter));
  }
  if (alter.nullable == false && before.nullable) {
    TRY_DONE(check_not_null(base, alter, session));
    out.reads_rows = true;
  }
  TRY(schema, delta::with_changed(schema, alter.column, [&](delta::Field& field) -> Done {
        if (alter.comment) field.metadata["comment"] = delta::json_string(*alter.comment);
        field.nullable = alter.nullable.value_or(field.nullable);
        return done();
      }));
  TRY(const delta::Field after, delta::field_at(schema, alter.column));
  if (alter.place.given()) {
    TRY(schema, delta::with_moved(schema, alter.column, alter.place));
    out.parameters["position"] =
        delta::json_string(alter.place.first ? "FIRST" : "AFTER " + alter.place.after);
  }
  delta::set_schema(out.metadata, schema);
  out.parameters["column"] = delta::json_string(field_json(after));
  return out;
}

}  // namespace claimlake::lake
