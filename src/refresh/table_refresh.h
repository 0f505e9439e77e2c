#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/cancel.h"
#include "base/progress.h"
#include "engine/engine.h"
#include "lake/lake.h"
#include "pack/model.h"
#include "refresh/ops.h"
#include "refresh/run_report.h"

namespace claimlake::refresh {

// What the refresh of each table needs. All outlive it.
struct TableRefreshContext {
  lake::Lake& lake;
  engine::Session& session;
  Ops& ops;
  const Clock& clock;
  Progress& progress;
  Cancel cancel;
  std::string run;
  Date as_of{};
  bool force = false;
  // A table is brought up to date by key if at most this share of its rows is touched and that was
  // not dearer the last time. 0: never; 1: always, where it can be done.
  double by_key_share = 0;
  // A table that was built by another definition is left as it is (RunOptions::yield).
  bool yield = false;
  std::function<void()> begins = {};  // told when there is something to do; may be empty
  // `yield` does not count for one that was built by this definition.
  std::optional<std::int64_t> built_by = {};
};

// Brings one table up to date, by key (key_refresh.h) or by computing it whole: staged, audited,
// then committed as one version with the versions of its inputs; skipped if nothing that it depends
// on has changed.
// What goes wrong with the table is in the report; the error of this call is that of the run as a
// whole (kCancelled).
Result<TableReport> refresh_table(const TableRefreshContext& context, const pack::Model& model);

}  // namespace claimlake::refresh
