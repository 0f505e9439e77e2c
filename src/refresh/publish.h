#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "delta/action.h"
#include "delta/snapshot.h"
#include "lake/table_name.h"
#include "pack/model.h"
#include "quality/audit.h"
#include "refresh/fingerprint.h"
#include "refresh/table_refresh.h"

namespace claimlake::refresh {

// What all ways of bringing a table up to date say when they commit.

using Inputs = std::map<std::string, InputVersion>;  // by table

inline lake::TableName name_of(const pack::Model& model) { return {model.schema, model.table}; }

// The relation of the waivers that are among the inputs; "" if none are (waivers.h).
std::string waivers_in(const Inputs& inputs);

// The refused rows of a table: how many there are, and the state (fingerprint.h) in which it was
// when the quarantine last got them.
struct Refused {
  std::int64_t rows = 0;
  std::int64_t kept_in = 0;
};
// The positions of a table that is computed from `inputs` and so is in `state`.
std::vector<delta::Txn> positions_of(const pack::Model& model, const Inputs& inputs,
                                     std::int64_t state, const Refused& refused);
// In which state the quarantine must hold the refused rows of `table`, which is in `state`.
std::int64_t kept_in(const delta::Snapshot& table, std::int64_t state);

// What the history says of it. `way` begins with kByKey or kWhole; `seconds`: what it took.
inline constexpr std::string_view kByKey = "by key";
inline constexpr std::string_view kWhole = "whole";
// In how many parts the rows of a table were computed as a whole, as they did not fit in memory at
// once, and how much that is, as the engine says it.
struct InParts {
  int parts = 1;
  std::string memory = {};
};
struct Doing {
  std::string way;
  double seconds = 0;
  quality::Tally tally;
  bool compared = true;  // rows that were as they had been stayed
  InParts in_parts = {};
};
std::map<std::string, std::string> history_of(const TableRefreshContext& context,
                                              const pack::Model& model, const Inputs& inputs,
                                              const Doing& doing);
// Where a table was built as a whole after it was tried by key: what that took, in its history.
inline constexpr const char* kByKeySeconds = "byKeySeconds";
std::string seconds_text(double seconds);
// Likewise, where that went wrong: the definition of the model, in its history.
inline constexpr const char* kByKeyFailed = "byKeyFailed";
// How the reason begins then.
inline constexpr std::string_view kByKeyFails = "by key it fails";
inline constexpr const char* kParts = "parts";
inline constexpr const char* kPartsMemory = "memory";
// Where the rows of the touched keys were exchanged whether they differ or not, in its history.
inline constexpr const char* kExchanged = "exchanged";
// To compare so many rows with those of the table costs more than to write those that are the same.
inline constexpr std::int64_t kManyKeys = 256;
// The as-of date of a table with `clock: day`, in its history.
inline constexpr const char* kAsOf = "asOf";

double seconds_since(const Clock& clock, std::chrono::steady_clock::time_point start);

// What the history of a table tells of how it was kept up to date.
struct Past {
  std::string way = {};  // of the last refresh: "by key (3 touched)"; "" if none is known
  bool by_hand = false;  // somebody changed its rows after its last refresh
  std::optional<quality::Tally> tally = {};  // of its last refresh
  std::optional<Date> as_of = {};            // its day, where the model has `clock: day`
  // How long its last refresh of each kind took, without the commit; absent if it is long ago.
  std::optional<double> by_key_seconds = {};
  std::optional<double> whole_seconds = {};
  InParts in_parts = {};  // of the last time as a whole
  // How often by key went wrong since it went well, by this definition, and how often the table was
  // built as a whole without trying since.
  int by_key_failures = 0;
  int builds_since_failure = 0;
  // What it took by key of late, the newest first, and how many keys were touched.
  struct ByKey {
    std::int64_t keys = 0;
    double seconds = 0;
    std::optional<std::int64_t> changed = {};  // rows; absent if they were not compared
  };
  std::vector<ByKey> by_key = {};
  std::vector<ByKey> by_day = {};  // likewise, when the day had turned

  // Why a change of so many keys, or a turn of the day that touches so many, is dearer by key than
  // the table as a whole, as measured, or would but fail once more; "" if it is not known to be.
  std::string dearer(std::int64_t keys, bool by_turn) const;
  // How many more builds as a whole come before by key is tried again; 0: it is tried. Twice as
  // many after each further failure.
  int builds_before_by_key() const;
  // Whether, when rows of many keys were compared last, nearly all were other ones. That is long
  // ago at times, and then it is not known.
  bool nearly_all_change() const;
};
// `version`: as far as it goes; absent: to the newest.
Result<Past> past_of(lake::Lake& lake, const pack::Model& model,
                     std::optional<delta::LogVersion> version = {});

// The date on which the result depends, as part of its state; "" where it does not.
std::string date_of(const TableRefreshContext& context, const pack::Model& model);

// Why an audit that fails does, for people.
std::string why_refused(const quality::Audit& audit);

}  // namespace claimlake::refresh
