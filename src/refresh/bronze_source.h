#pragma once

#include <vector>

#include "bronze/ingest.h"
#include "pack/pack.h"

namespace claimlake::refresh {

// Columns as the engine wants them.
std::vector<engine::ColumnInfo> columns_of(const std::vector<pack::ColumnDoc>& docs);

// What Bronze needs to know of a source of the pack.
bronze::BronzeSource bronze_source(const pack::Pack& pack, const pack::Source& source);

}  // namespace claimlake::refresh
