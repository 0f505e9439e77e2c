#pragma once

#include <map>
#include <string>
#include <vector>

#include "lake/lake.h"
#include "lake/sql_cursor.h"

namespace claimlake::lake {

// ALTER TABLE t CLUSTER BY (a, s.b) | NONE.
struct ClusterBy {
  TableName name;
  std::vector<delta::FieldPath> columns;  // empty: none any more
};

// (a, s.b, ...) behind CLUSTER BY, ZORDER BY.
Result<std::vector<delta::FieldPath>> read_order(SqlCursor& cursor);
// What stands behind ALTER TABLE t CLUSTER BY.
Result<ClusterBy> read_cluster_by(SqlCursor& cursor, const TableName& name);

// Makes the table a clustered one, or clusters it by other columns; files are left as they are.
// Errors: kInvalidInput: a column that nothing can be ordered by, a table with partitions, files
// without statistics of a column.
Done cluster_by(Lake& lake, const ClusterBy& what, const std::string& run);

// Clusters the table that `actions` make, by columns in its own names.
Done add_clustering(const std::vector<delta::FieldPath>& clustering,
                    std::vector<delta::Action>& actions);

// The columns by which `table` is clustered, in its own names.
std::vector<delta::FieldPath> clustering_columns(const delta::Snapshot& table);
std::vector<std::string> clustering_texts(const delta::Snapshot& table);

// What the log says of files that were clustered together, by columns as the table names them.
class Cube {
 public:
  Cube(const std::vector<delta::FieldPath>& columns, Random& random);
  void mark(std::vector<engine::WrittenFile>& files) const;

 private:
  std::map<std::string, std::string> tags_;
};
// Writes rows that are staged for a clustered table anew, along the curve. `columns`: as the table
// stores them. On an error neither the old files nor new ones are left.
Result<Staged> along_clustering(Lake& lake, engine::Session& session, Staged staged,
                                const delta::StoredColumns& columns);

}  // namespace claimlake::lake
