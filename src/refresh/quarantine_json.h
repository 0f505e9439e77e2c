#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "refresh/recheck.h"
#include "refresh/waivers.h"

namespace claimlake::refresh {

// Refused rows and what people said of them, as commands and the API tell it.

// The rows are of `table`.
nlohmann::json to_json(const std::vector<RecheckedRow>& rows, const std::string& table);
nlohmann::json to_json(const std::vector<WaiverChange>& changes, const WaiverRequest& request);

}  // namespace claimlake::refresh
