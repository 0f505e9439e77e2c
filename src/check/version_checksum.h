#pragma once

#include <string>
#include <string_view>

#include "check/findings.h"
#include "check/table_log.h"

namespace claimlake::check {

// Holds the text of a version's .crc file against what the log says of that version.
void check_version_checksum(std::string_view text, const std::string& path, const TableLog& log,
                            Findings& findings);

}  // namespace claimlake::check
