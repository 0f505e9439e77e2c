#pragma once

#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace claimlake::store {

// Reads `xml` whose root element is `root`, whatever its namespace. Errors: kCorrupt.
Result<pugi::xml_node> parse_xml(std::string_view xml, const char* root, pugi::xml_document& out);

// The text of the child element `name`, or "".
std::string child_text(const pugi::xml_node& node, const char* name);

// A count of bytes. Errors: kCorrupt.
Result<std::int64_t> parse_size(std::string_view text);

// `text` with the escapes of a URL undone; one that is malformed stays as it is.
std::string decode_url(std::string_view text, bool plus_is_space);

}  // namespace claimlake::store
