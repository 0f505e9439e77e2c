#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "check/findings.h"
#include "check/json.h"
#include "delta/action.h"

namespace claimlake::check {

// One action as it stands in a log entry or in a checkpoint.
struct RawAction {
  std::string kind;  // "add", "protocol", ...
  Json body;
};

// Where an action of this kind may stand.
enum class Place { kCommit, kCheckpoint };

// The action in one line. Absent if there is none to go on with; says why in `findings`.
// An action of a kind that the protocol does not know is absent too.
std::optional<RawAction> read_line(std::string_view line, const std::string& where, Place place,
                                   Findings& findings);
// Whether an action of this kind may stand there; says in `findings` if not.
bool check_kind(const std::string& kind, const std::string& where, Place place, Findings& findings);
// Whether the action has what the protocol asks for; says in `findings` what it has not.
bool check_fields(const RawAction& action, const std::string& where, Findings& findings);

// Actions whose fields were checked, as values.
delta::AddFile add_of(const Json& body);
delta::RemoveFile remove_of(const Json& body);
delta::CdcFile cdc_of(const Json& body);

}  // namespace claimlake::check
