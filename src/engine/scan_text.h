#pragma once

#include <duckdb/common/insertion_order_preserving_map.hpp>
#include <string>

#include "engine/lake_file_list.h"
#include "engine/scan_counter.h"

namespace claimlake::engine {

// What EXPLAIN says of a scan: which files, how much, and why not the others.
duckdb::InsertionOrderPreservingMap<std::string> describe_plan(const LakeFileList& list);
// What EXPLAIN ANALYZE says of it.
duckdb::InsertionOrderPreservingMap<std::string> describe_outcome(const LakeFileList& list,
                                                                  const ScanCounter& counter);

}  // namespace claimlake::engine
