#pragma once

#include <duckdb/main/client_context.hpp>
#include <duckdb/main/client_context_state.hpp>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "engine/engine.h"
#include "engine/scratch.h"
#include "engine/table_directory.h"

namespace claimlake::engine {

class Curve;
class ScanCounter;
class WriteJob;
struct FileLayout;

// What SQL can read under a name in one session only.
struct Binding {
  std::shared_ptr<const RowSource> source;  // rows of our own code, or else
  delta::SnapshotPtr files;                 // files that no table has committed, or
  std::optional<TableVersion> version;      // the version of the table of that name to be read

  // A version is what a query gets that asks for it, or for none.
  bool answers(const At& at) const {
    if (!version) return true;
    return !at.timestamp && (!at.version || *at.version == version->snapshot->version());
  }
};

// What our callbacks need to know of the session that runs a query. DuckDB hands it to them with
// the ClientContext. Written only between queries.
struct SessionState final : duckdb::ClientContextState {
  static constexpr const char* kKey = "claimlake";
  static duckdb::shared_ptr<SessionState> of(duckdb::ClientContext& context);

  // A statement of ours may be several queries of DuckDB's and what lies between them: planning,
  // writing few rows. DuckDB forgets an interrupt when the next query begins; that query ends then.
  void QueryBegin(duckdb::ClientContext& context) override {
    if (stop.with([](const Stop& now) { return now.asked; })) context.Interrupt();
  }
  struct Stop {
    bool at_work = false;  // a statement is; one that only hands out its rows is a single query
    bool asked = false;    // that it ends
  };
  Guarded<Stop> stop;

  Access access = Access::kReadOnly;
  std::string default_schema;
  TableDirectory* directory = nullptr;  // in place of that of the engine (read_through.h)
  std::map<std::pair<std::string, std::string>, Binding> bindings;  // by schema and name
  Scratches scratches;                                              // by name
  WriteJob* write_job = nullptr;                                    // set while write_parquet runs
  const FileLayout* file_layout = nullptr;                          // likewise
  const Curve* curve = nullptr;                                     // likewise
  Guarded<std::vector<std::shared_ptr<ScanCounter>>> scans;         // of the last query
};

}  // namespace claimlake::engine
