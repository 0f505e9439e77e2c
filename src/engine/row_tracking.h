#pragma once

#include <string>

#include "delta/snapshot.h"

namespace claimlake::engine {

// Virtual columns of each table: the first id of the file's rows and the version that added the
// file, as the log says; the id and the version that a row has kept from another file, or null.
inline constexpr const char* kRowIdBase = "_row_id_base";
inline constexpr const char* kRowVersionBase = "_row_version_base";
inline constexpr const char* kRowIdKept = "_row_id_kept";
inline constexpr const char* kRowVersionKept = "_row_version_kept";

// The id of a row of table `t`, and the version that wrote it last, in SQL; null in a table that
// does not track rows.
std::string row_id_of(const std::string& t);
std::string row_version_of(const std::string& t);

}  // namespace claimlake::engine
