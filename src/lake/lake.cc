#include "lake/lake.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "store/at_once.h"

namespace claimlake::lake {

namespace {

Error no_such_table(const TableName& name, const std::vector<TableName>& known) {
  std::vector<std::string> names;
  for (const TableName& each : known) names.push_back(each.text());
  const std::string near = nearest(name.text(), names);
  return {Fault::kNotFound, "There is no table " + name.text(), "",
          near.empty() ? "claimlake table list" : "did you mean " + near + "?"};
}

std::int64_t memory_of(const delta::SnapshotPtr& snapshot) { return snapshot->memory_bytes(); }

Error absent(const TableName& name) {
  return {Fault::kNotFound, "There is no table " + name.text(), "", "claimlake table list"};
}

}  // namespace

Lake::Lake(LakeContext context)
    : context_(std::move(context)),
      newest_(Held<TableName, delta::SnapshotPtr>(context_.snapshot_bytes)) {}
Lake::~Lake() = default;

std::shared_ptr<delta::Log> Lake::log_of(const TableName& name) {
  return logs_.with([&](auto& logs) {
    std::shared_ptr<delta::Log>& log = logs[name];
    if (log == nullptr) {
      log = std::make_shared<delta::Log>(
          delta::LogContext{context_.store, context_.parquet, context_.clock, context_.random},
          name.folder());
    }
    return log;
  });
}

delta::SnapshotPtr Lake::kept(const TableName& name) {
  return newest_.with([&](auto& newest) {
    const delta::SnapshotPtr* snapshot = newest.find(name, memory_of);
    return snapshot == nullptr ? nullptr : *snapshot;
  });
}

void Lake::keep(const TableName& name, const delta::SnapshotPtr& snapshot) {
  newest_.with([&](auto& newest) {
    const delta::SnapshotPtr* kept = newest.find(name, memory_of);
    if (kept == nullptr || (*kept)->version() < snapshot->version() ||
        (*kept)->metadata().id != snapshot->metadata().id) {
      newest.put(name, snapshot, memory_of(snapshot));
    }
  });
}

std::int64_t Lake::kept_bytes() const {
  return newest_.with([](const auto& newest) { return newest.total(); });
}

void Lake::forget(const TableName& name) {
  logs_.with([&](auto& logs) { logs.erase(name); });
  newest_.with([&](auto& newest) { newest.erase(name); });
}

Result<delta::SnapshotPtr> Lake::newest(const TableName& name) {
  auto snapshot = log_of(name)->snapshot(kept(name));
  if (snapshot) {
    keep(name, *snapshot);
    return snapshot;
  }
  // Asking for names that do not exist must not fill the memory.
  forget(name);
  return std::move(snapshot).error().at(name.text());
}

Result<delta::SnapshotPtr> Lake::snapshot(const TableName& name) {
  auto found = newest(name);
  if (found || found.error().fault != Fault::kNotFound) return found;
  const std::vector<TableName> known = all_tables();
  // If it is among them, something is left of it; what, the log says.
  if (std::find(known.begin(), known.end(), name) != known.end()) return found;
  return no_such_table(name, known);
}

Result<delta::SnapshotPtr> Lake::snapshot_if_any(const TableName& name) {
  auto found = newest(name);
  if (!found && found.error().fault == Fault::kNotFound) return delta::SnapshotPtr();
  return found;
}

Result<std::vector<delta::Log::HistoryEntry>> Lake::history(const TableName& name,
                                                            std::size_t limit) {
  TRY_DONE(snapshot(name));
  return log_of(name)->history(limit);
}

Result<std::vector<delta::RemoveFile>> Lake::tombstones(const TableName& name,
                                                        const delta::SnapshotPtr& snapshot,
                                                        Timestamp since) {
  return log_of(name)->tombstones(snapshot->version(), since);
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
  const auto folders = context_.store.list_folders(schema);
  if (!folders) return {};
  std::vector<char> is_table(folders->size());  // bool: not one byte each
  const auto look = [&](std::size_t i) -> Done {
    const auto inner = context_.store.list_folders(fmt::format("{}/{}", schema, (*folders)[i]));
    // One that may not be looked into is listed: reading it says why, leaving it out would not.
    is_table[i] = !inner || std::find(inner->begin(), inner->end(), "_delta_log") != inner->end();
    return done();
  };
  const Done looked =
      store::for_each_at_once(store::requests_at_once(context_.store), folders->size(), look);
  CHECK(looked.has_value(), "looking fails for no folder");
  std::vector<std::string> names;
  for (std::size_t i = 0; i < folders->size(); ++i) {
    if (is_table[i] != 0) names.push_back((*folders)[i]);
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
  if (!TableName::parse(table_name.text())) return absent(table_name);
  if (at.version) {
    // The version that was newest when it was last looked at costs nothing: this is how an answer
    // of several queries reads one version throughout.
    const delta::SnapshotPtr seen = kept(table_name);
    if (seen != nullptr && seen->version() == *at.version) {
      return engine::TableVersion{seen, table_name.folder()};
    }
  }
  // Nearly every name of a query is asked for here, those of views too, so that looking for names
  // that are near is left to those who tell a person.
  TRY(auto snapshot, newest(table_name));
  if (!at.version && !at.timestamp) {
    return engine::TableVersion{std::move(snapshot), table_name.folder()};
  }
  const auto log = log_of(table_name);
  auto version =
      at.version ? Result<delta::LogVersion>(*at.version) : log->version_at(*at.timestamp);
  auto old = version ? log->snapshot_at(*version) : std::move(version).error();
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

std::map<TableName, std::string> Lake::definitions() const {
  std::map<TableName, std::string> all;
  const auto add = [&](const auto& definitions) {
    for (const auto& [name, definition] : definitions) all.emplace(name, definition.sql);
  };
  views_.with(add);
  functions_.with(add);
  return all;
}

void Lake::define_view(const TableName& name, engine::ViewDefinition view) {
  views_.with([&](auto& views) { views.insert_or_assign(name, std::move(view)); });
}

void Lake::define_function(const TableName& name, engine::FunctionDefinition function) {
  functions_.with([&](auto& all) { all.insert_or_assign(name, std::move(function)); });
}

void Lake::define_built(const TableName& name, std::string by) {
  builders_.with([&](auto& builders) { builders.insert_or_assign(name, std::move(by)); });
}

std::string Lake::built_by(const TableName& name) {
  return builders_.with([&](const auto& builders) {
    const auto found = builders.find(name);
    return found == builders.end() ? std::string() : found->second;
  });
}

}  // namespace claimlake::lake
