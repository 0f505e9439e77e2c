#pragma once

#include <string>

#include "engine/engine.h"

namespace claimlake::engine {

// All cells of the rows of `query`, each followed by a blank; or the error's text.
inline std::string cells(Session& session, const std::string& query,
                         const std::string& null = "null") {
  const auto found = session.query(query);
  if (!found) return found.error().text();
  const auto table = read_all(**found);
  if (!table) return table.error().text();
  std::string out;
  for (const auto& row : table->rows) {
    for (const auto& cell : row) out += cell.value_or(null) + " ";
  }
  return out;
}

}  // namespace claimlake::engine
