#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "lake/lake.h"

namespace claimlake::refresh {

// A table of an environment, or of main.
struct EnvironmentTable {
  std::string table;
  bool shared = false;  // all of its files are those of main, and all of its rows
  std::int64_t files = 0;
  std::int64_t own_files = 0;
  std::int64_t own_bytes = 0;
  std::int64_t shared_bytes = 0;
};

// Gives the environment that `lake` is, which has no table yet, a shallow clone of every table of
// main. No row is read and no data file written. A table that was up to date with its inputs in
// main is so in the environment: its positions name the versions of the clones. One that was not,
// or that a commit overtook meanwhile, is computed by the next run. `session`: kInternal, of an
// engine that shows `lake`. Errors: kNotFound: main has no table; a table of main cannot be read.
Result<std::vector<EnvironmentTable>> clone_main(lake::Lake& lake, engine::Session& session,
                                                 const std::string& run);

// The tables that an environment has by now.
Result<std::vector<EnvironmentTable>> environment_tables(lake::Lake& lake);

}  // namespace claimlake::refresh
