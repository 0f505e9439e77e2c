#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/change_statement.h"

namespace claimlake::lake {

// INSERT in words that the engine's parser does not know; without them it does.
//   INSERT OVERWRITE [TABLE | INTO] t [PARTITION (p = v, q)] ...   all rows go, or those of p = v
//   INSERT INTO t PARTITION (p = v, q) ...
//   INSERT INTO t REPLACE WHERE condition ...
struct ReadInsert {
  std::string sql;  // INSERT INTO t ..., as the engine's parser takes it
  engine::ChangeStatement change;
};
// Absent: another statement. Errors: kInvalidInput with the place of what cannot be read.
Result<std::optional<ReadInsert>> parse_insert(std::string_view sql);

}  // namespace claimlake::lake
