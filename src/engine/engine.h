#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/result.h"
#include "delta/parquet_io.h"
#include "delta/snapshot.h"
#include "engine/column_lineage.h"
#include "engine/config.h"
#include "engine/key_flow.h"
#include "engine/look_up.h"
#include "engine/row_source.h"
#include "engine/rows.h"
#include "engine/sum_over.h"
#include "engine/table_directory.h"
#include "engine/written_file.h"
#include "store/store.h"

namespace claimlake::engine {

class KeyIndex;

struct ColumnInfo {
  std::string name;
  std::string type;  // SQL type text of the engine: "DECIMAL(18,2)", "VARCHAR[]"
};

// What Session::write_parquet has made of a select.
struct Written {
  std::vector<ColumnInfo> columns;  // of the select
  std::vector<WrittenFile> files;   // none if it has no rows
};

struct Kept {  // by Session::keep
  std::vector<ColumnInfo> columns;
  std::int64_t rows = 0;
};

struct ScanReport {  // of the last query: what file pruning did, per table
  std::string table;
  std::int64_t files_total = 0;
  std::int64_t files_read = 0;
};

// One SQL session. One thread at a time, but for progress() and cancel.
class Session {
 public:
  virtual ~Session() = default;

  // Runs one statement. Rows stream. Errors: kInvalidInput (SQL is wrong or not allowed: `where`
  // holds line:column), kTimeout, kCancelled, kUnavailable (memory limit, I/O, engine restarted).
  virtual Result<std::unique_ptr<Rows>> query(
      std::string_view sql, const std::vector<std::string>& text_parameters = {}) = 0;
  // Runs one statement and forgets its rows; returns how many rows it changed or gave.
  virtual Result<std::int64_t> execute(std::string_view sql) = 0;

  // Columns of a SELECT without running it.
  virtual Result<std::vector<ColumnInfo>> describe(std::string_view select) = 0;
  // How many rows the engine expects `select` to give, from statistics. Does not run it.
  virtual Result<std::int64_t> expected_rows(std::string_view select) = 0;
  // Which columns of tables the columns of `select` are computed from, and which ones decide what
  // rows it has. Views count as what they read. Does not run it.
  virtual Result<SelectLineage> lineage(std::string_view select) = 0;
  // By which columns of the tables that `select` reads the rows of its result hang on theirs, where
  // the columns named `key` tell the result's rows apart. Does not run it.
  virtual Result<KeyFlow> key_flow(std::string_view select,
                                   const std::vector<std::string>& key) = 0;
  // The tables, by their names in the SQL, that are read together for each of the counts and sums
  // that the one number of `select` adds and subtracts; absent if it is not made of such alone.
  // What rows come to a table, or go, then changes the number by what they alone would count for.
  // `columns`: of the tables, by those names, in lower case.
  virtual Result<std::optional<std::vector<SumOver>>> sums_of(
      std::string_view select, const std::map<std::string, std::vector<std::string>>& columns) = 0;
  // Binds one statement of any kind without running it, so that a person's mistake is told with its
  // place in the text. Errors: as query.
  virtual Done check(std::string_view sql) = 0;
  // Runs `select` and writes its rows as Parquet files below options.folder.
  // Files are durable when it returns; on error none is left. Only with Access::kInternal.
  virtual Result<Written> write_parquet(std::string_view select, const WriteOptions& options) = 0;

  // Makes `source` readable as table `name` in this session (schema temp), until dropped.
  virtual Done bind_source(std::string_view name, std::shared_ptr<const RowSource> source) = 0;
  virtual Done drop_source(std::string_view name) = 0;
  // Makes the rows of these Parquet files in the store readable as temp view `name`; the schema
  // and partition values come from `files`. For auditing what is staged and not yet committed.
  virtual Done bind_files(std::string_view name, const delta::Schema& schema,
                          const std::vector<WrittenFile>& files) = 0;

  // Runs `select` and keeps its rows, which spill, for statements of this session to read as
  // `relation`, "scratch('keys')", in place of those that were kept there before and that `select`
  // may read. A text that reads few such rows alone is planned once (plans.h).
  virtual Result<Kept> keep(std::string_view relation, std::string_view select) = 0;
  virtual void forget(std::string_view relation) = 0;

  // Until drop_source, this session reads table `name` ("schema.table") at `version` where no other
  // one is asked for: several queries then see the same list of files in the same order.
  virtual Done bind_version(std::string_view name, const TableVersion& version) = 0;

  // Finds rows without reading them. Of a table that is bound to a version (bind_version) and not
  // small, few rows are found by a key index, which is made when it is first needed. The SELECT is
  // good for the version that is bound and the relations as they are now.
  virtual Result<RowsFound> rows_of(const LookUp& look_up) = 0;
  // Makes ahead what rows_of would have to make of `version` to look up by `columns`, where it is
  // kept on disk. Returns of how many files.
  virtual Result<std::int64_t> index_keys(const TableVersion& version,
                                          const std::vector<std::string>& columns) = 0;

  // In [0, 1], or negative if not known. From any thread.
  virtual double progress() const = 0;
  // Stops the running query soon. From any thread or signal handler context of another thread.
  virtual void interrupt() = 0;
  virtual std::vector<ScanReport> scan_reports() const = 0;
};

// The SQL engine over one store. Thread-safe. Survives an internal error of DuckDB: the query that
// caused it fails with kUnavailable, and the next one runs on a fresh instance.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual Result<std::unique_ptr<Session>> session(const SessionConfig& config) = 0;
  // For delta; valid as long as the engine.
  virtual delta::ParquetIo& parquet_io() = 0;
  // For upkeep; likewise.
  virtual KeyIndex& key_index() = 0;
  // Shows `directory` as catalog `lake`. Call once before the first session. Outlives the engine.
  virtual void attach(TableDirectory& directory) = 0;
};

// Errors: kUnavailable (wrong library version, spill folder cannot be made).
Result<std::unique_ptr<Engine>> open_engine(const EngineConfig& config, store::Store& store,
                                            const Clock& clock);

// The version of the SQL engine, for example "1.5.6".
std::string engine_version();

// Delta type for an engine column and back: "DECIMAL(18,2)" <-> decimal(18,2).
// Errors: kInvalidInput for a type that Delta cannot hold.
Result<delta::Schema> delta_schema(const std::vector<ColumnInfo>& columns);
Result<std::string> sql_type(const delta::DataType& type);

}  // namespace claimlake::engine
