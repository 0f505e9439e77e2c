#include "refresh/found_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "base/text.h"
#include "refresh/feed.h"

namespace claimlake::refresh {
namespace {

// These columns of the table (lower case). The others keep their place and type, for SQL may speak
// of all columns at once.
Result<std::string> padded(const delta::Schema& schema, const std::set<std::string>& columns) {
  std::string list;
  for (const delta::Field& field : schema.fields) {
    const std::string column = sql_identifier(field.name);
    list += list.empty() ? "" : ", ";
    if (columns.contains(to_lower(field.name))) {
      list += column;
    } else {
      TRY(const std::string type, engine::sql_type(field.type));
      list += fmt::format("CAST(NULL AS {}) AS {}", type, column);
    }
  }
  return list;
}

std::set<std::string> columns_of(const engine::LookUp& look_up) {
  std::set<std::string> columns;
  const auto add = [&](const std::string& column) { columns.insert(to_lower(column)); };
  std::for_each(look_up.columns.begin(), look_up.columns.end(), add);
  for (const engine::LookUp::By& by : look_up.any) {
    std::for_each(by.columns.begin(), by.columns.end(), add);
  }
  return columns;
}

}  // namespace

Result<std::string> FoundRows::find(const engine::LookUp& asked) {
  if (asked.any.empty()) return asked.table;
  std::string name = asked.table;
  for (const engine::LookUp::By& by : asked.any) {
    name += fmt::format("|{}|{}|{}", fmt::join(by.columns, ","), by.relation,
                        fmt::join(by.of_relation, ","));
  }
  if (!asked.columns.empty()) name += fmt::format("|of {}", fmt::join(asked.columns, ","));
  if (const auto known = found_.find(name); known != found_.end()) return known->second;
  TRY(const engine::LookUp look_up, narrow(asked));
  TRY(const engine::RowsFound rows, session_.rows_of(look_up));
  const std::string all =
      fmt::format("(SELECT * EXCLUDE (file_number, file_row_number) FROM ({}))", rows.select);
  std::string kept = all;
  if (rows.few) {
    // What is looked for has its name at each refresh, for the sake of the plans that read it.
    kept = fmt::format("scratch('found {} {:x}')", look_up.table, std::hash<std::string>{}(name));
    TRY_DONE(scratch_.make(kept, "SELECT * FROM " + all));
  }
  std::string relation = kept;
  if (!look_up.columns.empty()) {
    TRY(const delta::Schema schema, schema_of(look_up.table));
    TRY(const std::string list, padded(schema, columns_of(look_up)));
    relation = fmt::format("(SELECT {} FROM {})", list, kept);
    kept_[relation] = kept;
  }
  found_[name] = relation;
  return relation;
}

Result<bool> FoundRows::of_one_type(const engine::LookUp& look_up) const {
  TRY(const delta::Schema schema, schema_of(look_up.table));
  for (const engine::LookUp::By& by : look_up.any) {
    for (std::size_t i = 0; i < by.columns.size(); ++i) {
      const delta::Field* field = schema.find(by.columns[i]);
      const pack::ColumnDoc* column = model_.column(by.of_relation[i]);
      if (field == nullptr || column == nullptr) return false;
      TRY(const std::string type, engine::sql_type(field->type));
      if (type != column->type) return false;
    }
  }
  return true;
}

Result<std::string> FoundRows::none(const std::string& table) const {
  TRY(const delta::Schema schema, schema_of(table));
  TRY(const std::string list, padded(schema, {}));
  return fmt::format("(SELECT {} WHERE FALSE)", list);
}

// The columns that count, found by rows as they are kept: a short statement is planned sooner.
Result<engine::LookUp> FoundRows::narrow(engine::LookUp look_up) const {
  if (look_up.columns.empty() && inputs_.contains(look_up.table)) {
    TRY(const delta::Schema schema, schema_of(look_up.table));
    look_up.columns = columns_read(model_, look_up.table, schema);
  }
  for (engine::LookUp::By& by : look_up.any) {
    if (const auto kept = kept_.find(by.relation); kept != kept_.end()) by.relation = kept->second;
  }
  return look_up;
}

Result<delta::Schema> FoundRows::schema_of(const std::string& table) const {
  TRY(const auto name, lake::TableName::parse(table));
  TRY(const auto version,
      lake_.table(name.schema, name.table, {.version = inputs_.at(table).version}));
  return version.snapshot->schema();
}

}  // namespace claimlake::refresh
