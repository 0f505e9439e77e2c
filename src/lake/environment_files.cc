#include "lake/environment_files.h"

#include <algorithm>

#include "delta/deletion_vector.h"
#include "delta/partition_path.h"
#include "store/environment.h"

namespace claimlake::lake {
namespace {

class Collector {
 public:
  Collector(Lake& lake, const TableName& name, Timestamp since)
      : context_(lake.context()), prefix_(name.folder() + "/"), since_(since) {}

  Done look_into(const std::string& environment) {
    environment_ = environment;
    const std::string folder = store::environment_folder(environment);
    TRY(const auto schemas, context_.store.list_folders(folder));
    for (const std::string& schema : schemas) {
      if (schema.starts_with('.')) continue;
      TRY(const auto tables, context_.store.list_folders(folder + "/" + schema));
      for (const std::string& table : tables) {
        auto looked = look_at(folder + "/" + schema + "/" + table);
        if (!looked) {
          return std::move(looked)
              .error()
              .in("What a table of the environment " + environment +
                  " shares with this one is not known")
              .then("mend it, or drop the environment: claimlake env drop " + environment);
        }
      }
    }
    return done();
  }
  std::map<std::string, std::string> files;

 private:
  Done look_at(const std::string& table) {
    TRY(const auto inner, context_.store.list_folders(table));
    if (std::find(inner.begin(), inner.end(), "_delta_log") == inner.end()) return done();
    const delta::Log log({context_.store, context_.parquet, context_.clock, context_.random},
                         table);
    auto snapshot = log.snapshot();
    if (!snapshot && snapshot.error().fault == Fault::kNotFound) return done();  // dropped
    if (!snapshot) return std::move(snapshot).error();
    for (const delta::AddFile& file : (*snapshot)->files()) {
      TRY_DONE(keep(file, table));
    }
    TRY(const auto removed, log.tombstones((*snapshot)->version(), since_));
    for (const delta::RemoveFile& file : removed) {
      TRY_DONE(keep(file, table));
    }
    return done();
  }

  template <class File>
  Done keep(const File& file, const std::string& table) {
    const std::string root = context_.store.root();
    TRY_DONE(keep_place(delta::path_in_store(file.path, table, root)));
    if (!file.deletion_vector) return done();
    return keep_place(delta::deletion_vector_path(*file.deletion_vector, table, root));
  }
  // A place that means nothing here may be one of ours all the same, by another path of the lake.
  Done keep_place(const Result<std::string>& place) {
    if (!place) return place.error();
    if (place->starts_with(prefix_)) files.emplace(*place, environment_);
    return done();
  }

  const LakeContext& context_;
  const std::string prefix_;
  const Timestamp since_;
  std::string environment_;
};

}  // namespace

Result<std::map<std::string, std::string>> files_of_environments(Lake& lake, const TableName& name,
                                                                 Timestamp since) {
  TRY(const auto environments, lake.store().list_folders(store::kEnvironmentsFolder));
  Collector collector(lake, name, since);
  for (const std::string& environment : environments) {
    TRY_DONE(collector.look_into(environment));
  }
  return std::move(collector.files);
}

}  // namespace claimlake::lake
