#pragma once

#include "bronze/ingest.h"
#include "pack/pack.h"

namespace claimlake::refresh {

// What Bronze needs to know of a source of the pack.
bronze::BronzeSource bronze_source(const pack::Pack& pack, const pack::Source& source);

}  // namespace claimlake::refresh
