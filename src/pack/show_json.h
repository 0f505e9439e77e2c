#pragma once

#include <nlohmann/json_fwd.hpp>

#include "pack/show.h"

namespace claimlake::pack {

// What a model is, as commands and the API tell it: header, columns, rules, SQL, what it reads and
// what reads it.
nlohmann::json to_json(const ModelDetail& detail);

}  // namespace claimlake::pack
