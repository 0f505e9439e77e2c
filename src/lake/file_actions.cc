#include "lake/file_actions.h"

#include "delta/partition_path.h"

namespace claimlake::lake {
namespace {

std::int64_t to_ms(Timestamp time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

std::string path_in_log(const engine::WrittenFile& file, const TableName& table) {
  return delta::encode_path(std::string_view(file.path).substr(table.folder().size() + 1));
}

}  // namespace

delta::AddFile add_file(const engine::WrittenFile& file, const TableName& table, Timestamp now) {
  delta::AddFile add;
  add.path = path_in_log(file, table);
  add.partition_values = file.partition_values;
  add.size = file.size;
  add.modification_time_ms = to_ms(now);
  add.stats_json = file.stats_json;
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
  return remove;
}

}  // namespace claimlake::lake
