#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "lake/lake.h"
#include "pack/pack.h"

namespace claimlake::refresh {

// What the present rules, parents, inputs and waivers say of refused rows, without a refresh.

enum class Recheck {
  kRefused,   // its rules keep it out still
  kGoesIn,    // the next refresh takes it in
  kIsWaived,  // likewise, because a person let it in
  kIsGone,    // the inputs have no such row any more
};
const char* recheck_name(Recheck outcome);  // "refused", "goes in", "waived", "gone"

struct RecheckedRow {
  std::string quarantine_id;
  std::string key;     // "" if it has none
  std::string rules;   // that it breaks now, parted by commas
  std::string reason;  // why it is refused; what it broke where it is not any more
  Recheck outcome = Recheck::kRefused;
};

// All outlive it.
struct RecheckContext {
  lake::Lake& lake;
  engine::Session& session;  // kInternal
  const pack::Pack& pack;
  const Clock& clock;
  Date as_of{};  // "today" of models with `clock: day`
};
// Which refused rows of `table`; empty keys and rule: all.
struct RecheckRequest {
  std::string table;
  std::vector<std::string> keys;  // as the quarantine has them; or a quarantine_id
  std::string rule;               // that they broke
  std::int64_t rows_max = std::numeric_limits<std::int64_t>::max();  // in the answer
};
struct Rechecked {
  std::vector<RecheckedRow> rows;          // the first by their keys, rows_max at most
  std::map<Recheck, std::int64_t> counts;  // of all that were judged

  bool any_changes() const;  // some row is refused no more
};

// Judges refused rows again. Interrupting the session ends it (kCancelled). Errors: kNotFound (no
// such table, row or rule), kConflict (a row that was asked for is refused no more), kInvalidInput
// (the table's rules take no rows out).
Result<Rechecked> recheck(const RecheckContext& context, const RecheckRequest& request);

}  // namespace claimlake::refresh
