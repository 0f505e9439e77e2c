#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "delta/change_feed.h"
#include "delta/snapshot.h"

namespace claimlake::engine {

// Which version of a table a query asks for.
struct At {
  std::optional<delta::LogVersion> version;
  std::optional<Timestamp> timestamp;
};

struct TableVersion {
  delta::SnapshotPtr snapshot;
  std::string path;  // of the table's folder in the store
};

// Rows of a table that changed, and the folder that their files are below.
struct TableChanges {
  delta::ChangedRows rows;
  std::string path;
};

struct ViewDefinition {
  std::string sql;  // one SELECT; may read other tables and views by schema.name
  std::string description;
};

// A named SELECT with parameters, called as a table function.
struct FunctionDefinition {
  std::vector<std::string> parameters;
  std::string sql;
};

// The tables that the engine shows as catalog `lake`. Implemented by module `lake`. Thread-safe.
// Names are lower case; look-ups are case-insensitive (the engine lowers them).
class TableDirectory {
 public:
  virtual ~TableDirectory() = default;
  virtual std::vector<std::string> schemas() = 0;
  virtual std::vector<std::string> tables(std::string_view schema) = 0;
  // Errors: kNotFound if there is no such table, or no such version of it.
  virtual Result<TableVersion> table(std::string_view schema, std::string_view name,
                                     const At& at) = 0;
  // What the change feed says of the versions `from` to `to`, both included; a time stands for the
  // versions that are not earlier, or not later. Errors: those of delta::Log::changes.
  virtual Result<TableChanges> changes(std::string_view schema, std::string_view name,
                                       const At& from, const At& to) = 0;
  // The files, or parts of them, in which only one of two versions has rows; those that came are
  // inserts. The same rows may stand on both sides. Errors: those of `table`; kInvalidInput (the
  // versions are partitioned by other columns, or a column cannot be read as what it became).
  virtual Result<TableChanges> difference(std::string_view schema, std::string_view name,
                                          const At& from, const At& to) = 0;
  virtual std::map<std::string, ViewDefinition> views(std::string_view schema) = 0;
  virtual std::map<std::string, FunctionDefinition> functions(std::string_view schema) = 0;
};

}  // namespace claimlake::engine
