#include "serve/pins.h"

#include <fmt/format.h>

#include "base/text.h"
#include "serve/digest.h"
#include "serve/ops_tables.h"
#include "serve/problem.h"

namespace claimlake::serve {
namespace {

// The names of tables change rarely, and listing them costs a folder each.
constexpr std::chrono::seconds kNamesMaxAge{1};

std::string empty_relation(const std::vector<pack::ColumnDoc>& columns) {
  std::string select;
  for (const pack::ColumnDoc& column : columns) {
    select += fmt::format("{}CAST(NULL AS {}) AS {}", select.empty() ? "" : ", ", column.type,
                          sql_identifier(column.name));
  }
  return fmt::format("(SELECT {} WHERE false)", select);
}

}  // namespace

const delta::SnapshotPtr& Pins::snapshot(std::string_view table) const {
  const auto found = tables_.find(table);
  CHECK(found != tables_.end(), "an answer reads a table that it has not pinned");
  return found->second;
}

std::string Pins::data_version() const {
  Digest digest;
  for (const auto& [table, snapshot] : tables_) {
    digest.add(table);
    if (snapshot == nullptr) continue;
    digest.add(snapshot->metadata().id);
    digest.add(std::to_string(snapshot->version()));
    digest.add(to_text(snapshot->timestamp()));
  }
  return digest.hex();
}

std::string Pins::stale_json(std::string_view table) const {
  const refresh::Stale* found = stale_ ? refresh::find_stale(*stale_, table) : nullptr;
  return found == nullptr ? "null" : refresh::to_json(*found);
}

std::string Pins::stale_json() const {
  std::string items;
  for (const auto& [table, snapshot] : tables_) {
    const std::string item = stale_json(table);
    if (item != "null") items += (items.empty() ? "" : ",") + item;
  }
  return "[" + items + "]";
}

std::string Pins::meta_json() const {
  std::optional<Timestamp> as_of;
  std::string tables;
  for (const auto& [table, snapshot] : tables_) {
    if (snapshot == nullptr) continue;
    if (!as_of || *as_of < snapshot->timestamp()) as_of = snapshot->timestamp();
    tables += fmt::format(R"({}{{"table":{},"version":{},"committed_at":"{}"}})",
                          tables.empty() ? "" : ",", json_string(table), snapshot->version(),
                          to_rfc3339(snapshot->timestamp()));
  }
  return fmt::format(R"({{"as_of":{},"data_version":"{}","tables":[{}],"stale":{}}})",
                     as_of ? '"' + to_rfc3339(*as_of) + '"' : "null", data_version(), tables,
                     stale_json());
}

Result<delta::SnapshotPtr> Pinner::newest(const std::string& table) {
  const auto now = clock_.steady_now();
  const auto seen = state_.with([&](const State& state) -> std::optional<Seen> {
    const auto found = state.newest.find(table);
    if (found == state.newest.end() || now - found->second.at >= kMaxAge) return std::nullopt;
    return found->second;
  });
  if (seen) return seen->snapshot;
  TRY(const lake::TableName name, lake::TableName::parse(table));
  TRY(delta::SnapshotPtr snapshot, lake_.snapshot_if_any(name));
  state_.with([&](State& state) {
    // What is too old to be answered with must not hold its memory.
    std::erase_if(state.newest, [&](const auto& kept) { return now - kept.second.at >= kMaxAge; });
    state.newest[table] = Seen{snapshot, now};
  });
  return snapshot;
}

Result<Pins> Pinner::newest(const std::vector<std::string>& tables) {
  Pins pins;
  for (const std::string& table : tables) {
    TRY(delta::SnapshotPtr snapshot, newest(table));
    pins.add(table, std::move(snapshot));
  }
  return pins;
}

Result<Pins> Pinner::at(const std::map<std::string, delta::LogVersion>& versions) {
  Pins pins;
  for (const auto& [table, version] : versions) {
    delta::SnapshotPtr snapshot;
    if (version >= 0) {
      TRY(snapshot, newest(table));
      if (snapshot == nullptr || snapshot->version() != version) {
        TRY(const lake::TableName name, lake::TableName::parse(table));
        TRY(auto old, lake_.table(name.schema, name.table, engine::At{version, std::nullopt}));
        snapshot = std::move(old.snapshot);
      }
    }
    pins.add(table, std::move(snapshot));
  }
  return pins;
}

std::vector<std::string> Pinner::all_tables() {
  const auto now = clock_.steady_now();
  auto known = state_.with([&](const State& state) -> std::optional<std::vector<std::string>> {
    if (!state.tables_at || now - *state.tables_at >= kNamesMaxAge) return std::nullopt;
    return state.tables;
  });
  if (known) return *std::move(known);
  std::vector<std::string> tables;
  for (const lake::TableName& name : lake_.all_tables()) tables.push_back(name.text());
  state_.with([&](State& state) {
    state.tables = tables;
    state.tables_at = now;
  });
  return tables;
}

std::string Relations::operator()(std::string_view table) const { return columns(table, "*"); }

std::string Relations::columns(std::string_view table, std::string_view columns) const {
  const delta::SnapshotPtr& snapshot = pins_.snapshot(table);
  if (snapshot != nullptr) return mirror_.relation(table, columns, *snapshot, copies_);
  return fmt::format("(SELECT {} FROM {})", columns, in_place(table));
}

std::string Relations::in_place(std::string_view table) const {
  const delta::SnapshotPtr& snapshot = pins_.snapshot(table);
  if (snapshot != nullptr) return relation_in_place(table, *snapshot);
  const pack::Model* model = pack_.model(table);
  if (model == nullptr) return empty_relation(ops_columns(table));
  std::vector<pack::ColumnDoc> columns = model->columns;
  for (pack::ColumnDoc& added : pack::program_columns(model->schema)) {
    columns.push_back(std::move(added));
  }
  return empty_relation(columns);
}

}  // namespace claimlake::serve
