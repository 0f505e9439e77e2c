#include "engine/file_system.h"

#include <algorithm>

#include <duckdb/common/exception.hpp>
#include <duckdb/common/file_opener.hpp>
#include <duckdb/common/file_system.hpp>
#include <duckdb/common/hive_partitioning.hpp>
#include <duckdb/common/open_file_info.hpp>
#include <duckdb/main/client_context.hpp>

#include "base/log.h"
#include "base/text.h"
#include "delta/partition_path.h"
#include "engine/errors.h"
#include "engine/instance.h"
#include "engine/session_state.h"

namespace claimlake::engine {
namespace {

std::string store_path(std::string_view url) {
  std::string_view path = url.substr(kLakeScheme.size());
  while (path.ends_with('/')) path.remove_suffix(1);
  return std::string(path);
}

class LakeFileSystem;

// An object that is read, or one that is being written from front to back.
class LakeFileHandle final : public duckdb::FileHandle {
 public:
  LakeFileHandle(duckdb::FileSystem& system, const std::string& url, duckdb::FileOpenFlags flags)
      : FileHandle(system, url, flags) {}
  ~LakeFileHandle() override = default;  // a file that was not closed is dropped by its writer

  void Close() override {
    if (!writer) return;
    const auto finished = std::exchange(writer, nullptr);
    value_or_throw(finished->finish());
  }

  std::unique_ptr<store::Reader> reader;
  std::unique_ptr<store::Writer> writer;
  std::int64_t position = 0;  // of the next sequential read, or the bytes written so far
  std::string version_tag;
};

class LakeFileSystem final : public duckdb::FileSystem {
 public:
  explicit LakeFileSystem(store::Store& store) : store_(store) {}

  bool CanHandleFile(const std::string& path) override { return path.starts_with(kLakeScheme); }
  std::string GetName() const override { return "LakeFileSystem"; }
  std::string PathSeparator(const std::string&) override { return "/"; }
  bool CanSeek() override { return true; }
  bool OnDiskFile(duckdb::FileHandle&) override { return false; }
  bool IsPipe(const std::string&, duckdb::optional_ptr<duckdb::FileOpener>) override {
    return false;
  }

  duckdb::unique_ptr<duckdb::FileHandle> OpenFile(
      const std::string& path, duckdb::FileOpenFlags flags,
      duckdb::optional_ptr<duckdb::FileOpener> opener) override {
    return open(path, flags, opener, false);
  }
  bool SupportsOpenFileExtended() const override { return true; }
  duckdb::unique_ptr<duckdb::FileHandle> OpenFileExtended(
      const duckdb::OpenFileInfo& file, duckdb::FileOpenFlags flags,
      duckdb::optional_ptr<duckdb::FileOpener> opener) override {
    const bool of_catalog =
        file.extended_info && file.extended_info->options.count(kCatalogFileKey) > 0;
    return open(file.path, flags, opener, of_catalog);
  }

  void Read(duckdb::FileHandle& file, void* buffer, std::int64_t count,
            duckdb::idx_t location) override {
    auto& handle = file.Cast<LakeFileHandle>();
    value_or_throw(handle.reader->read(
        static_cast<std::int64_t>(location),
        std::span(static_cast<char*>(buffer), static_cast<std::size_t>(count))));
  }
  std::int64_t Read(duckdb::FileHandle& file, void* buffer, std::int64_t count) override {
    auto& handle = file.Cast<LakeFileHandle>();
    const std::int64_t left = handle.reader->size() - handle.position;
    const std::int64_t taken = std::clamp<std::int64_t>(left, 0, count);
    if (taken > 0) Read(file, buffer, taken, static_cast<duckdb::idx_t>(handle.position));
    handle.position += taken;
    return taken;
  }
  std::int64_t Write(duckdb::FileHandle& file, void* buffer, std::int64_t count) override {
    auto& handle = file.Cast<LakeFileHandle>();
    value_or_throw(handle.writer->append(
        std::string_view(static_cast<const char*>(buffer), static_cast<std::size_t>(count))));
    handle.position += count;
    return count;
  }
  void Write(duckdb::FileHandle& file, void* buffer, std::int64_t count,
             duckdb::idx_t location) override {
    if (static_cast<std::int64_t>(location) != file.Cast<LakeFileHandle>().position) {
      throw duckdb::IOException("An object of the store is written from front to back");
    }
    Write(file, buffer, count);
  }
  std::int64_t GetFileSize(duckdb::FileHandle& file) override {
    const auto& handle = file.Cast<LakeFileHandle>();
    return handle.reader ? handle.reader->size() : handle.position;
  }
  duckdb::timestamp_t GetLastModifiedTime(duckdb::FileHandle&) override {
    return duckdb::timestamp_t(0);
  }
  std::string GetVersionTag(duckdb::FileHandle& file) override {
    return file.Cast<LakeFileHandle>().version_tag;
  }
  duckdb::FileType GetFileType(duckdb::FileHandle&) override {
    return duckdb::FileType::FILE_TYPE_REGULAR;
  }
  void Seek(duckdb::FileHandle& file, duckdb::idx_t location) override {
    file.Cast<LakeFileHandle>().position = static_cast<std::int64_t>(location);
  }
  duckdb::idx_t SeekPosition(duckdb::FileHandle& file) override {
    return static_cast<duckdb::idx_t>(file.Cast<LakeFileHandle>().position);
  }
  void Reset(duckdb::FileHandle& file) override { Seek(file, 0); }
  void FileSync(duckdb::FileHandle&) override {}  // finish() makes objects durable

  bool FileExists(const std::string& path, duckdb::optional_ptr<duckdb::FileOpener>) override {
    return store_.head(store_path(path)).has_value();
  }
  // Folders of a store exist as soon as something is in them.
  bool DirectoryExists(const std::string&, duckdb::optional_ptr<duckdb::FileOpener>) override {
    return true;
  }
  void CreateDirectory(const std::string&, duckdb::optional_ptr<duckdb::FileOpener>) override {}
  void CreateDirectoriesRecursive(const std::string&,
                                  duckdb::optional_ptr<duckdb::FileOpener>) override {}
  // DuckDB asks for removal only of what a failed COPY left; a WriteJob does that for us.
  void RemoveFile(const std::string&, duckdb::optional_ptr<duckdb::FileOpener>) override {}
  bool TryRemoveFile(const std::string&, duckdb::optional_ptr<duckdb::FileOpener>) override {
    return false;
  }
  bool ListFiles(const std::string&, const std::function<void(const std::string&, bool)>&,
                 duckdb::FileOpener*) override {
    return false;
  }
  // Names are taken as they are: a table's file may hold any letter, '*' too.
  duckdb::vector<duckdb::OpenFileInfo> Glob(const std::string& path, duckdb::FileOpener*) override {
    return {duckdb::OpenFileInfo(path)};
  }

 private:
  duckdb::unique_ptr<duckdb::FileHandle> open(const std::string& url, duckdb::FileOpenFlags flags,
                                              duckdb::optional_ptr<duckdb::FileOpener> opener,
                                              bool of_catalog) {
    auto context = duckdb::FileOpener::TryGetClientContext(opener);
    const auto state = context ? SessionState::of(*context) : nullptr;
    if (state && state->access == Access::kReadOnly && (flags.OpenForWriting() || !of_catalog)) {
      throw duckdb::PermissionException("A read-only session reads tables, not files");
    }
    auto handle = duckdb::make_uniq<LakeFileHandle>(*this, url, flags);
    std::string path = store_path(url);
    if (flags.OpenForWriting()) {
      if (state && state->write_job) path = state->write_job->path_for(url);
      handle->writer = value_or_throw(store_.create(path));
      return handle;
    }
    auto reader = store_.open(path);
    if (!reader && reader.error().fault == Fault::kNotFound && flags.ReturnNullIfNotExists()) {
      return nullptr;
    }
    if (!reader && reader.error().fault == Fault::kNotFound && of_catalog) {
      throw_error(
          {Fault::kCorrupt, "A data file that the table's version names is gone", path,
           "read a newer version if VACUUM was run since this one; else restore the file from "
           "a copy; claimlake run --force TABLE writes a Silver or Gold table anew"});
    }
    handle->reader = value_or_throw(std::move(reader));
    // Only files of tables never change under their name; others get a tag that never comes back.
    handle->version_tag = of_catalog ? "immutable" : std::to_string(++opened_);
    return handle;
  }

  store::Store& store_;
  std::atomic<std::uint64_t> opened_{0};
};

// DuckDB's folder for a partition, "a=x%20y/b=1", with the escapes that Delta's writers use.
std::string partition_folder(const std::string& path, const std::string& folder) {
  std::vector<std::string> columns;
  delta::PartitionValues values;
  const auto parts = split(std::string_view(path).substr(folder.size() + 1), '/');
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    const auto equals = parts[i].find('=');
    if (equals == std::string::npos) continue;
    columns.push_back(duckdb::HivePartitioning::Unescape(parts[i].substr(0, equals)));
    const std::string value = parts[i].substr(equals + 1);
    if (duckdb::HivePartitioning::IsNull(value)) continue;
    values[columns.back()] = duckdb::HivePartitioning::Unescape(value);
  }
  return delta::partition_folder(columns, values);
}

}  // namespace

duckdb::shared_ptr<SessionState> SessionState::of(duckdb::ClientContext& context) {
  return context.registered_state->Get<SessionState>(kKey);
}

WriteJob::WriteJob(store::Store& store, Random& random, std::string folder, std::string suffix)
    : store_(store), random_(random), folder_(std::move(folder)), suffix_(std::move(suffix)) {}

WriteJob::~WriteJob() {
  files_.with([&](const std::vector<File>& files) {
    for (const File& file : files) {
      if (std::find(kept_.begin(), kept_.end(), file.path) != kept_.end()) continue;
      const Done removed = store_.remove(file.path);
      if (!removed && removed.error().fault != Fault::kNotFound) {
        log(LogLevel::kWarning, "engine.left_file",
            {{"path", file.path}, {"reason", removed.error().message}});
      }
    }
  });
}

std::string WriteJob::path_for(std::string_view requested) {
  return files_.with([&](std::vector<File>& files) {
    for (const File& file : files) {
      if (file.requested == requested) return file.path;
    }
    std::string path = folder_ + "/";
    const std::string partition = partition_folder(store_path(requested), folder_);
    if (!partition.empty()) path += partition + "/";
    files.push_back({std::string(requested), path + "part-" + uuid4(random_) + suffix_});
    return files.back().path;
  });
}

std::unique_ptr<duckdb::FileSystem> make_lake_file_system(store::Store& store) {
  return std::make_unique<LakeFileSystem>(store);
}

}  // namespace claimlake::engine
