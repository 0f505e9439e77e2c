// What changed in a table, for the engine's table functions.
#include "delta/change_feed.h"
#include "lake/lake.h"

namespace claimlake::lake {

Result<engine::TableChanges> Lake::changes(std::string_view schema, std::string_view name,
                                           const engine::At& from, const engine::At& to) {
  TRY(const engine::TableVersion newest, table(schema, name, {}));
  const TableName table_name{std::string(schema), std::string(name)};
  const auto log = log_of(table_name);
  delta::LogVersion first = from.version.value_or(0);
  if (from.timestamp) {
    TRY(first, log->version_from(*from.timestamp));
    if (first > newest.snapshot->version()) {
      return Error{Fault::kNotFound,
                   "The table has no version at " + to_text(*from.timestamp) +
                       " or later; its newest one is of " + to_text(newest.snapshot->timestamp()),
                   table_name.text()};
    }
  }
  delta::LogVersion last = to.version.value_or(newest.snapshot->version());
  if (to.timestamp) {
    TRY(last, log->version_at(*to.timestamp));
  }
  auto rows = log->changes(first, last);
  if (!rows) return std::move(rows).error().at(table_name.text());
  return engine::TableChanges{*std::move(rows), newest.path};
}

Result<engine::TableChanges> Lake::difference(std::string_view schema, std::string_view name,
                                              const engine::At& from, const engine::At& to) {
  TRY(const engine::TableVersion before, table(schema, name, from));
  TRY(const engine::TableVersion after, table(schema, name, to));
  auto rows = delta::difference(context_.store, after.path, *before.snapshot, *after.snapshot);
  if (!rows) {
    return std::move(rows).error().at(TableName{std::string(schema), std::string(name)}.text());
  }
  return engine::TableChanges{*std::move(rows), after.path};
}

}  // namespace claimlake::lake
