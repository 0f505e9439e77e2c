#include "lake/lake.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace claimlake::lake {

namespace {

Error no_such_table(const TableName& name, const std::vector<TableName>& known) {
  std::vector<std::string> names;
  for (const TableName& each : known) names.push_back(each.text());
  const std::string near = nearest(name.text(), names);
  return {Fault::kNotFound, "There is no table " + name.text(), "",
          near.empty() ? "claimlake table list" : "did you mean " + near + "?"};
}

}  // namespace

Lake::Lake(LakeContext context) : context_(std::move(context)) {}
Lake::~Lake() = default;

std::shared_ptr<Lake::Table> Lake::find(const TableName& name) {
  return tables_.with([&](auto& tables) {
    std::shared_ptr<Table>& table = tables[name];
    if (table == nullptr) {
      const delta::LogContext log_context{context_.store, context_.parquet, context_.clock,
                                          context_.random};
      table = std::make_shared<Table>(delta::Log(log_context, name.folder()));
    }
    return table;
  });
}

Result<delta::SnapshotPtr> Lake::snapshot(const TableName& name) {
  const auto table = find(name);
  const auto seen = table->newest.with([](const delta::SnapshotPtr& newest) { return newest; });
  auto snapshot = table->log.snapshot(seen);
  if (!snapshot) {
    // Asking for names that do not exist must not fill the memory.
    tables_.with([&](auto& tables) { tables.erase(name); });
    if (snapshot.error().fault != Fault::kNotFound)
      return std::move(snapshot).error().at(name.text());
    return no_such_table(name, all_tables());
  }
  table->newest.with([&](delta::SnapshotPtr& newest) {
    if (newest == nullptr || newest->version() < (*snapshot)->version() ||
        newest->metadata().id != (*snapshot)->metadata().id) {
      newest = *snapshot;
    }
  });
  return snapshot;
}

Result<delta::SnapshotPtr> Lake::snapshot_if_any(const TableName& name) {
  auto found = snapshot(name);
  if (!found && found.error().fault == Fault::kNotFound) return delta::SnapshotPtr();
  return found;
}

Result<std::vector<delta::Log::HistoryEntry>> Lake::history(const TableName& name,
                                                            std::size_t limit) {
  TRY_DONE(snapshot(name));
  return find(name)->log.history(limit);
}

Result<std::vector<delta::RemoveFile>> Lake::tombstones(const TableName& name,
                                                        const delta::SnapshotPtr& snapshot,
                                                        Timestamp since) {
  return find(name)->log.tombstones(snapshot->version(), since);
}

std::vector<std::string> Lake::schemas() {
  std::vector<std::string> names;
  auto folders = context_.store.list_folders("");
  if (folders) {
    for (const std::string& folder : *folders) {
      // "raw" holds files, and names with a dot are the program's own.
      if (folder != "raw" && TableName::parse(folder + ".t")) names.push_back(folder);
    }
  }
  const auto add = [&](const auto& definitions) {
    for (const auto& [name, definition] : definitions) names.push_back(name.schema);
  };
  views_.with(add);
  functions_.with(add);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::vector<std::string> Lake::tables(std::string_view schema) {
  std::vector<std::string> names;
  auto folders = context_.store.list_folders(schema);
  if (!folders) return names;
  for (const std::string& folder : *folders) {
    auto inner = context_.store.list_folders(std::string(schema) + "/" + folder);
    // One that may not be looked into is listed: reading it says why, leaving it out would not.
    if (!inner || std::find(inner->begin(), inner->end(), "_delta_log") != inner->end()) {
      names.push_back(folder);
    }
  }
  return names;
}

std::vector<TableName> Lake::all_tables() {
  std::vector<TableName> all;
  for (const std::string& schema : schemas()) {
    for (const std::string& table : tables(schema)) all.push_back({schema, table});
  }
  return all;
}

Result<engine::TableVersion> Lake::table(std::string_view schema, std::string_view name,
                                         const engine::At& at) {
  const TableName table_name{std::string(schema), std::string(name)};
  // SQL may ask for any text in quotes; only names have a folder.
  if (!TableName::parse(table_name.text())) return no_such_table(table_name, {});
  if (!at.version && !at.timestamp) {
    TRY(auto newest, snapshot(table_name));
    return engine::TableVersion{std::move(newest), table_name.folder()};
  }
  if (at.version) {
    // The version that was newest when it was last looked at costs nothing: this is how an answer
    // of several queries reads one version throughout.
    const auto seen = find(table_name)->newest.with([](const auto& newest) { return newest; });
    if (seen != nullptr && seen->version() == *at.version) {
      return engine::TableVersion{seen, table_name.folder()};
    }
  }
  TRY_DONE(snapshot(table_name));  // a table that is absent is reported as such
  const auto table = find(table_name);
  auto version =
      at.version ? Result<delta::LogVersion>(*at.version) : table->log.version_at(*at.timestamp);
  auto old = version ? table->log.snapshot_at(*version) : std::move(version).error();
  if (!old) {
    return std::move(old).error().then("claimlake table history " + table_name.text() +
                                       " lists the versions that there are");
  }
  return engine::TableVersion{*std::move(old), table_name.folder()};
}

std::map<std::string, engine::ViewDefinition> Lake::views(std::string_view schema) {
  std::map<std::string, engine::ViewDefinition> found;
  views_.with([&](const auto& views) {
    for (const auto& [name, view] : views) {
      if (name.schema == schema) found.emplace(name.table, view);
    }
  });
  return found;
}

std::map<std::string, engine::FunctionDefinition> Lake::functions(std::string_view schema) {
  std::map<std::string, engine::FunctionDefinition> found;
  functions_.with([&](const auto& functions) {
    for (const auto& [name, function] : functions) {
      if (name.schema == schema) found.emplace(name.table, function);
    }
  });
  return found;
}

void Lake::define_view(const TableName& name, engine::ViewDefinition view) {
  views_.with([&](auto& views) { views.insert_or_assign(name, std::move(view)); });
}

void Lake::define_function(const TableName& name, engine::FunctionDefinition function) {
  functions_.with([&](auto& all) { all.insert_or_assign(name, std::move(function)); });
}

}  // namespace claimlake::lake
