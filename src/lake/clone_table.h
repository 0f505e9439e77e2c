#pragma once

#include <map>
#include <string>
#include <vector>

#include "lake/lake.h"
#include "lake/table_definition.h"

namespace claimlake::lake {

// What stands after SHALLOW CLONE: s | delta.`PATH` [VERSION | TIMESTAMP AS OF x]
// [TBLPROPERTIES (...)].
Done read_clone(SqlCursor& cursor, CreateTable& create);

// Makes a table that has the files of another one where they are, by their absolute paths: one
// version, no row is copied. What is changed in the clone lies in its own folder. The other table
// knows nothing of it: when its files are vacuumed, the clone lacks them, unless it is in an
// environment and the other one in main (environment_files.h).
// Errors: those of create_table, and kInvalidInput: a place outside of the lake.
struct CloneWith {
  std::vector<delta::Txn> positions;
  std::map<std::string, std::string> parameters;  // of the commit, as JSON
};
Done clone_table(Lake& lake, const CreateTable& create, const delta::SnapshotPtr& existing,
                 const std::string& run, const CloneWith& with = {});

}  // namespace claimlake::lake
