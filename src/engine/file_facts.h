#pragma once

#include <duckdb/function/partition_stats.hpp>
#include <memory>

#include "engine/lake_file_list.h"

namespace claimlake::engine {

// What is known of the files of a scan without reading them, one entry per file: how many rows it
// has, and where they are exact the least and the greatest value of a column. From these the
// optimiser answers count(*), min and max. Empty if the rows of a file are not known.
duckdb::vector<duckdb::PartitionStatistics> file_facts(
    const std::shared_ptr<const TableFiles>& table, const LakeFileList& list);

}  // namespace claimlake::engine
