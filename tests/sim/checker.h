#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "editions.h"
#include "engine/engine.h"
#include "lake/lake.h"
#include "oracle.h"
#include "raw_files.h"

namespace claimlake::sim {

// Named as the run in the history of what a person does to tables.
inline constexpr const char* kPerson = "person";

// A reader beside the simulated processes. It holds every version of every table against what it
// was made from, and remembers what it saw: a version must never change. All checks return what is
// wrong, or "".
class Checker {
 public:
  // All outlive this. `store` is the durable one, without faults.
  Checker(store::Store& store, const Clock& clock, Random& random, const RawFiles& raw,
          const Editions& editions);
  ~Checker();

  // Every version that is visible now is whole, and is what its inputs, by the versions that it
  // names, give by the edition of the pack that it names. A person may do anything to rows.
  std::string check_versions();
  // The newest Bronze tables have taken in these contents.
  std::string check_taken(const std::set<std::size_t>& contents);
  // After all is done: every file that is there is taken in, and Silver, Gold and the quarantine
  // are what a recompute from Bronze by `edition` on the day `today` gives.
  std::string check_settled(const Edition& edition, const std::string& today);

  // A person was told that the rule is waived for the claim: that must never be lost.
  void waived(const std::string& key, const std::string& rule) { ++waived_[{key, rule}]; }
  // The same for an environment that was made of main, whose checker outlives this.
  void is_made_of(Checker& main) { main_ = &main; }

  // A person begins to drop this table; who comes to the end of it says so.
  void drops(const std::string& table) {
    if (dropping_ != table) was_there_ = seen_.contains(table);
    dropping_ = table;
  }
  void dropped() {
    forget(dropping_);
    dropping_.clear();
  }
  // The newest versions of Silver and Gold: must not move where nothing changed.
  std::map<std::string, delta::LogVersion> refreshed_versions();
  // What people see, without what tells of the way there: Silver, Gold, the rows that wait.
  std::string visible();

 private:
  using Contents = std::set<std::size_t>;  // indices into RawFiles::contents()
  using Version = delta::LogVersion;

  // One version of a table that was not seen before.
  struct New {
    Version version = 0;
    delta::SnapshotPtr snapshot;
    delta::CommitInfo info;
    bool by_hand() const { return info.run == kPerson; }
    bool same_rows() const;  // what was done changes none
    bool is_clone() const { return info.operation == "CLONE"; }
  };
  // What a refresh says that it was made from.
  struct Origin {
    const Edition* edition = nullptr;
    std::map<std::string, Version> inputs;
    std::string today;
  };
  struct Files {
    std::set<std::string> paths;
    Timestamp committed_at{};
  };

  Result<Table> read(const std::string& table, Version version, const std::string& columns);
  Result<std::vector<BronzeRow>> read_bronze(const std::string& table, const New& at);
  Result<Rows> read_silver(const std::string& table, const New& at);
  Contents taken();  // by both sources, in the newest versions

  std::string check_log_files();
  std::string check_data_files();
  void forget(const std::string& table);
  // Calls `check` with each version of `table` that has not been seen before.
  template <class Check>
  std::string each_new(const std::string& table, const Check& check);
  std::string check_bronze(const std::string& table, Source source, const New& at);
  std::string check_arrivals(const std::string& where, std::vector<BronzeRow> before,
                             const std::vector<BronzeRow>& now, const Contents& fresh);
  std::string check_silver(const std::string& table, const New& at);
  std::string check_gold(const std::string& table, const New& at);
  std::string check_quarantine(const New& at);
  std::string check_waivers(const New& at);
  std::string check_waived() const;
  // A clone that an environment begins with holds what it names in main: `now`, of `versions`.
  template <class Held>
  std::string check_clone(const std::string& table, const New& at, const Held& now,
                          const std::map<std::string, std::map<Version, Held>>& versions);
  Waivers waivers() const;  // that hold in the newest version
  std::string check_refused(const Rows& claims, const Rows& policies, const Terms& terms);
  std::string check_broken_lines(const Contents& contents);
  std::string origin_of(const std::string& table, const New& at, Origin& origin);
  Table gold(const std::string& table, const Origin& origin);

  store::Store& store_;
  const Clock& clock_;
  const RawFiles& raw_;
  const Editions& editions_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<lake::Lake> lake_;
  std::unique_ptr<engine::Session> session_;
  std::map<std::string, Version> seen_;     // newest version by table
  std::map<std::string, std::string> ids_;  // by table
  std::string dropping_;
  bool was_there_ = false;
  std::map<std::string, std::pair<std::string, Timestamp>> log_files_;  // bytes and since, by path
  std::map<std::string, std::map<Version, Files>> files_;               // by table
  // What each version holds.
  std::map<std::string, std::map<Version, std::vector<BronzeRow>>> bronze_;
  std::map<std::string, Contents> taken_;  // by Bronze table
  std::map<std::string, std::map<Version, Rows>> silver_;
  std::map<std::string, std::map<Version, Table>> gold_;
  std::set<std::string> quarantined_;  // ids
  std::map<Version, Waivers> waivers_;
  std::map<std::string, std::vector<std::string>> waiver_rows_;  // that ever were, by id
  std::map<std::pair<std::string, std::string>, int> waived_;    // by claim and rule
  Checker* main_ = nullptr;
};

}  // namespace claimlake::sim
