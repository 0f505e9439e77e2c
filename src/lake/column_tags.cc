#include "lake/column_tags.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "delta/json_writer.h"
#include "delta/stats_columns.h"
#include "lake/alter_columns.h"

namespace claimlake::lake {
namespace {

Error refused(std::string what, std::string next) {
  return {Fault::kInvalidInput, std::move(what), "", std::move(next)};
}

bool starts_with(const delta::FieldPath& path, const delta::FieldPath& start) {
  return path.size() >= start.size() && std::equal(start.begin(), start.end(), path.begin());
}

// Personal data whose values would stand in the log all the same.
Done check_personal(const delta::StoredColumns& columns, const delta::FieldPath& path) {
  for (const std::string& partition : columns.partition_columns) {
    if (path.size() != 1 || to_lower(partition) != to_lower(path[0])) continue;
    return refused(
        fmt::format("Column {} partitions the table: its values stand in the log and in the names "
                    "of folders",
                    path[0]),
        "make another table with CREATE TABLE ... AS SELECT, partitioned by another column");
  }
  TRY(const auto in_files, delta::physical_path(columns, path));
  for (const delta::FieldPath& clustering : columns.clustering) {
    if (!starts_with(clustering, in_files)) continue;
    return refused(fmt::format("The table is clustered by column {}, of which statistics must be "
                               "kept",
                               delta::text_of(path)),
                   "ALTER TABLE ... CLUSTER BY other columns, or NONE, first");
  }
  return done();
}

}  // namespace

Result<std::vector<std::string>> read_tags(SqlCursor& cursor) {
  TRY_DONE(cursor.expect("("));
  std::vector<std::string> out;
  do {
    const SqlCursor before = cursor;
    TRY(std::string tag, cursor.text());
    if (tag.empty() || tag.size() > 256) return before.wrong("a tag such as 'pii'");
    out.push_back(std::move(tag));
  } while (cursor.take(","));
  TRY_DONE(cursor.expect(")"));
  return out;
}

Result<std::optional<SetTags>> read_set_tags(const TableName& name, SqlCursor& cursor) {
  const SqlCursor before = cursor;
  SetTags out{name, {}, {}, {}};
  TRY(out.column, read_path(cursor));
  if (cursor.take("set tags")) {
    TRY(out.set, read_tags(cursor));
  } else if (cursor.take("unset tags")) {
    TRY(out.unset, read_tags(cursor));
  } else {
    cursor = before;
    return std::optional<SetTags>();
  }
  return std::optional<SetTags>(std::move(out));
}

Done set_tags(Lake& lake, const SetTags& what, const std::string& run) {
  TRY(const auto base, lake.snapshot(what.name));
  delta::Metadata metadata = base->metadata();
  TRY(const delta::Schema schema,
      delta::with_changed(base->schema(), what.column, [&](delta::Field& field) -> Done {
        std::vector<std::string> tags = delta::tags_of(field);
        std::erase_if(tags, [&](const std::string& tag) {
          return std::find(what.unset.begin(), what.unset.end(), tag) != what.unset.end();
        });
        for (const std::string& tag : what.set) {
          if (std::find(tags.begin(), tags.end(), tag) == tags.end()) tags.push_back(tag);
        }
        delta::set_tags(field, tags);
        return done();
      }));
  TRY(const delta::Field field, delta::field_at(schema, what.column));
  metadata.schema_json = delta::to_json(schema);
  if (metadata == base->metadata()) return done();
  delta::CommitRequest request;
  request.base = base;
  request.actions.emplace_back(metadata);
  if (delta::is_personal(field)) {
    const delta::StoredColumns columns = delta::stored_columns(base->protocol(), metadata, schema);
    TRY_DONE(check_personal(delta::stored_columns(*base), what.column));
    const auto personal = delta::personal_columns(columns);
    for (const delta::AddFile& file : base->files()) {
      delta::AddFile add = file;
      add.stats_json = delta::without_bounds(file.stats_json, personal);
      add.data_change = false;
      if (add.stats_json != file.stats_json) request.actions.emplace_back(std::move(add));
    }
  }
  // A file that comes meanwhile would have bounds still; and these adds bring no row.
  request.read.whole_table = true;
  request.checked_rows = true;
  request.info.operation = "CHANGE COLUMN";
  std::string tags;
  delta::JsonWriter(tags).texts(delta::tags_of(field));
  request.info.parameters = {{"column", delta::json_string(delta::quoted_text(what.column))},
                             {"tags", delta::json_string(tags)}};
  request.info.user = lake.context().user;
  request.info.run = run;
  TRY_DONE(lake.commit_actions(what.name, std::move(request)));
  return done();
}

delta::Schema with_tags_of(delta::Schema schema, const delta::Schema& before) {
  for (delta::Field& field : schema.fields) {
    const delta::Field* known = before.find(field.name);
    if (known == nullptr) continue;
    const std::vector<std::string> tags = delta::tags_of(*known);
    if (!tags.empty()) delta::set_tags(field, tags);
    if (field.type.as_struct() != nullptr && known->type.as_struct() != nullptr) {
      field.type = with_tags_of(*field.type.as_struct(), *known->type.as_struct());
    }
  }
  return schema;
}

}  // namespace claimlake::lake
