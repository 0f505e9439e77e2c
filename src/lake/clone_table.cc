#include "lake/clone_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "delta/clustering.h"
#include "delta/deletion_vector.h"
#include "delta/feature_change.h"
#include "delta/features.h"
#include "delta/json_writer.h"
#include "delta/new_table.h"
#include "delta/partition_path.h"
#include "delta/row_tracking.h"
#include "lake/file_actions.h"
#include "lake/maintain.h"
#include "store/environment.h"

namespace claimlake::lake {
namespace {

using Source = CreateTable::Clone;

Error refused(std::string what, std::string where, std::string next) {
  return {Fault::kInvalidInput, std::move(what), std::move(where), std::move(next)};
}

struct Version {
  delta::SnapshotPtr snapshot;
  std::string folder;  // in the store
};

Result<Version> version_at_path(Lake& lake, const Source& source) {
  const LakeContext& context = lake.context();
  Version out;
  TRY(out.folder, delta::path_in_store(delta::encode_path(source.path), "", context.store.root()));
  while (out.folder.ends_with('/')) out.folder.pop_back();
  const delta::Log log({context.store, context.parquet, context.clock, context.random}, out.folder);
  TRY(out.snapshot, log.snapshot());
  if (source.timestamp) {
    TRY(const auto version, log.version_at(*source.timestamp));
    TRY(out.snapshot, log.snapshot_at(version));
  } else if (source.version) {
    TRY(out.snapshot, log.snapshot_at(*source.version));
  }
  return out;
}

Result<Version> version_of(Lake& lake, const Source& source) {
  if (!source.table) return version_at_path(lake, source);
  TRY_DONE(lake.snapshot(*source.table));  // if there is none, it says which names are near
  TRY(auto table, lake.table(source.table->schema, source.table->table,
                             {.version = source.version, .timestamp = source.timestamp}));
  return Version{std::move(table.snapshot), table.path};
}

// The name of a file of the store that holds wherever it is named: "file:/data/lake/gold/t/a".
std::string absolute(const std::string& store_root, const std::string& store_path) {
  const auto [root, path] = store::real_place(store_root, store_path);
  const auto colon = root.find(':');
  const auto start = colon == std::string::npos ? 0 : root.find_first_not_of('/', colon + 1);
  const std::string scheme = root.substr(0, std::min(start, root.size()));
  // What stands before the first name is no part of what is encoded: "file:/", "s3://".
  return scheme + delta::encode_path(root.substr(scheme.size()) + "/" + path);
}

Result<delta::AddFile> cloned(const delta::AddFile& file, const std::string& folder,
                              const std::string& root) {
  delta::AddFile out = file;
  TRY(const std::string path, delta::path_in_store(file.path, folder, root));
  out.path = absolute(root, path);
  out.data_change = true;
  if (out.deletion_vector && out.deletion_vector->storage_type != "i") {
    TRY(const std::string vector, delta::deletion_vector_path(*file.deletion_vector, folder, root));
    out.deletion_vector->storage_type = "p";
    out.deletion_vector->path_or_inline = absolute(root, vector);
  }
  return out;
}

// What both ask for: features of the table that is replaced stay.
delta::Protocol joined(delta::Protocol protocol, const delta::Protocol& other) {
  if (protocol == other) return protocol;
  const auto all = [](const delta::Protocol& of, bool readers) {
    const auto& listed = readers ? of.reader_features : of.writer_features;
    if (!listed.empty()) return listed;
    return readers ? delta::features_of_readers(of.min_reader_version)
                   : delta::features_of_writers(of.min_writer_version);
  };
  for (const bool readers : {true, false}) {
    for (const std::string& feature : all(other, readers)) {
      protocol = delta::with_feature(std::move(protocol), feature);
    }
  }
  return protocol;
}

Result<std::vector<delta::Action>> description(const LakeContext& context,
                                               const CreateTable& create,
                                               const delta::Snapshot& source,
                                               const delta::Snapshot* existing) {
  delta::Metadata metadata = source.metadata();
  delta::Protocol protocol = source.protocol();
  TRY_DONE(delta::check_table_properties(create.properties));
  for (const auto& [key, value] : create.properties) metadata.configuration[key] = value;
  metadata.id = uuid4(context.random);
  metadata.name = create.name.text();
  if (existing != nullptr) {
    protocol = joined(existing->protocol(), protocol);
    delta::keep_in_place(existing->metadata(), metadata.configuration);
  } else {
    // It has had them from its first version on.
    metadata.configuration.erase("delta.inCommitTimestampEnablementVersion");
    metadata.configuration.erase("delta.inCommitTimestampEnablementTimestamp");
  }
  metadata.created_time_ms =
      std::chrono::floor<std::chrono::milliseconds>(context.clock.now()).time_since_epoch().count();
  protocol = delta::needed_protocol(source.schema(), metadata.configuration, &protocol);
  metadata.configuration = delta::without_asked_features(std::move(metadata.configuration));
  std::vector<delta::Action> out;
  if (existing == nullptr || !(protocol == existing->protocol())) out.emplace_back(protocol);
  out.emplace_back(std::move(metadata));
  return out;
}

// Its rows keep their ids, and it is clustered as the other one is, or no more.
void add_domains(const delta::Snapshot& source, const delta::Snapshot* existing,
                 std::vector<delta::Action>& actions) {
  const auto of = [](const delta::Snapshot* table, std::string_view domain) {
    const std::string* configuration = table == nullptr ? nullptr : table->domain(domain);
    return configuration == nullptr
               ? std::optional<delta::Action>()
               : delta::DomainMetadata{std::string(domain), *configuration, false};
  };
  if (auto clustering = of(&source, delta::kClusteringDomain)) {
    actions.push_back(*std::move(clustering));
  } else if (of(existing, delta::kClusteringDomain)) {
    actions.emplace_back(delta::clustering_domain({}));
  }
  auto ids = of(&source, delta::kRowTrackingDomain);
  if (!ids) return;
  // Ids that the table has given are not given again.
  const auto before = of(existing, delta::kRowTrackingDomain);
  const auto given = before ? delta::row_id_high_water_mark(*before).value_or(-1) : -1;
  if (delta::row_id_high_water_mark(*ids).value_or(-1) > given) actions.push_back(*std::move(ids));
}

// The files of `existing` go and those of the source come; those that are in both stay.
Done change_files(const Version& source, const delta::Snapshot* existing, const std::string& root,
                  Timestamp now, std::vector<delta::Action>& actions) {
  std::map<std::string, const delta::AddFile*> going;
  if (existing != nullptr) {
    for (const delta::AddFile& file : existing->files()) going.emplace(key_of(file), &file);
  }
  for (const delta::AddFile& file : source.snapshot->files()) {
    TRY(auto add, cloned(file, source.folder, root));
    if (going.erase(key_of(add)) == 0) actions.emplace_back(std::move(add));
  }
  for (const auto& [key, file] : going) actions.emplace_back(remove_file(*file, now));
  return done();
}

}  // namespace

Done read_clone(SqlCursor& cursor, CreateTable& create) {
  Source& source = create.clone.emplace();
  const SqlCursor before = cursor;
  if (cursor.take("delta") && cursor.take(".")) {
    auto path = cursor.text();
    TRY(source.path, path ? std::move(path) : cursor.name());
    // A schema may have this name, too.
    if (auto table = TableName::parse("delta." + source.path)) source.table = *std::move(table);
  } else {
    cursor = before;
    TRY(source.table, cursor.table());
  }
  const SqlCursor time = cursor;
  if (cursor.take("version as of") || cursor.take("timestamp as of")) {
    cursor = time;
    TRY_DONE(read_as_of(cursor, source.version, source.timestamp));
  }
  return done();
}

Done clone_table(Lake& lake, const CreateTable& create, const delta::SnapshotPtr& existing,
                 const std::string& run, const CloneWith& with) {
  TRY(const Version source, version_of(lake, *create.clone));
  if (source.folder == create.name.folder()) {
    return refused("A table cannot be a clone of itself", create.name.text(),
                   "RESTORE brings an old version back; choose another name for a clone");
  }
  const std::string root = lake.store().root();
  auto request = maintenance_request(lake, existing, "CLONE", run);
  request.read.whole_table = existing != nullptr;
  request.checked_rows = true;  // where they come from
  TRY(request.actions, description(lake.context(), create, *source.snapshot, existing.get()));
  add_domains(*source.snapshot, existing.get(), request.actions);
  TRY_DONE(change_files(source, existing.get(), root, lake.context().clock.now(), request.actions));
  for (const delta::Txn& position : with.positions) request.actions.emplace_back(position);
  const auto text = [](auto number) { return std::to_string(number); };
  const auto& files = source.snapshot->files();
  request.info.parameters = with.parameters;
  request.info.parameters["source"] = delta::json_string(
      create.clone->table ? create.clone->table->text() : absolute(root, source.folder));
  request.info.parameters["sourceVersion"] = text(source.snapshot->version());
  request.info.metrics = {{"sourceTableSize", text(source.snapshot->files_bytes())},
                          {"sourceNumOfFiles", text(files.size())},
                          {"numRemovedFiles", text(existing ? existing->files().size() : 0)},
                          {"removedFilesSize", text(existing ? existing->files_bytes() : 0)},
                          {"numCopiedFiles", "0"},
                          {"copiedFilesSize", "0"}};
  TRY_DONE(lake.commit_actions(create.name, std::move(request)));
  return done();
}

}  // namespace claimlake::lake
