#pragma once

#include <nlohmann/json_fwd.hpp>

#include "pack/lineage.h"
#include "refresh/why.h"

namespace claimlake::refresh {

// Why a row is as it is, as commands and the API tell it; `table` is the lineage of its table.
nlohmann::json to_json(const Why& why, const pack::TableLineage& table);

// The values of a key, in the order of its columns, from one text: several columns are parted by
// commas, and the key of one column may hold them. Checks nothing.
std::vector<std::string> key_values(const pack::Pack& pack, const std::string& table,
                                    const std::string& text);

}  // namespace claimlake::refresh
