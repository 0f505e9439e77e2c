#include "serve/mirror.h"

#include <fmt/format.h>

#include "base/text.h"

namespace claimlake::serve {

bool Mirror::is_small(const delta::Snapshot& snapshot) {
  return snapshot.row_count().value_or(kRowsMax + 1) <= kRowsMax &&
         snapshot.files_bytes() <= kBytesMax;
}

std::string relation_in_place(std::string_view table, const delta::Snapshot& snapshot) {
  // In brackets, for the engine takes an alias only before AT, and callers add one behind.
  return fmt::format("(FROM lake.{} AT (VERSION => {}))", table, snapshot.version());
}

std::string Mirror::relation(std::string_view table, std::string_view columns,
                             const delta::Snapshot& snapshot, Copies copies) {
  const std::string original =
      fmt::format("(SELECT {} FROM {})", columns, relation_in_place(table, snapshot));
  if (!is_small(snapshot)) return original;
  const std::string copy =
      "temp." + sql_identifier(fmt::format("mirror of {}, {}", table, columns));
  // Version numbers begin again when a table is made anew.
  const std::string identity = fmt::format("{} {}", snapshot.metadata().id, snapshot.version());
  const auto known = copies_.find(copy);
  if (known != copies_.end() && known->second == identity) return copy;
  if (copies == Copies::kKept) return original;
  if (known != copies_.end()) copies_.erase(known);
  // A copy only saves time: without memory for it the table is read where it is.
  if (!session_.execute(
          fmt::format("CREATE OR REPLACE TEMP TABLE {} AS {}", copy.substr(5), original))) {
    return original;
  }
  copies_.emplace(copy, identity);
  return copy;
}

}  // namespace claimlake::serve
