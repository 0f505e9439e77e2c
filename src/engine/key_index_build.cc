#include "engine/key_index_build.h"

#include <fmt/format.h>

#include <algorithm>
#include <duckdb/main/connection.hpp>

#include "base/log.h"
#include "base/text.h"
#include "delta/partition_path.h"
#include "engine/errors.h"
#include "engine/staged_files.h"

namespace claimlake::engine {
namespace {

constexpr const char* kFiles = "claimlake_key_files";

// "f.file_row_number, hash(f.a, f.b) FROM ...": of the rows whose values are all there.
std::string hashes_of(const std::vector<std::string>& columns) {
  std::string values;
  std::string present;
  for (const std::string& column : columns) {
    values += fmt::format("{}f.{}", values.empty() ? "" : ", ", sql_identifier(column));
    present +=
        fmt::format("{}f.{} IS NOT NULL", present.empty() ? "" : " AND ", sql_identifier(column));
  }
  return fmt::format("f.file_row_number, hash({}) FROM lake.session.{} AS f WHERE {}", values,
                     kFiles, present);
}

template <class Use>
void each_chunk(duckdb::Connection& connection, const std::string& sql, Use&& use) {
  const auto result = connection.SendQuery(sql);
  if (result->HasError()) result->ThrowError();
  while (auto chunk = result->Fetch()) {
    if (chunk->size() == 0) break;
    chunk->Flatten();
    use(*chunk);
  }
  if (result->HasError()) result->ThrowError();
}

}  // namespace

KeyIndexBuild::KeyIndexBuild(duckdb::Connection& connection, SessionState& state,
                             Instances& instances, const TableVersion& version)
    : connection_(connection), state_(state), instances_(instances), version_(version) {}

template <class Use>
void KeyIndexBuild::reading(const std::vector<std::size_t>& files, Use&& use) {
  const delta::FileList all = version_.snapshot->files();
  std::vector<WrittenFile> written;
  for (const std::size_t file : files) {
    WrittenFile each;
    each.path = value_or_throw(
        delta::path_in_store(all[file].path, version_.path, instances_.store().root()));
    each.size = all[file].size;
    each.rows = version_.snapshot->row_count(file).value_or(0);
    each.partition_values = all[file].partition_values;
    written.push_back(std::move(each));
  }
  const std::pair<std::string, std::string> key{"session", kFiles};
  state_.bindings[key] = {nullptr, staged_snapshot(version_.snapshot->schema(), written), {}};
  try {
    use();
  } catch (...) {
    state_.bindings.erase(key);
    throw;
  }
  state_.bindings.erase(key);
}

// The engine sorts, within its memory and its spill folder.
std::shared_ptr<const FileKeys> KeyIndexBuild::make_on_disk(
    std::size_t file, const KeyIndex::Of& of, const std::vector<std::string>& columns) {
  auto writer = KeyFileWriter::create(of.path, of.id);
  Done written = writer ? done() : Done(writer.error());
  if (written) {
    reading({file}, [&] {
      const std::string sql = "SELECT " + hashes_of(columns) + " ORDER BY 2, 1";
      each_chunk(connection_, sql, [&](duckdb::DataChunk& chunk) {
        const auto* row = duckdb::FlatVector::GetData<std::int64_t>(chunk.data[0]);
        const auto* hash = duckdb::FlatVector::GetData<std::uint64_t>(chunk.data[1]);
        for (duckdb::idx_t i = 0; written && i < chunk.size(); ++i) {
          written = (*writer)->add(hash[i], static_cast<std::uint32_t>(row[i]));
        }
      });
    });
  }
  if (written) written = (*writer)->finish();
  if (written) return instances_.key_index().find(of);
  log(LogLevel::kWarning, "key_index_not_kept",
      {{"path", of.path}, {"error", written.error().message}});
  return nullptr;
}

std::vector<std::shared_ptr<HeldKeys>> KeyIndexBuild::make_in_memory(
    const std::vector<std::size_t>& files, const std::vector<std::string>& columns) {
  std::vector<std::vector<std::pair<std::uint64_t, std::uint32_t>>> found(files.size());
  reading(files, [&] {
    each_chunk(
        connection_, "SELECT f.file_number, " + hashes_of(columns), [&](duckdb::DataChunk& chunk) {
          const auto* file = duckdb::FlatVector::GetData<std::int64_t>(chunk.data[0]);
          const auto* row = duckdb::FlatVector::GetData<std::int64_t>(chunk.data[1]);
          const auto* hash = duckdb::FlatVector::GetData<std::uint64_t>(chunk.data[2]);
          for (duckdb::idx_t i = 0; i < chunk.size(); ++i) {
            found[std::size_t(file[i])].emplace_back(hash[i], static_cast<std::uint32_t>(row[i]));
          }
        });
  });
  std::vector<std::shared_ptr<HeldKeys>> out;
  for (auto& pairs : found) {
    std::sort(pairs.begin(), pairs.end());
    auto made = std::make_shared<HeldKeys>();
    made->hashes.reserve(pairs.size());
    made->rows.reserve(pairs.size());
    for (const auto& [hash, row] : pairs) {
      made->hashes.push_back(hash);
      made->rows.push_back(row);
    }
    pairs = {};
    out.push_back(std::move(made));
  }
  return out;
}

std::vector<std::shared_ptr<const FileKeys>> KeyIndexBuild::make(
    const std::vector<std::size_t>& files, const std::vector<std::string>& columns) {
  std::vector<std::shared_ptr<const FileKeys>> out(files.size());
  std::vector<KeyIndex::Of> of;
  std::vector<std::size_t> rest;   // places in `files`
  std::vector<std::size_t> small;  // and the files there
  for (std::size_t i = 0; i < files.size(); ++i) {
    of.push_back(value_or_throw(instances_.key_index().of(version_, files[i], columns)));
    if (!of[i].path.empty()) out[i] = make_on_disk(files[i], of[i], columns);
    if (out[i]) continue;
    rest.push_back(i);
    small.push_back(files[i]);
  }
  if (rest.empty()) return out;
  auto made = make_in_memory(small, columns);
  for (std::size_t i = 0; i < rest.size(); ++i) {
    instances_.key_index().put(of[rest[i]], made[i]);
    out[rest[i]] = std::move(made[i]);
  }
  return out;
}

}  // namespace claimlake::engine
