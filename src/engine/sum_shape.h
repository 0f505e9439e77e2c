#pragma once

#include <duckdb/parser/statement/select_statement.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/sum_over.h"

namespace claimlake::engine {

using TableColumns = std::map<std::string, std::vector<std::string>>;

// Session::sums_of, read from the parsed statement.
std::optional<std::vector<SumOver>> sums_of(duckdb::SelectStatement& select,
                                            const TableColumns& columns);

}  // namespace claimlake::engine
