#pragma once

#include <memory>

#include "delta/parquet_io.h"
#include "engine/instance.h"

namespace claimlake::engine {

// Checkpoints read and written by DuckDB. `instances` outlives the result. Thread-safe: each call
// takes its own connection from instances.current().
std::unique_ptr<delta::ParquetIo> make_delta_parquet(Instances& instances);

}  // namespace claimlake::engine
