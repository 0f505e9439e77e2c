// A checkpoint's rows are sparse: each fills one of its struct columns. They are put straight into
// DuckDB's vectors and handed to its Parquet writer.
#include "engine/checkpoint_write.h"

#include <duckdb/common/allocator.hpp>
#include <duckdb/common/types/data_chunk.hpp>
#include <duckdb/common/types/vector.hpp>
#include <duckdb/main/client_context.hpp>

#include "engine/checkpoint_stats.h"
#include "engine/parquet_file.h"

namespace claimlake::engine {
namespace {

using duckdb::FlatVector;
using duckdb::ListVector;
using duckdb::LogicalType;
using duckdb::Vector;

// Bounds the memory that writing takes, and lets several threads read a long checkpoint.
constexpr std::size_t kRowGroup = 16 * STANDARD_VECTOR_SIZE;

using Fields = duckdb::child_list_t<LogicalType>;

const LogicalType& text_map() {
  static const LogicalType kType = LogicalType::MAP(LogicalType::VARCHAR, LogicalType::VARCHAR);
  return kType;
}

LogicalType text_list() { return LogicalType::LIST(LogicalType::VARCHAR); }

LogicalType vector_type() {
  return LogicalType::STRUCT(Fields{{"storageType", LogicalType::VARCHAR},
                                    {"pathOrInlineDv", LogicalType::VARCHAR},
                                    {"offset", LogicalType::INTEGER},
                                    {"sizeInBytes", LogicalType::INTEGER},
                                    {"cardinality", LogicalType::BIGINT}});
}

LogicalType metadata_type() {
  const LogicalType text = LogicalType::VARCHAR;
  return LogicalType::STRUCT(
      Fields{{"id", text},
             {"name", text},
             {"description", text},
             {"format", LogicalType::STRUCT(Fields{{"provider", text}, {"options", text_map()}})},
             {"schemaString", text},
             {"partitionColumns", text_list()},
             {"configuration", text_map()},
             {"createdTime", LogicalType::BIGINT}});
}

LogicalType remove_type() {
  const LogicalType big = LogicalType::BIGINT;
  return LogicalType::STRUCT(Fields{{"path", LogicalType::VARCHAR},
                                    {"deletionTimestamp", big},
                                    {"dataChange", LogicalType::BOOLEAN},
                                    {"extendedFileMetadata", LogicalType::BOOLEAN},
                                    {"partitionValues", text_map()},
                                    {"size", big},
                                    {"deletionVector", vector_type()},
                                    {"baseRowId", big},
                                    {"defaultRowCommitVersion", big}});
}

// The fields of `add` that every checkpoint has; statistics stand behind them.
Fields add_fields() {
  const LogicalType text = LogicalType::VARCHAR;
  const LogicalType big = LogicalType::BIGINT;
  return {{"path", text},
          {"partitionValues", text_map()},
          {"size", big},
          {"modificationTime", big},
          {"dataChange", LogicalType::BOOLEAN},
          {"tags", text_map()},
          {"deletionVector", vector_type()},
          {"baseRowId", big},
          {"defaultRowCommitVersion", big},
          {"clusteringProvider", text}};
}
constexpr std::size_t kStats = 10;  // the first field behind add_fields()

enum Kind { kTxn, kAdd, kRemove, kMetadata, kProtocol, kDomain, kHeader, kSidecar, kKinds };

// The columns of one file: those of the kinds of actions that its form has.
struct Layout {
  ParquetFormat format;
  std::size_t column[kKinds] = {};  // by Kind

  void add(Kind kind, const char* name, LogicalType type) {
    column[kind] = format.names.size();
    format.names.emplace_back(name);
    format.types.push_back(std::move(type));
  }
};

// Names and types are those of PROTOCOL.md, "Checkpoint Schema". All of DuckDB's columns and
// fields may be null, as sparse rows need it.
Layout layout_of(const delta::CheckpointContent& content, const CheckpointStats* typed) {
  const LogicalType text = LogicalType::VARCHAR;
  const LogicalType big = LogicalType::BIGINT;
  Layout out;
  out.format.options["compression"] = {duckdb::Value("snappy")};
  Fields add = add_fields();
  if (content.stats_as_json) add.emplace_back("stats", text);
  if (typed != nullptr) {
    for (auto& field : typed->fields()) add.push_back(std::move(field));
  }
  out.add(kAdd, "add", LogicalType::STRUCT(std::move(add)));
  out.add(kRemove, "remove", remove_type());
  if (content.small.empty()) return out;
  out.add(kTxn, "txn",
          LogicalType::STRUCT(Fields{{"appId", text}, {"version", big}, {"lastUpdated", big}}));
  out.add(kMetadata, "metaData", metadata_type());
  out.add(kProtocol, "protocol",
          LogicalType::STRUCT(Fields{{"minReaderVersion", LogicalType::INTEGER},
                                     {"minWriterVersion", LogicalType::INTEGER},
                                     {"readerFeatures", text_list()},
                                     {"writerFeatures", text_list()}}));
  out.add(kDomain, "domainMetadata",
          LogicalType::STRUCT(Fields{
              {"domain", text}, {"configuration", text}, {"removed", LogicalType::BOOLEAN}}));
  if (!std::holds_alternative<delta::CheckpointMetadata>(content.small.front())) return out;
  out.add(kHeader, "checkpointMetadata",
          LogicalType::STRUCT(Fields{{"version", big}, {"tags", text_map()}}));
  out.add(
      kSidecar, "sidecar",
      LogicalType::STRUCT(Fields{
          {"path", text}, {"sizeInBytes", big}, {"modificationTime", big}, {"tags", text_map()}}));
  return out;
}

void put(Vector& to, std::size_t row, std::string_view text) {
  FlatVector::GetData<duckdb::string_t>(to)[row] =
      duckdb::StringVector::AddString(to, text.data(), text.size());
}
void put(Vector& to, std::size_t row, std::int64_t number) {
  FlatVector::GetData<std::int64_t>(to)[row] = number;
}
void put(Vector& to, std::size_t row, std::int32_t number) {
  FlatVector::GetData<std::int32_t>(to)[row] = number;
}
void put(Vector& to, std::size_t row, bool truth) { FlatVector::GetData<bool>(to)[row] = truth; }

// A list without entries has none of its own in the vector behind it.
void put_null(Vector& to, std::size_t row) {
  if (to.GetType().InternalType() == duckdb::PhysicalType::LIST) {
    ListVector::GetData(to)[row] = {ListVector::GetListSize(to), 0};
  }
  FlatVector::SetNull(to, row, true);
}

void put(Vector& to, std::size_t row, const delta::DeletionVector& vector);
template <class T>
void put(Vector& to, std::size_t row, const std::optional<T>& value) {
  if (value) {
    put(to, row, *value);
  } else {
    put_null(to, row);
  }
}
// An empty text in our structs stands for one that is absent.
void put_if_any(Vector& to, std::size_t row, const std::string& text) {
  if (text.empty()) {
    put_null(to, row);
  } else {
    put(to, row, std::string_view(text));
  }
}

// Makes room for `count` entries in the list of `row` and returns where they start.
std::size_t start_list(Vector& to, std::size_t row, std::size_t count) {
  const std::size_t start = ListVector::GetListSize(to);
  ListVector::Reserve(to, start + count);
  ListVector::SetListSize(to, start + count);
  ListVector::GetData(to)[row] = {start, count};
  return start;
}

std::string_view text_of(const std::string& text) { return text; }
std::optional<std::string_view> text_of(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  return std::string_view(*text);
}

template <class Map>
void put_map(Vector& to, std::size_t row, const Map& map) {
  std::size_t at = start_list(to, row, map.size());
  Vector& keys = duckdb::MapVector::GetKeys(to);
  Vector& values = duckdb::MapVector::GetValues(to);
  for (const auto& [key, value] : map) {
    put(keys, at, std::string_view(key));
    put(values, at, text_of(value));
    ++at;
  }
}

void put_list(Vector& to, std::size_t row, const std::vector<std::string>& texts) {
  std::size_t at = start_list(to, row, texts.size());
  Vector& entries = ListVector::GetEntry(to);
  for (const std::string& text : texts) put(entries, at++, std::string_view(text));
}

void put(Vector& to, std::size_t row, const delta::DeletionVector& vector) {
  auto& field = duckdb::StructVector::GetEntries(to);
  put(*field[0], row, std::string_view(vector.storage_type));
  put(*field[1], row, std::string_view(vector.path_or_inline));
  put(*field[2], row, vector.offset);
  put(*field[3], row, vector.size_in_bytes);
  put(*field[4], row, vector.cardinality);
}

// Collects rows of one kind in a chunk, chunks in a row group, and row groups in the file.
class Rows {
 public:
  Rows(duckdb::ClientContext& context, ParquetFile& file, const Layout& layout,
       CheckpointStats* typed, bool stats_as_json)
      : context_(context),
        file_(file),
        layout_(layout),
        typed_(typed),
        first_typed_(kStats + (stats_as_json ? 1 : 0)) {
    chunk_.Initialize(duckdb::Allocator::DefaultAllocator(), layout.format.types);
  }

  void add(const delta::AddFile& file) {
    auto& field = start(kAdd);
    put(*field[0], row_, std::string_view(file.path));
    put_map(*field[1], row_, file.partition_values);
    put(*field[2], row_, file.size);
    put(*field[3], row_, file.modification_time_ms);
    put(*field[4], row_, false);  // what a checkpoint tells is no change
    if (file.tags.empty()) {
      put_null(*field[5], row_);
    } else {
      put_map(*field[5], row_, file.tags);
    }
    put(*field[6], row_, file.deletion_vector);
    put(*field[7], row_, file.base_row_id);
    put(*field[8], row_, file.default_row_commit_version);
    put_if_any(*field[9], row_, file.clustering_provider);
    if (first_typed_ > kStats) put_if_any(*field[kStats], row_, file.stats_json);
    if (typed_ != nullptr) typed_->put(file, field, first_typed_, row_);
    end();
  }
  void add(const delta::RemoveFile& file) {
    auto& field = start(kRemove);
    put(*field[0], row_, std::string_view(file.path));
    put(*field[1], row_, file.deletion_timestamp_ms);
    put(*field[2], row_, false);
    put(*field[3], row_, file.extended_file_metadata);
    if (file.extended_file_metadata) {
      put_map(*field[4], row_, file.partition_values);
    } else {
      put_null(*field[4], row_);
    }
    put(*field[5], row_, file.size);
    put(*field[6], row_, file.deletion_vector);
    put(*field[7], row_, file.base_row_id);
    put(*field[8], row_, file.default_row_commit_version);
    end();
  }
  void add(const delta::Metadata& metadata) {
    auto& field = start(kMetadata);
    put(*field[0], row_, std::string_view(metadata.id));
    put_if_any(*field[1], row_, metadata.name);
    put_if_any(*field[2], row_, metadata.description);
    auto& format = duckdb::StructVector::GetEntries(*field[3]);
    put(*format[0], row_, std::string_view(metadata.format_provider));
    put_map(*format[1], row_, metadata.format_options);
    put(*field[4], row_, std::string_view(metadata.schema_json));
    put_list(*field[5], row_, metadata.partition_columns);
    put_map(*field[6], row_, metadata.configuration);
    put(*field[7], row_, metadata.created_time_ms);
    end();
  }
  void add(const delta::Protocol& protocol) {
    auto& field = start(kProtocol);
    put(*field[0], row_, static_cast<std::int32_t>(protocol.min_reader_version));
    put(*field[1], row_, static_cast<std::int32_t>(protocol.min_writer_version));
    // Features must be there from these versions on, and must be null before them.
    if (protocol.min_reader_version >= 3) {
      put_list(*field[2], row_, protocol.reader_features);
    } else {
      put_null(*field[2], row_);
    }
    if (protocol.min_writer_version >= 7) {
      put_list(*field[3], row_, protocol.writer_features);
    } else {
      put_null(*field[3], row_);
    }
    end();
  }
  void add(const delta::Txn& txn) {
    auto& field = start(kTxn);
    put(*field[0], row_, std::string_view(txn.app_id));
    put(*field[1], row_, txn.version);
    put(*field[2], row_, txn.last_updated_ms);
    end();
  }
  void add(const delta::DomainMetadata& domain) {
    auto& field = start(kDomain);
    put(*field[0], row_, std::string_view(domain.domain));
    put(*field[1], row_, std::string_view(domain.configuration));
    put(*field[2], row_, domain.removed);
    end();
  }
  void add(const delta::CommitInfo&) {}  // no part of a table's state
  void add(const delta::CdcFile&) {}
  void add(const delta::CheckpointMetadata& header) {
    auto& field = start(kHeader);
    put(*field[0], row_, header.version);
    put_null(*field[1], row_);
    end();
  }
  void add(const delta::Sidecar& sidecar) {
    auto& field = start(kSidecar);
    put(*field[0], row_, std::string_view(sidecar.path));
    put(*field[1], row_, sidecar.size);
    put(*field[2], row_, sidecar.modification_time_ms);
    put_null(*field[3], row_);
    end();
  }

  void flush() {
    end_chunk();
    if (group_) file_.add(std::move(group_));
  }

 private:
  duckdb::vector<duckdb::unique_ptr<Vector>>& start(Kind used) {
    if (used != used_) end_chunk();
    const std::size_t column = layout_.column[used];
    if (row_ == 0) {
      used_ = used;
      for (std::size_t other = 0; other < chunk_.ColumnCount(); ++other) {
        if (other == column) continue;
        Vector& unused = chunk_.data[other];
        unused.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
        duckdb::ConstantVector::SetNull(unused, true);
      }
    }
    return duckdb::StructVector::GetEntries(chunk_.data[column]);
  }
  void end() {
    if (++row_ == STANDARD_VECTOR_SIZE) end_chunk();
  }
  void end_chunk() {
    if (row_ == 0) return;
    if (used_ == kAdd && typed_ != nullptr) {
      Vector& adds = chunk_.data[layout_.column[kAdd]];
      typed_->finish(duckdb::StructVector::GetEntries(adds), first_typed_, row_);
    }
    if (!group_) {
      group_ = duckdb::make_uniq<duckdb::ColumnDataCollection>(context_, layout_.format.types);
    }
    chunk_.SetCardinality(row_);
    group_->Append(chunk_);
    chunk_.Reset();
    row_ = 0;
    if (group_->Count() >= kRowGroup) file_.add(std::move(group_));
  }

  duckdb::ClientContext& context_;
  ParquetFile& file_;
  const Layout& layout_;
  CheckpointStats* typed_;  // or null
  std::size_t first_typed_;
  duckdb::unique_ptr<duckdb::ColumnDataCollection> group_;
  duckdb::DataChunk chunk_;
  std::size_t row_ = 0;
  Kind used_ = kKinds;  // by the rows of the chunk; kKinds before the first one
};

}  // namespace

void write_checkpoint(duckdb::ClientContext& context, const std::string& url,
                      const delta::CheckpointContent& content) {
  std::optional<CheckpointStats> typed;
  if (content.typed) typed.emplace(*content.typed);
  CheckpointStats* const stats = typed ? &*typed : nullptr;
  const Layout layout = layout_of(content, stats);
  ParquetFile file(context, url, layout.format);
  Rows rows(context, file, layout, stats, content.stats_as_json);
  for (const delta::Action& action : content.small) {
    std::visit([&](const auto& known) { rows.add(known); }, action);
  }
  for (const delta::AddFile& add : content.adds) rows.add(add);
  for (const delta::RemoveFile& remove : content.removes) rows.add(remove);
  rows.flush();
  file.finish();
}

}  // namespace claimlake::engine
