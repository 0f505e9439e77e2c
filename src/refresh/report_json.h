#pragma once

#include <nlohmann/json_fwd.hpp>

#include "refresh/run_report.h"

namespace claimlake::refresh {

// What an ingest or a run did, as commands and the API tell it.
nlohmann::json to_json(const RunReport& report);

}  // namespace claimlake::refresh
