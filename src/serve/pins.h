#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "lake/lake.h"
#include "pack/pack.h"
#include "refresh/stale.h"
#include "serve/mirror.h"

namespace claimlake::serve {

// The committed versions that one answer is read from: each table at exactly one version, or known
// to have none yet. A value.
class Pins {
 public:
  void add(const std::string& table, delta::SnapshotPtr snapshot) {
    tables_[table] = std::move(snapshot);
  }
  // Null if the table has no version. CHECKs that the table is pinned.
  const delta::SnapshotPtr& snapshot(std::string_view table) const;
  const std::map<std::string, delta::SnapshotPtr, std::less<>>& tables() const { return tables_; }
  // Which tables are older than they should be.
  void set_stale(std::shared_ptr<const refresh::StaleList> stale) { stale_ = std::move(stale); }
  // Schema Stale of the contract, or "null".
  std::string stale_json(std::string_view table) const;
  // Those of the pinned tables, as an array.
  std::string stale_json() const;
  // One text for all these versions; it differs for the same versions of another lake.
  std::string data_version() const;
  // Schema Meta of the contract.
  std::string meta_json() const;

 private:
  std::map<std::string, delta::SnapshotPtr, std::less<>> tables_;
  std::shared_ptr<const refresh::StaleList> stale_;  // null: none
};

// Pins versions. What is newest is looked up at most every `kMaxAge` per table, so that a busy
// server does not list folders for each request; so old may an answer be. Thread-safe.
class Pinner {
 public:
  static constexpr std::chrono::milliseconds kMaxAge{200};

  // All outlive this.
  Pinner(lake::Lake& lake, const Clock& clock) : lake_(lake), clock_(clock) {}

  Result<Pins> newest(const std::vector<std::string>& tables);
  // Exactly these versions; a negative one stands for a table without any.
  // Errors: kNotFound if one of them is not there any more.
  Result<Pins> at(const std::map<std::string, delta::LogVersion>& versions);
  // Every table of the lake, ascending by name.
  std::vector<std::string> all_tables();

 private:
  struct Seen {
    delta::SnapshotPtr snapshot;
    std::chrono::steady_clock::time_point at;
  };
  struct State {
    std::map<std::string, Seen> newest;
    std::vector<std::string> tables;
    std::optional<std::chrono::steady_clock::time_point> tables_at;
  };
  Result<delta::SnapshotPtr> newest(const std::string& table);

  lake::Lake& lake_;
  const Clock& clock_;
  Guarded<State> state_;
};

// What stands for `table` in a FROM clause: the pinned version, or, where there is none yet, no
// rows of the columns that it will have.
class Relations {
 public:
  // All outlive this.
  Relations(const Pins& pins, const pack::Pack& pack, Mirror& mirror, Mirror::Copies copies)
      : pins_(pins), pack_(pack), mirror_(mirror), copies_(copies) {}
  // For what is asked often: a copy in memory, where the table is small.
  std::string operator()(std::string_view table) const;
  // The same with these columns only.
  std::string columns(std::string_view table, std::string_view columns) const;
  // For what is asked once for each version: the table itself.
  std::string in_place(std::string_view table) const;

 private:
  const Pins& pins_;
  const pack::Pack& pack_;
  Mirror& mirror_;
  const Mirror::Copies copies_;
};

}  // namespace claimlake::serve
