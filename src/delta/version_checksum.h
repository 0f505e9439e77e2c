#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "delta/snapshot_impl.h"

namespace claimlake::delta {

// "gold/t/_delta_log/00000000000000000003.crc"
std::string checksum_path(std::string_view table_path, LogVersion version);

// What a version's checksum file says of it: one JSON object (PROTOCOL.md, "Version Checksum
// File"). `txn_id`: of its commit.
std::string version_checksum(const SnapshotImpl& snapshot, std::string_view txn_id);

// What a checksum file says that is not so in `state`, for people: "numFiles is 5 there and 4 in
// the log". Absent if nothing is; so it is for a text that is torn or no checksum, which says
// nothing.
std::optional<std::string> contradiction(std::string_view checksum, const TableState& state);

}  // namespace claimlake::delta
