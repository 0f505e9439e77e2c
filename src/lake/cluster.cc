#include "lake/cluster.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "delta/clustering.h"
#include "delta/feature_change.h"
#include "delta/json_writer.h"
#include "delta/stats_columns.h"
#include "lake/alter_columns.h"
#include "lake/rewrite.h"

namespace claimlake::lake {
namespace {

// A name that no statement can use for a table of its own.
constexpr const char* kStaged = "rows to be clustered";

Error refused(std::string what, std::string next = {}) {
  return {Fault::kInvalidInput, std::move(what), "", std::move(next)};
}

// Readers of a clustered table may count on statistics of its columns in each file.
Done check_statistics(const delta::Snapshot& table, const delta::FieldPath& in_files,
                      const delta::FieldPath& column) {
  const auto& entries = table.column_stats(delta::text_of(in_files)).entries;
  std::size_t without = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& entry = entries[i];
    const auto rows = table.row_count(i);
    const bool all_null = rows && entry.null_count && *entry.null_count == *rows;
    if (!entry.null_count || (!all_null && (!entry.min || !entry.max))) ++without;
  }
  if (without == 0) return done();
  return refused(
      fmt::format("{} of {} files have no statistics of column {}, which clustering needs", without,
                  entries.size(), delta::text_of(column)),
      fmt::format("OPTIMIZE table ZORDER BY ({}) writes all files anew, with statistics",
                  delta::text_of(column)));
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ",") + text;
  return out;
}

}  // namespace

Result<std::vector<delta::FieldPath>> read_order(SqlCursor& cursor) {
  const bool brackets = cursor.take("(");
  std::vector<delta::FieldPath> out;
  do {
    TRY(out.emplace_back(), read_path(cursor));
  } while (cursor.take(","));
  if (brackets) {
    TRY_DONE(cursor.expect(")"));
  }
  return out;
}

Result<ClusterBy> read_cluster_by(SqlCursor& cursor, const TableName& name) {
  ClusterBy out{name, {}};
  if (cursor.take("none")) return out;
  TRY(out.columns, read_order(cursor));
  return out;
}

Done add_clustering(const std::vector<delta::FieldPath>& clustering,
                    std::vector<delta::Action>& actions) {
  if (clustering.empty()) return done();
  delta::Protocol protocol;
  delta::Metadata metadata;
  for (const delta::Action& action : actions) {
    if (const auto* made = std::get_if<delta::Protocol>(&action)) protocol = *made;
    if (const auto* made = std::get_if<delta::Metadata>(&action)) metadata = *made;
  }
  TRY(const delta::Schema schema, delta::parse_schema(metadata.schema_json));
  const delta::StoredColumns columns = delta::stored_columns(protocol, metadata, schema);
  std::vector<delta::FieldPath> in_files;
  for (const delta::FieldPath& path : clustering) {
    TRY(in_files.emplace_back(), delta::physical_path(columns, path));
  }
  for (delta::Action& action : actions) {
    if (auto* made = std::get_if<delta::Protocol>(&action)) {
      *made = delta::with_feature(*made, "clustering");
    }
  }
  actions.emplace_back(delta::clustering_domain(in_files));
  return done();
}

std::vector<delta::FieldPath> clustering_columns(const delta::Snapshot& table) {
  const delta::StoredColumns columns = delta::stored_columns(table);
  std::vector<delta::FieldPath> out;
  for (const delta::FieldPath& in_files : columns.clustering) {
    if (auto path = delta::logical_path(columns, in_files)) out.push_back(*std::move(path));
  }
  return out;
}

std::vector<std::string> clustering_texts(const delta::Snapshot& table) {
  std::vector<std::string> out;
  for (const delta::FieldPath& path : clustering_columns(table)) {
    out.push_back(delta::quoted_text(path));
  }
  return out;
}

Done cluster_by(Lake& lake, const ClusterBy& what, const std::string& run) {
  TRY(const auto base, lake.snapshot(what.name));
  const delta::StoredColumns columns = delta::stored_columns(*base);
  if (!columns.partition_columns.empty()) {
    return refused(
        fmt::format("Table {} has partitions; a table has these or is clustered", what.name.text()),
        "make another table with CREATE TABLE ... CLUSTER BY (...) AS SELECT");
  }
  TRY(const auto named, order_columns(columns, what.columns, "CLUSTER BY"));
  std::vector<delta::FieldPath> in_files;
  std::vector<std::string> texts;
  for (const delta::FieldPath& path : named) {
    TRY(in_files.emplace_back(), delta::physical_path(columns, path));
    texts.push_back(delta::quoted_text(path));
    TRY_DONE(check_statistics(*base, in_files.back(), path));
  }
  if (in_files == columns.clustering) return done();
  delta::CommitRequest request;
  request.base = base;
  const delta::Protocol protocol = delta::with_feature(base->protocol(), "clustering");
  if (!(protocol == base->protocol())) request.actions.emplace_back(protocol);
  request.actions.emplace_back(delta::clustering_domain(in_files));
  // A file that comes meanwhile may be without statistics of the columns.
  request.read.whole_table = true;
  request.info.operation = "CLUSTER BY";
  request.info.parameters = {
      {"oldClusteringColumns", delta::json_string(joined(clustering_texts(*base)))},
      {"newClusteringColumns", delta::json_string(joined(texts))}};
  request.info.user = lake.context().user;
  request.info.run = run;
  TRY_DONE(lake.commit_actions(what.name, std::move(request)));
  return done();
}

Cube::Cube(const std::vector<delta::FieldPath>& columns, Random& random) {
  std::vector<std::string> texts;
  for (const delta::FieldPath& path : columns) texts.push_back(delta::quoted_text(path));
  delta::JsonWriter(tags_[delta::kCubeColumns]).texts(texts);
  tags_[delta::kCubeId] = uuid4(random);
}

void Cube::mark(std::vector<engine::WrittenFile>& files) const {
  for (engine::WrittenFile& file : files) {
    file.tags = tags_;
    file.clustering_provider = delta::kClusteringProvider;
  }
}

Result<Staged> along_clustering(Lake& lake, engine::Session& session, Staged staged,
                                const delta::StoredColumns& columns) {
  std::vector<delta::FieldPath> curve;
  for (const delta::FieldPath& in_files : columns.clustering) {
    auto path = delta::logical_path({staged.schema, columns.mapping}, in_files);
    if (!path) return staged;  // a statement that does not write this column
    curve.push_back(*std::move(path));
  }
  const auto write = [&]() -> Result<Staged> {
    TRY_DONE(session.bind_files(kStaged, staged.schema, staged.files));
    auto ordered = lake.stage(session, staged.table,
                              fmt::format("SELECT * FROM temp.{}", sql_identifier(kStaged)), {}, "",
                              columns, {curve, group_rows(staged.bytes(), staged.rows(), columns)});
    (void)session.drop_source(kStaged);
    return ordered;
  };
  auto ordered = write();
  lake.discard(staged);
  if (!ordered) return std::move(ordered).error();
  Cube(curve, lake.context().random).mark(ordered->files);
  return ordered;
}

}  // namespace claimlake::lake
