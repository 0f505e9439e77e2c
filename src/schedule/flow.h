#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "lake/lake.h"
#include "pack/pack.h"
#include "refresh/stale.h"

namespace claimlake::schedule {

// What flows through one table.
struct TableFlow {
  std::string table;
  std::string layer;
  std::optional<delta::LogVersion> version;  // absent: none yet
  std::optional<Timestamp> committed_at;
  std::int64_t rows = 0;                   // that it holds
  std::int64_t rows_in = 0;                // written since the first look
  std::int64_t waiting = 0;                // rows of its inputs that it has not taken in
  std::optional<Timestamp> waiting_since;  // the oldest commit of these
  std::int64_t refused = 0;                // its rows in quarantine
  std::string problem;                     // why it cannot be read
  std::optional<refresh::Stale> stale;     // if it is older than it should be

  // How far it is behind its inputs.
  std::chrono::microseconds lag(Timestamp now) const;
};

// Looks at the tables of a lake again and again and tells what flows, whoever moves it. What it
// says comes from the logs alone. One thread at a time.
class Flow {
 public:
  // All outlive this.
  Flow(lake::Lake& lake, engine::Engine& engine, const pack::Pack& pack)
      : lake_(lake), engine_(engine), pack_(pack), stale_(lake, engine, pack) {}

  // All tables in the order of the pack. Costs new commits only.
  std::vector<TableFlow> look();

 private:
  struct Seen {
    delta::LogVersion version = -1;
    std::int64_t rows_in = 0;
  };
  // Rows that the commits behind `since`, at most to the newest, changed, and the first one's time.
  struct Commits {
    std::int64_t rows = 0;
    std::optional<Timestamp> first;
  };
  Commits commits_after(const lake::TableName& name, delta::LogVersion since,
                        delta::LogVersion newest);
  void add_waiting(const pack::Model& model, const delta::Snapshot& table, TableFlow& flow);
  void look_at_quarantine();

  lake::Lake& lake_;
  engine::Engine& engine_;
  const pack::Pack& pack_;
  refresh::StaleTables stale_;
  bool first_ = true;
  std::map<std::string, Seen> seen_;
  std::optional<delta::LogVersion> quarantine_version_;
  std::map<std::string, std::int64_t> refused_;
};

}  // namespace claimlake::schedule
