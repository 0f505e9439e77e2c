#include "serve/mirror.h"

#include <fmt/format.h>

#include "base/text.h"

namespace claimlake::serve {

std::string Mirror::relation(std::string_view table, const delta::Snapshot& snapshot,
                             Copies copies) {
  // In brackets, for the engine takes an alias only before AT, and callers add one behind.
  const std::string original =
      fmt::format("(FROM lake.{} AT (VERSION => {}))", table, snapshot.version());
  const bool is_small = snapshot.row_count().value_or(kRowsMax + 1) <= kRowsMax &&
                        snapshot.files_bytes() <= kBytesMax;
  if (!is_small) return original;
  const std::string copy = "temp." + sql_identifier("mirror of " + std::string(table));
  // Version numbers begin again when a table is made anew.
  const std::string identity = fmt::format("{} {}", snapshot.metadata().id, snapshot.version());
  const auto known = copies_.find(table);
  if (known != copies_.end() && known->second == identity) return copy;
  if (copies == Copies::kKept) return original;
  if (known != copies_.end()) copies_.erase(known);
  // A copy only saves time: without memory for it the table is read where it is.
  if (!session_.execute(fmt::format("CREATE OR REPLACE TEMP TABLE {} AS SELECT * FROM {}",
                                    copy.substr(5), original))) {
    return original;
  }
  copies_.emplace(table, identity);
  return copy;
}

}  // namespace claimlake::serve
