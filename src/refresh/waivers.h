#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "engine/engine.h"
#include "lake/lake.h"
#include "pack/pack.h"
#include "refresh/fingerprint.h"

namespace claimlake::refresh {

// Refused rows that a person lets in (docs/formats/quarantine.md). A waiver is an input of its
// table: the next refresh takes the row in, and takes it out again when the waiver is withdrawn.

// The version of ops.waivers that changed those of the model's table last: what it is computed
// from. Absent: nothing of it was ever waived.
Result<std::optional<InputVersion>> waivers_version(lake::Lake& lake, const pack::Model& model);
// The same of this version of ops.waivers, which may be null.
std::optional<InputVersion> waivers_version(const delta::SnapshotPtr& waivers,
                                            const pack::Model& model);

// The key of the table, as a SELECT list over `relation`, rows of ops.quarantine.
std::string key_of_refused(const pack::Model& model, std::string_view relation);
// A SELECT of the keys of rows of which `changed`, rows of ops.waivers, says something; with a null
// where a key cannot be told.
std::string keys_of_waivers(const pack::Model& model, std::string_view changed);

// All outlive it.
struct WaiverContext {
  lake::Lake& lake;
  engine::Session& session;  // kInternal
  const pack::Pack& pack;
  const Clock& clock;
  Random& random;
};

struct WaiverRequest {
  std::string table;
  std::vector<std::string> keys;   // as the quarantine has them; or a quarantine_id
  std::vector<std::string> rules;  // empty: all that refuse the row, or are waived for it
  std::string by;
  std::string why;
};

// A refused row and what was said of it.
struct WaiverChange {
  std::string quarantine_id;
  std::string key;                         // "" if it has none
  std::vector<std::string> rules;          // that are waived now, or were withdrawn
  std::vector<std::string> still_refuses;  // rules that keep it out all the same
};

// Waives rules for refused rows, all of them or none. Errors, with what to do next: kInvalidInput
// (no reason given; the row does not break the rule, or the rule takes no row out), kNotFound (no
// such table, row or rule), kConflict (the row is refused no more or is waived already; others
// write all the time).
Result<std::vector<WaiverChange>> waive(const WaiverContext& context, const WaiverRequest& request);

// Takes waivers back. Errors: kInvalidInput (no reason given), kNotFound (none holds).
Result<std::vector<WaiverChange>> withdraw(const WaiverContext& context,
                                           const WaiverRequest& request);

// The model of a table whose rules may take rows out of it. Errors: kNotFound, kInvalidInput.
Result<const pack::Model*> refusing_model(const pack::Pack& pack, const std::string& table);

}  // namespace claimlake::refresh
