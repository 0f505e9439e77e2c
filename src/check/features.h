#pragma once

#include <set>
#include <string>

#include "check/findings.h"
#include "check/json.h"

namespace claimlake::check {

// What the table's protocol declares against what the table uses. Written from the protocol's text,
// apart from delta/features.h, which decides what this program does.

// The features that the properties of a table ask for.
std::set<std::string> features_of_properties(const Json& metadata);

// Whether the versions and the lists of `protocol` fit together.
void check_protocol(const Json& protocol, const std::string& where, Findings& findings);

// Whether `protocol` has the feature, by name or by its versions.
bool declares(const Json& protocol, const std::string& feature);

}  // namespace claimlake::check
