#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "engine/change_statement.h"
#include "lake/change_select.h"
#include "lake/lake.h"

namespace claimlake::lake {

// What a change of rows did.
struct ChangeReport {
  delta::SnapshotPtr snapshot;  // after it
  bool committed = false;       // false: there was nothing to change, so there is no new version
  std::int64_t rows_inserted = 0;
  std::int64_t rows_updated = 0;
  std::int64_t rows_deleted = 0;
  std::int64_t files_added = 0;
  std::int64_t files_removed = 0;
  std::int64_t vectors_added = 0;       // deletion vectors, one for each file that lost some rows
  std::int64_t change_files_added = 0;  // for the table's change feed
};

// What a change of rows is part of.
struct ChangeOptions {
  std::string run = {};  // named in the history
  Cancel cancel = {};
  // The version that the statement was made for; what came after it may be a conflict. Null: the
  // newest.
  delta::SnapshotPtr base = nullptr;
  // Committed with the rows, and where no row changes. With them any other change of rows after
  // `base` is a conflict.
  std::vector<delta::Txn> positions = {};
  // Said in the history, plain text; asked for when all but the commit is done. Null: nothing.
  std::function<std::map<std::string, std::string>()> parameters = nullptr;
};

// Runs INSERT, UPDATE, DELETE or MERGE as one version of the table: rows that go are named in
// deletion vectors where the table has them turned on, else their files are written anew without
// them; rows that come are in new files. A table with a change feed gets the files of it that this
// needs. What another writer commits meanwhile is respected by the
// rules of docs/formats/conflict.md. `session`: kInternal, at rest; its time limit and interrupt
// stop the change, as options.cancel does between its steps, and then nothing is committed. Errors:
// kInvalidInput (the statement does not fit the table; a row of the table is matched by several
// rows of the source), kConflict (says whether a retry helps), those of Session::query.
Result<ChangeReport> change_rows(Lake& lake, engine::Session& session,
                                 const engine::ChangeStatement& statement,
                                 const ChangeOptions& options = {});

// Exchanges the rows that `select` names for those that it has, as a MERGE would that had it made.
// It must take hold of no row twice. The table must have no rules of its own (row_rules.h).
Result<ChangeReport> exchange_rows(Lake& lake, engine::Session& session, const TableName& table,
                                   const ChangeSelect& select, const ChangeOptions& options);

}  // namespace claimlake::lake
