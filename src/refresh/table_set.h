#pragma once

#include <set>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "lake/lake.h"
#include "pack/pack.h"
#include "refresh/run_report.h"
#include "store/held_commits.h"

namespace claimlake::refresh {

// The tables of one refresh that are published together (docs/decisions/0012): their versions, and
// what the quarantine holds of them, are committed in a lake of its own that shows them to nobody
// else, until settle() publishes all of them or none. Goes on from refresh to refresh. settle() and
// drop() on one thread, when no table is worked on.
class TableSet {
 public:
  // All outlive this.
  TableSet(lake::Lake& readers, engine::Engine& engine, const pack::Pack& pack);
  TableSet(const TableSet&) = delete;
  TableSet& operator=(const TableSet&) = delete;

  // In which the tables are computed and committed.
  lake::Lake& lake() { return lake_; }

  enum class End {
    kPublished,  // all tables that were built, and what could not be is in the reports
    kKeptBack,   // none, and the reports say so
    kAgain,      // another writer was in the way: what was not published is to be done again
  };
  // Ends a refresh whose tables' `reports` are good but for what this finds.
  End settle(std::vector<TableReport>& reports);
  // Nothing of what is held is ever published. Says so in `reports`, because of `why`.
  void drop(std::vector<TableReport>& reports, const std::string& why);

 private:
  // Writes no checkpoint: readers would take it for the version that is kept back.
  class LogFiles final : public delta::ParquetIo {
   public:
    explicit LogFiles(delta::ParquetIo& inner) : inner_(inner) {}
    Done read_checkpoint(std::string_view path, delta::CheckpointRows rows,
                         const delta::CheckpointSink& sink) override {
      return inner_.read_checkpoint(path, rows, sink);
    }
    Result<std::int64_t> write_checkpoint(std::string_view path,
                                          const delta::CheckpointContent&) override {
      return Error{Fault::kCancelled, "written when the version is published", std::string(path)};
    }

   private:
    delta::ParquetIo& inner_;
  };

  using Commits = std::vector<store::HeldCommits::Commit>;
  void forget(const Commits& dropped, const std::optional<store::HeldCommits::Commit>& unknown);
  void keep_back(std::vector<TableReport>& reports, const TableReport& cause);
  void unpublished(TableReport& report, TableOutcome outcome, std::string why);
  void tend_logs(const Commits& published);

  lake::Lake& readers_;
  store::HeldCommits held_;
  LogFiles log_files_;
  lake::Lake lake_;
};

}  // namespace claimlake::refresh
