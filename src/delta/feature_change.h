#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "delta/action.h"

namespace claimlake::delta {

// Features of a table that are added and dropped by hand.

// The start of a property that asks for a feature by name: delta.feature.deletionVectors =
// 'supported'. It is never kept in the table.
inline constexpr std::string_view kFeatureProperty = "delta.feature.";

// The features that `properties` ask for. Errors: kInvalidInput: one that is not known, or that we
// could not write a table with; another value than 'supported' or 'enabled'.
Result<std::vector<std::string>> asked_features(
    const std::map<std::string, std::string>& properties);
// The properties that are kept: without those, and with those that put such a feature to use.
std::map<std::string, std::string> without_asked_features(
    std::map<std::string, std::string> properties);

// `protocol` with the feature, and with what that requires.
Protocol with_feature(Protocol protocol, std::string_view feature);
// Without it, and by version numbers again where those say the same.
Protocol without_feature(Protocol protocol, std::string_view feature);

// How a feature goes.
struct FeatureDrop {
  Metadata metadata;          // with which the table does not use it any more
  bool all_files = false;     // which must be written anew for that
  bool vector_files = false;  // only those with deletion vectors
  bool names_change = false;  // the files get other names of columns
  bool in_history = false;    // readers must know it, for versions that use it
  bool row_ids = false;       // files lose those of their rows
  std::string domain = {};    // of the metadata, that goes with it
};
// Errors: kInvalidInput: the table has no such feature, or cannot be without it, and what to do.
Result<FeatureDrop> feature_drop(std::string_view feature, const Protocol& protocol,
                                 const Metadata& metadata, const Schema& schema);

// True if a reader that does not know the feature would get the action wrong.
bool needs_feature(std::string_view feature, const Action& action);

}  // namespace claimlake::delta
