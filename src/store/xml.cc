#include "store/xml.h"

#include <fmt/format.h>

#include <charconv>

#include "base/text.h"

namespace claimlake::store {

Result<pugi::xml_node> parse_xml(std::string_view xml, const char* root, pugi::xml_document& out) {
  // No entities are defined by the answer itself: pugixml skips a DOCTYPE.
  const auto parsed =
      out.load_buffer(xml.data(), xml.size(), pugi::parse_default, pugi::encoding_utf8);
  const pugi::xml_node node = out.child(root);
  if (parsed && node) return node;
  return Error{Fault::kCorrupt,
               fmt::format("the service answers no {} but '{}'", root, excerpt(xml)), "",
               "check that the endpoint is that of an object store"};
}

std::string child_text(const pugi::xml_node& node, const char* name) {
  return node.child(name).text().get();
}

Result<std::int64_t> parse_size(std::string_view text) {
  const auto size = whole_number(text);
  if (size && *size >= 0) return *size;
  return Error{Fault::kCorrupt,
               fmt::format("the service answers a size that is none: '{}'", excerpt(text))};
}

std::string decode_url(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    const char* const digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += text[i] == '+' && plus_is_space ? ' ' : text[i];
    }
  }
  return out;
}

}  // namespace claimlake::store
