#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "lake/lake.h"
#include "statement.h"
#include "writer.h"

namespace claimlake::model {

// A statement that was given to a writer.
struct Issued {
  enum class State {
    kRunning,
    kDone,     // it says that it is done
    kRefused,  // it says that it is not
    kUnknown,  // the answer was lost, or its process died: done or not
  };
  StatementPtr statement;
  State state = State::kRunning;
  delta::LogVersion newest_before = -1;      // when it started
  std::optional<delta::LogVersion> version;  // that it made; of a VACUUM: its start
  bool ended = false;                        // a VACUUM: there is its end too
};

// Holds the table in the store against the model: what statements say must be so, each version must
// be what its statement makes of a version before it, in an order that the isolation level allows,
// and no version may change afterwards. All checks return what is wrong, or "".
class Checker {
 public:
  // `store` is the durable one, without faults. All outlive this.
  Checker(store::Store& store, const Clock& clock, Random& random);
  ~Checker();

  void start(const std::string& run, StatementPtr statement);
  // Looks at what `answer` says and at the table.
  std::string end(const std::string& run, const Answer& answer);
  // No request is on its way any more: what is not there by now must not come.
  std::string all_arrived();
  // Reads each version again, as a process that has just started.
  std::string check_all();

  const Table& newest() const { return newest_version() < 0 ? nothing_ : versions_.back().table; }
  delta::LogVersion newest_version() const {
    return static_cast<delta::LogVersion>(versions_.size()) - 1;
  }
  bool is_kept(delta::LogVersion version) const;

 private:
  struct Version {
    Table table;
    Issued* by = nullptr;
    delta::LogVersion read = -1;
    Timestamp time;
  };
  struct Reader;

  Past past() const;
  const Table& table(delta::LogVersion version) const;
  std::string observe();
  std::string add(const delta::Log::HistoryEntry& entry);
  std::string check_version(Reader& reader, delta::LogVersion version);
  std::string check_issued(const Issued& issued, const delta::Log::HistoryEntry& entry) const;
  std::string check_changes(const Version& version, const Table& before);
  std::string check_metrics(const Version& version, const delta::CommitInfo& info) const;
  std::optional<Table> explain(const Version& version, const std::vector<std::string>& found) const;
  std::string judge(Issued& issued, const Answer& answer);

  store::Store& store_;
  const Clock& clock_;
  Random& random_;
  std::unique_ptr<Reader> reader_;
  std::map<std::string, Issued> issued_;  // by run
  std::vector<Version> versions_;
  const Table nothing_;
  // Files that were removed before this may be vacuumed.
  Timestamp vacuumed_before_{};
};

}  // namespace claimlake::model
