#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/guarded.h"
#include "base/progress.h"
#include "base/random.h"
#include "bronze/raw_files.h"
#include "engine/engine.h"
#include "lake/lake.h"
#include "pack/pack.h"
#include "refresh/run_report.h"
#include "refresh/upkeep.h"

namespace claimlake::refresh {

class TableSet;

// The definition_number by which tables were built, by name; none where there was no table, or no
// model had built it; and by which ops.models was kept. What could not be read is absent.
using BuiltBy = std::map<std::string, std::optional<std::int64_t>>;
BuiltBy built_by(lake::Lake& lake, const pack::Pack& pack);

// What a pipeline works with. All outlive it.
struct PipelineContext {
  lake::Lake& lake;
  engine::Engine& engine;
  const pack::Pack& pack;
  const Clock& clock;
  Random& random;
  // How many tables are worked on side by side. 1 makes a run repeatable step by step.
  int lanes = 1;
  // What tables that are worked on side by side may read together, in bytes of their files; one
  // that reads more is worked on alone.
  std::int64_t side_by_side_bytes = std::numeric_limits<std::int64_t>::max();
  // A table is brought up to date by key if at most this share of its rows is touched and that was
  // not dearer the last time. 0: never; 1: always, where it can be done.
  double by_key_share = 0;
  // By which definitions the tables were built when `pack` was read: one that has another since was
  // built by who read it later (RunOptions::yield). Empty: not known.
  BuiltBy built_by = {};
  // Whether ops.models has the definitions of `pack`, of all pipelines of a process; or null.
  std::atomic<bool>* definitions_kept = nullptr;
  // Told of each "ingest" and "run" that came to its end, whatever became of it. May be empty.
  std::function<void(const RunReport&, std::string_view kind)> finished = {};
  // Told when work on a table begins, by the threads that do it. May be empty.
  std::function<void(const BegunTable&)> begins = {};
  // Told of each that did not come to its end, why, and which tables had. May be empty.
  std::function<void(const RunReport&, std::string_view kind, const Error&)> broke_off = {};
};

struct IngestOptions {
  const store::Store* raw_store = nullptr;  // where the raw files are
  std::string raw_folder;                   // in that store; "" is its root
  std::string only;                         // one file's name in that folder; empty: all
  // Only these, as they were listed, and the folder is not listed again; null: all that are there.
  const std::vector<bronze::RawFile>* files = nullptr;
  bool record = true;  // in ops.runs; false: the caller does it with record_ingest()
};

struct RunOptions {
  Date as_of{};                     // "today" of models with `clock: day`
  std::vector<std::string> tables;  // only these and what they need; empty: all
  bool force = false;               // rebuild although no input changed
  std::string layer = {};           // only tables of this one, from their inputs as they stand
  // For a process that goes on, which must not undo an edit: a table that another has built by
  // another definition than it had when the pack was read, or when this had it up to date, is left
  // to that one; and so is one that was dropped after its model had ended (definitions.h).
  bool yield = false;
  // Told at once of each table that failed or was refused, before the run ends: by one thread at a
  // time. May be empty. With `publish: together` another attempt may follow.
  std::function<void(const TableReport&)> fails = {};
};

// Shows the views and functions of `pack` in `lake`. Touches no table.
void show_views(lake::Lake& lake, const pack::Pack& pack);

// Raw files to Bronze, Bronze to Silver and Gold. One run at a time per process; several processes
// may run over one lake (commits are optimistic). One thread at a time, but for `cancel`.
class Pipeline {
 public:
  Pipeline(PipelineContext context, Progress& progress, Cancel cancel);
  ~Pipeline();

  // Creates the tables that the pack's models read and nothing has written yet (empty Bronze), adds
  // the columns that they lack, and shows the pack's views and functions. Cheap when all is there.
  Done prepare();
  // Takes in every raw file that is new by content. A file that cannot be read is reported and
  // does not stop the others.
  Result<RunReport> ingest(const IngestOptions& options);

  // Adds what an ingest did to ops.runs, if it was told not to.
  Done record_ingest(const RunReport& report);

  // Brings Silver and Gold up to date. A table whose rules or SQL fail keeps its last version.
  Result<RunReport> run(const RunOptions& options);

  // Keeps in ops.models by what tables are built from now on; run() does it first, too.
  Done keep_definitions();
  // Pays the debt of small commits (upkeep.h; `hurry` may be empty), then makes the key indexes
  // that the next refresh will ask for (index_upkeep.h), unless other work waits.
  Result<std::vector<Upkeep>> keep_up(const std::function<bool()>& hurry = {});

  // Stops the query that runs, so that `cancel` is noticed soon. From any thread.
  void interrupt();

 private:
  class Running;
  struct Run;
  Done prepare_bronze(const pack::Model& model);
  Result<std::unique_ptr<engine::Session>> open_session();
  Result<engine::Session*> session_of(const pack::Model& model);
  // Does one source, or one model, of a run. What goes wrong is in the report, or ends the run.
  Result<TableReport> ingest_source(const IngestOptions& options, const pack::Source& declared,
                                    const RunReport& of, bool& matched);
  Done refresh_models(Run& run);
  Done refresh_together(Run& run);
  Result<TableReport> refresh_model(const RunOptions& options, const pack::Model& model,
                                    const RunReport& of);
  std::int64_t input_bytes(const pack::Model& model) const;  // as stored; 0 where not known
  // For `begins` of what works on one table; tells of it once. Empty where nobody listens.
  std::function<void()> begins(const RunReport& report, const char* kind, std::string table) const;
  // Tells of a run that ends with `error`, and returns that.
  Error broken_off(const RunReport& report, const char* kind, Error error) const;
  Error no_raw_files(const IngestOptions& options) const;

  PipelineContext context_;
  Progress& progress_;
  Cancel cancel_;
  bool definitions_kept_ = false;
  std::unique_ptr<TableSet> set_;  // where the pack publishes the tables of a run together
  // By model: what its refresh asks again and again is planned once in a session.
  Guarded<std::map<std::string, std::unique_ptr<engine::Session>>> sessions_;
  std::map<std::string, double> seconds_;        // what each table took when it was worked on last
  Guarded<std::set<engine::Session*>> running_;  // the sessions of run(), while it runs
  Guarded<std::set<std::string>> ours_;          // tables that were up to date by our definitions
};

}  // namespace claimlake::refresh
