#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/object_service.h"

namespace claimlake::store {

// The XML that Azure Blob storage answers. Every function survives any bytes.

// List Blobs. Errors: kCorrupt.
Result<Listing> parse_azure_list(std::string_view xml);
// The code in an <Error>, or "".
std::string parse_azure_error_code(std::string_view xml);
// The request of Put Block List.
std::string azure_blocks_xml(const std::vector<std::string>& block_ids);

}  // namespace claimlake::store
