#pragma once

#include <string>

#include "base/result.h"
#include "delta/action.h"

namespace claimlake::delta {

// A table that is dropped says so in the properties of its newest version, until its files are gone
// (docs/decisions/0006-dropping-a-table.md).
constexpr const char* kDropped = "claimlake.dropped";

bool is_dropped(const Metadata& metadata);

// `metadata` with that said, and without what would keep the rows from going.
Metadata marked_dropped(Metadata metadata);

// What is said to whoever asks for a table of which a DROP has left something: kNotFound.
Error dropped_error(std::string table_path);

}  // namespace claimlake::delta
