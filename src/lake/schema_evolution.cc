#include "lake/schema_evolution.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "delta/column_mapping.h"
#include "delta/evolve.h"
#include "delta/new_table.h"
#include "lake/sql_cursor.h"

namespace claimlake::lake {
namespace {

using Statement = engine::ChangeStatement;

// A version of a table as it will be described.
class EvolvedSnapshot final : public delta::Snapshot {
 public:
  EvolvedSnapshot(delta::SnapshotPtr base, delta::Protocol protocol, delta::Metadata metadata,
                  delta::Schema schema)
      : base_(std::move(base)),
        protocol_(std::move(protocol)),
        metadata_(std::move(metadata)),
        schema_(std::move(schema)) {}

  delta::LogVersion version() const override { return base_->version(); }
  Timestamp timestamp() const override { return base_->timestamp(); }
  const delta::Protocol& protocol() const override { return protocol_; }
  const delta::Metadata& metadata() const override { return metadata_; }
  const delta::Schema& schema() const override { return schema_; }
  delta::FileList files() const override { return base_->files(); }
  std::int64_t files_bytes() const override { return base_->files_bytes(); }
  std::optional<std::int64_t> row_count() const override { return base_->row_count(); }
  std::optional<std::int64_t> row_count(std::size_t index) const override {
    return base_->row_count(index);
  }
  std::optional<std::int64_t> txn(std::string_view app_id) const override {
    return base_->txn(app_id);
  }
  const std::string* domain(std::string_view name) const override { return base_->domain(name); }
  const delta::ColumnStats& column_stats(std::string_view column) const override {
    return base_->column_stats(column);
  }
  std::int64_t memory_bytes() const override { return base_->memory_bytes(); }

 private:
  const delta::SnapshotPtr base_;
  const delta::Protocol protocol_;
  const delta::Metadata metadata_;
  const delta::Schema schema_;
};

// True if the statement writes a column of this name: `*` writes all that the rows have.
bool writes(const Statement& statement, const std::string& column) {
  if (statement.kind == Statement::Kind::kInsert) return true;
  const auto names = [&](const Statement::Assignment& assignment) {
    return to_lower(assignment.column) == to_lower(column);
  };
  return std::any_of(
      statement.clauses.begin(), statement.clauses.end(), [&](const Statement::Clause& clause) {
        return clause.all_columns ||
               std::any_of(clause.assignments.begin(), clause.assignments.end(), names);
      });
}

}  // namespace

std::optional<std::string> without_evolution(std::string_view sql) {
  SqlCursor cursor(sql);
  const bool merge = cursor.take("merge");
  if (!merge && !cursor.take("insert")) return std::nullopt;
  if (!cursor.take("with schema evolution")) return std::nullopt;
  const std::string rest = cursor.rest();
  const std::size_t start = sql.rfind(rest);
  if (rest.empty() || start == std::string_view::npos) return std::nullopt;
  std::string out = merge ? "MERGE" : "INSERT";
  for (std::size_t i = out.size(); i < start; ++i) out += sql[i] == '\n' ? '\n' : ' ';
  return out + rest;
}

std::string rows_select(const Statement& statement) {
  if (statement.kind == Statement::Kind::kInsert) return statement.with + statement.source;
  return fmt::format("{}SELECT {}.* FROM {}", statement.with,
                     sql_identifier(statement.source_alias), statement.source);
}

Result<delta::SnapshotPtr> evolved(const delta::SnapshotPtr& base, const Statement& statement,
                                   const std::vector<engine::ColumnInfo>& rows, Random& random) {
  std::vector<engine::ColumnInfo> written;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    engine::ColumnInfo column = rows[i];
    if (i < statement.columns.size()) column.name = statement.columns[i];
    if (writes(statement, column.name)) written.push_back(std::move(column));
  }
  TRY(const delta::Schema schema, engine::delta_schema(written));
  delta::StoredColumns columns = delta::stored_columns(*base);
  const delta::Schema before = columns.schema;
  columns.schema = delta::with_new_fields(columns.schema, schema);
  if (columns.schema == before) return base;
  if (columns.mapping != delta::ColumnMapping::kNone) {
    delta::map_columns(columns.schema, columns.max_id, &random);
  }
  delta::Metadata metadata = base->metadata();
  delta::set_schema(metadata, columns.schema);
  delta::Protocol protocol =
      delta::needed_protocol(columns.schema, metadata.configuration, &base->protocol());
  return delta::SnapshotPtr(std::make_shared<EvolvedSnapshot>(
      base, std::move(protocol), std::move(metadata), std::move(columns.schema)));
}

}  // namespace claimlake::lake
