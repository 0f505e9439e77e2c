#include "lake/lake.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/check.h"
#include "base/text.h"
#include "store/at_once.h"
#include "store/environment.h"

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
    : context_(std::move(context)), seen_(Held<TableName, Seen>(context_.snapshot_bytes)) {}
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

std::int64_t Lake::Seen::memory_bytes() const {
  std::int64_t bytes = memory_of(newest);
  for (const delta::SnapshotPtr& each : before) bytes += memory_of(each);
  constexpr std::int64_t kCommit = 4096;  // about; most of it is what the rules counted
  return bytes + kCommit * static_cast<std::int64_t>(commits.size());
}

delta::SnapshotPtr Lake::kept(const TableName& name) {
  return seen_.with([&](auto& tables) {
    const Seen* seen = tables.find(name, std::mem_fn(&Seen::memory_bytes));
    return seen == nullptr ? nullptr : seen->newest;
  });
}

delta::SnapshotPtr Lake::kept(const TableName& name, delta::LogVersion version) {
  return seen_.with([&](auto& tables) -> delta::SnapshotPtr {
    const Seen* seen = tables.find(name, std::mem_fn(&Seen::memory_bytes));
    if (seen == nullptr) return nullptr;
    if (seen->newest->version() == version) return seen->newest;
    for (const delta::SnapshotPtr& each : seen->before) {
      if (each->version() == version) return each;
    }
    return nullptr;
  });
}

void Lake::keep(const TableName& name, const delta::SnapshotPtr& snapshot) {
  constexpr std::size_t kBefore = 3;
  constexpr std::int64_t kShareOfOne = 64;  // a table of very many files keeps its newest only
  seen_.with([&](auto& tables) {
    Seen now{snapshot, {}, {}};
    Seen* seen = tables.find(name, std::mem_fn(&Seen::memory_bytes));
    // Of one that goes on from what was seen the description is the same object. A log that was
    // read anew may be another one: a table made again, or an older copy put back.
    if (seen != nullptr && &seen->newest->metadata() == &snapshot->metadata()) {
      if (seen->newest->version() >= snapshot->version()) return;
      now.commits = std::move(seen->commits);
      if (memory_of(snapshot) <= context_.snapshot_bytes / kShareOfOne) {
        now.before = seen->before;
        now.before.insert(now.before.begin(), seen->newest);
        if (now.before.size() > kBefore) now.before.pop_back();
      }
    }
    const std::int64_t bytes = now.memory_bytes();
    tables.put(name, std::move(now), bytes);
  });
}

std::int64_t Lake::kept_bytes() const {
  return seen_.with([](const auto& tables) { return tables.total(); });
}

void Lake::forget(const TableName& name) {
  logs_.with([&](auto& logs) { logs.erase(name); });
  seen_.with([&](auto& tables) { tables.erase(name); });
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

Result<std::vector<Lake::Commit>> Lake::latest_commits(const TableName& name, std::size_t limit) {
  constexpr std::size_t kKept = 64;
  TRY(const delta::SnapshotPtr newest, snapshot(name));
  const auto of_table = [&](auto& tables) -> Seen* {
    Seen* seen = tables.find(name, std::mem_fn(&Seen::memory_bytes));
    const bool same = seen != nullptr && &seen->newest->metadata() == &newest->metadata();
    return same ? seen : nullptr;
  };
  auto known = seen_.with([&](auto& tables) {
    const Seen* seen = of_table(tables);
    return seen == nullptr ? std::decay_t<decltype(seen->commits)>() : seen->commits;
  });
  std::vector<Commit> out;
  for (auto version = newest->version(); version >= 0 && out.size() < limit; --version) {
    auto& info = known[version];
    if (info == nullptr) {
      TRY(auto read, log_of(name)->info_of(version));
      if (!read) {
        known.erase(version);
        break;
      }
      info = std::make_shared<const delta::CommitInfo>(*std::move(read));
    }
    out.push_back({version, info});
  }
  while (known.size() > kKept) known.erase(known.begin());
  seen_.with([&](auto& tables) {
    if (Seen* seen = of_table(tables)) seen->commits = std::move(known);
  });
  return out;
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
      // "raw" holds files, environments are lakes, and names with a dot are the program's own.
      if (folder == "raw" || folder == store::kEnvironmentsFolder) continue;
      if (TableName::parse(folder + ".t")) names.push_back(folder);
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
    if (schema.ends_with(store::kOfMain)) continue;  // an environment's view of main
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
    // Versions that were newest when they were looked at cost nothing: this is how an answer of
    // several queries reads one version throughout.
    if (auto seen = kept(table_name, *at.version)) {
      return engine::TableVersion{std::move(seen), table_name.folder()};
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
