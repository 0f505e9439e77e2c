#pragma once

#include <string>
#include <vector>

#include "records/book.h"
#include "records/entity.h"

namespace claimlake::serve {

// The columns of `record` as members of a JSON object, without its braces. Money is a number with
// two decimals.
std::string record_members(const records::Record& record);
std::string record_object(const records::Record& record);

// "\"3\"": the ETag of a record is its revision.
std::string etag_of(const records::Record& record);

// The timeline of a claim as a JSON array.
std::string events_json(const std::vector<records::ClaimEvent>& events);

}  // namespace claimlake::serve
