#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "delta/action.h"
#include "delta/schema_change.h"

namespace claimlake::delta {

// The columns that a table is clustered by stand in a domain of its metadata (PROTOCOL.md,
// "Clustered Table"), as paths of the names in files.
inline constexpr std::string_view kClusteringDomain = "delta.clustering";
// Who has clustered a file, in AddFile. Spark's name for what is done here as there: so each goes
// on with the files of the other.
inline constexpr const char* kClusteringProvider = "liquid";
// Tags of a file: with which others it was clustered, and by which columns.
inline constexpr const char* kCubeId = "ZCUBE_ID";
inline constexpr const char* kCubeColumns = "ZCUBE_ZORDER_BY";

// {"clusteringColumns": [["a"], ["s", "b"]]}; a name may stand without its list. Errors: kCorrupt.
Result<std::vector<FieldPath>> parse_clustering(std::string_view configuration);
DomainMetadata clustering_domain(const std::vector<FieldPath>& in_files);

}  // namespace claimlake::delta
