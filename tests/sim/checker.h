#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "lake/lake.h"
#include "oracle.h"
#include "raw_files.h"

namespace claimlake::sim {

// A reader beside the simulated processes. It holds every version of every table against the raw
// files, and remembers what it saw: a version must never change. All checks return what is wrong,
// or "".
class Checker {
 public:
  // All outlive this. `store` is the durable one, without faults.
  Checker(store::Store& store, const Clock& clock, Random& random, const RawFiles& raw);
  ~Checker();

  // Every version that is visible now is whole, and is one that its inputs explain.
  std::string check_versions();
  // The newest Bronze tables hold these contents.
  std::string check_taken(const std::set<std::size_t>& contents);
  // After all is done: every file that is there is taken in, and Silver, Gold and the quarantine
  // are what a recompute from the raw rows of all files that were taken in gives.
  std::string check_settled();

  // The newest versions of Silver and Gold: must not move where nothing changed.
  std::map<std::string, delta::LogVersion> refreshed_versions();

 private:
  using Contents = std::set<std::size_t>;  // indices into RawFiles::contents()
  using Version = delta::LogVersion;

  Result<Table> read(const std::string& table, Version version, const std::string& columns);
  std::vector<const Content*> of(const Contents& contents) const;
  Contents taken();  // of both sources, in the newest versions

  std::string check_log_files();
  // Calls `check` with each version of `table` that has not been seen before.
  template <class Check>
  std::string each_new(const std::string& table, const Check& check);
  std::string check_bronze(const std::string& table, Source source, Version version);
  std::string check_silver_policies(Version version);
  std::string check_silver_claims(Version version);
  std::string check_policy_totals(Version version);
  std::string check_plan_totals(Version version);
  std::string check_quarantine(Version version);
  std::string check_refused(const Contents& contents);
  std::string check_broken_lines(const Contents& contents);
  // The position that the version carries of `input`; negative if none.
  Version position(const std::string& table, Version version, const std::string& input);

  store::Store& store_;
  const RawFiles& raw_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<lake::Lake> lake_;
  std::unique_ptr<engine::Session> session_;
  std::map<std::string, Version> seen_;           // newest version by table
  std::map<std::string, std::string> log_files_;  // bytes by path
  std::set<std::string> data_files_;              // that some version needs
  std::map<std::string, std::map<Version, Contents>> bronze_;
  std::map<Version, Newest> policies_, claims_;
  std::map<Version, PolicyTotals> totals_;
  std::set<std::string> quarantined_;  // ids
};

}  // namespace claimlake::sim
