#include "lake/file_actions.h"

#include <algorithm>

#include "delta/partition_path.h"
#include "delta/stats.h"

namespace claimlake::lake {
namespace {

std::int64_t to_ms(Timestamp time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

std::string path_in_log(const engine::WrittenFile& file, const TableName& table) {
  return delta::encode_path(std::string_view(file.path).substr(table.folder().size() + 1));
}

}  // namespace

bool is_hidden(std::string_view path) {
  for (std::size_t start = 0; start < path.size();) {
    const auto slash = std::min(path.find('/', start), path.size());
    const std::string_view part = path.substr(start, slash - start);
    // A partition's folder may begin with '_', as its column does: "_day=2026-01-31".
    const bool partition = part.find('=') != std::string_view::npos;
    if (part.starts_with('.') || (part.starts_with('_') && !partition)) return true;
    start = slash + 1;
  }
  return false;
}

delta::AddFile add_file(const engine::WrittenFile& file, const TableName& table, Timestamp now) {
  delta::AddFile add;
  add.path = path_in_log(file, table);
  add.partition_values = file.partition_values;
  add.size = file.size;
  add.modification_time_ms = to_ms(now);
  add.stats_json = file.stats_json;
  add.tags = file.tags;
  add.clustering_provider = file.clustering_provider;
  return add;
}

delta::CdcFile change_file(const engine::WrittenFile& file, const TableName& table) {
  return {path_in_log(file, table), file.partition_values, file.size};
}

delta::RemoveFile remove_file(const delta::AddFile& add, Timestamp now) {
  delta::RemoveFile remove;
  remove.path = add.path;  // byte for byte: the path is the file's identity
  remove.deletion_timestamp_ms = to_ms(now);
  remove.extended_file_metadata = true;
  remove.partition_values = add.partition_values;
  remove.size = add.size;
  remove.deletion_vector = add.deletion_vector;
  remove.tags = add.tags;
  remove.base_row_id = add.base_row_id;
  remove.default_row_commit_version = add.default_row_commit_version;
  return remove;
}

delta::AddFile with_wide_vector(const delta::AddFile& file, delta::DeletionVector vector) {
  delta::AddFile add = file;
  add.deletion_vector = std::move(vector);
  add.stats_json = delta::with_wide_bounds(add.stats_json);
  add.data_change = true;
  return add;
}

}  // namespace claimlake::lake
