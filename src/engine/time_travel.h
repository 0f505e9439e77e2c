#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace claimlake::engine {

// The statement with each `t VERSION AS OF 3 [AS] a` and `t TIMESTAMP AS OF '2026-01-31'`, as Spark
// and Trino (FOR VERSION AS OF) write them, in the engine's words: `t AS a AT (VERSION => 3)`.
// Absent if it has none. Texts, quoted names and comments are left alone; a time without a zone is
// in UTC.
std::optional<std::string> with_at_clauses(std::string_view sql);

}  // namespace claimlake::engine
