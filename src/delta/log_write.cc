// Actions to lines of a commit file (PROTOCOL.md, "Actions").
#include "delta/json_writer.h"
#include "delta/log_json.h"

namespace claimlake::delta {
namespace {

void write(const Protocol& protocol, JsonWriter& json) {
  json.key("protocol").open_object();
  json.key("minReaderVersion").number(protocol.min_reader_version);
  json.key("minWriterVersion").number(protocol.min_writer_version);
  if (protocol.min_reader_version >= 3) json.key("readerFeatures").texts(protocol.reader_features);
  if (protocol.min_writer_version >= 7) json.key("writerFeatures").texts(protocol.writer_features);
  json.close_object();
}

void write(const Metadata& metadata, JsonWriter& json) {
  json.key("metaData").open_object().key("id").text(metadata.id);
  if (!metadata.name.empty()) json.key("name").text(metadata.name);
  if (!metadata.description.empty()) json.key("description").text(metadata.description);
  json.key("format").open_object().key("provider").text(metadata.format_provider);
  json.key("options").texts(metadata.format_options).close_object();
  json.key("schemaString").text(metadata.schema_json);
  json.key("partitionColumns").texts(metadata.partition_columns);
  json.key("configuration").texts(metadata.configuration);
  json.member("createdTime", metadata.created_time_ms).close_object();
}

void write(const DeletionVector& vector, JsonWriter& json) {
  json.key("deletionVector").open_object();
  json.key("storageType").text(vector.storage_type);
  json.key("pathOrInlineDv").text(vector.path_or_inline);
  if (vector.offset) json.key("offset").number(*vector.offset);
  json.key("sizeInBytes").number(vector.size_in_bytes);
  json.key("cardinality").number(vector.cardinality).close_object();
}

void write(const AddFile& add, JsonWriter& json) {
  json.key("add").open_object().key("path").text(add.path);
  json.key("partitionValues").texts(add.partition_values);
  json.key("size").number(add.size).key("modificationTime").number(add.modification_time_ms);
  json.key("dataChange").boolean(add.data_change);
  if (!add.stats_json.empty()) json.key("stats").text(add.stats_json);
  if (!add.tags.empty()) json.key("tags").texts(add.tags);
  if (add.deletion_vector) write(*add.deletion_vector, json);
  json.member("baseRowId", add.base_row_id);
  json.member("defaultRowCommitVersion", add.default_row_commit_version);
  if (!add.clustering_provider.empty()) {
    json.key("clusteringProvider").text(add.clustering_provider);
  }
  json.close_object();
}

void write(const RemoveFile& remove, JsonWriter& json) {
  json.key("remove").open_object().key("path").text(remove.path);
  json.member("deletionTimestamp", remove.deletion_timestamp_ms);
  json.key("dataChange").boolean(remove.data_change);
  json.key("extendedFileMetadata").boolean(remove.extended_file_metadata);
  if (remove.extended_file_metadata) {
    json.key("partitionValues").texts(remove.partition_values).member("size", remove.size);
  }
  if (!remove.tags.empty()) json.key("tags").texts(remove.tags);
  if (remove.deletion_vector) write(*remove.deletion_vector, json);
  json.member("baseRowId", remove.base_row_id);
  json.member("defaultRowCommitVersion", remove.default_row_commit_version).close_object();
}

void write(const Txn& txn, JsonWriter& json) {
  json.key("txn").open_object().key("appId").text(txn.app_id).key("version").number(txn.version);
  json.member("lastUpdated", txn.last_updated_ms).close_object();
}

void write(const DomainMetadata& domain, JsonWriter& json) {
  json.key("domainMetadata").open_object().key("domain").text(domain.domain);
  json.key("configuration").text(domain.configuration);
  json.key("removed").boolean(domain.removed).close_object();
}

void write(const CommitInfo& info, JsonWriter& json) {
  json.key("commitInfo").open_object();
  json.member("inCommitTimestamp", info.in_commit_timestamp_ms);
  json.key("timestamp").number(info.timestamp_ms);
  if (!info.user.empty()) json.key("userId").text(info.user).key("userName").text(info.user);
  json.key("operation").text(info.operation).key("operationParameters").open_object();
  for (const auto& [name, value] : info.parameters) json.key(name).raw(value);
  json.close_object().member("readVersion", info.read_version);
  json.key("isolationLevel").text("Serializable");
  json.key("isBlindAppend").boolean(info.is_blind_append);
  json.key("operationMetrics").texts(info.metrics);
  if (!info.tags.empty()) json.key("tags").texts(info.tags);
  json.key("engineInfo").text(info.engine_info).key("txnId").text(info.txn_id);
  if (!info.run.empty()) {
    json.key("claimlake").open_object().key("run").text(info.run).close_object();
  }
  json.close_object();
}

void write(const CdcFile& cdc, JsonWriter& json) {
  json.key("cdc").open_object().key("path").text(cdc.path);
  json.key("partitionValues").texts(cdc.partition_values);
  json.key("size").number(cdc.size).key("dataChange").boolean(false).close_object();
}

void write(const Sidecar& sidecar, JsonWriter& json) {
  json.key("sidecar").open_object().key("path").text(sidecar.path);
  json.key("sizeInBytes").number(sidecar.size);
  json.key("modificationTime").number(sidecar.modification_time_ms).close_object();
}

void write(const CheckpointMetadata& header, JsonWriter& json) {
  json.key("checkpointMetadata").open_object();
  json.key("version").number(header.version).close_object();
}

}  // namespace

void append_line(const Action& action, std::string& out) {
  JsonWriter json(out);
  json.open_object();
  std::visit([&](const auto& known) { write(known, json); }, action);
  json.close_object();
  out += '\n';
}

}  // namespace claimlake::delta
