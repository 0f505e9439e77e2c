#pragma once

#include <string_view>
#include <vector>

#include "bronze/raw_rows.h"

namespace claimlake::bronze {

// The fields of one CSV record (RFC 4180), `record` without its line end. Its quotes come out:
// RecordFinder checked that; `quoted` says whether there are any. 16 bytes behind the record can
// be read. Fields are views into `record` or, where a doubled quote was undone, into `arena`.
// An empty field is an empty view, quoted or not.
void split_csv_record(std::string_view record, bool quoted, std::vector<std::string_view>& fields,
                      TextArena& arena);

}  // namespace claimlake::bronze
