#include "store/azure_answers.h"

#include "store/xml.h"

namespace claimlake::store {
namespace {

std::string blob_name(const pugi::xml_node& entry) {
  const pugi::xml_node name = entry.child("Name");
  std::string text = name.text().get();
  // A name with characters that XML cannot hold.
  return name.attribute("Encoded").as_bool() ? decode_url(text, false) : text;
}

}  // namespace

Result<Listing> parse_azure_list(std::string_view xml) {
  // Azure begins its answers with a byte order mark.
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  if (xml.starts_with(kMark)) xml.remove_prefix(kMark.size());
  pugi::xml_document document;
  TRY(const pugi::xml_node root, parse_xml(xml, "EnumerationResults", document));
  Listing listing;
  for (const pugi::xml_node& entry : root.child("Blobs").children("Blob")) {
    const pugi::xml_node properties = entry.child("Properties");
    // Accounts with a hierarchical namespace list folders too.
    if (child_text(properties, "ResourceType") == "directory") continue;
    ObjectInfo object;
    object.path = blob_name(entry);
    TRY(object.size, parse_size(child_text(properties, "Content-Length")));
    TRY(object.modified_at, parse_http_date(child_text(properties, "Last-Modified")));
    listing.objects.push_back(std::move(object));
  }
  for (const pugi::xml_node& entry : root.child("Blobs").children("BlobPrefix")) {
    listing.folders.push_back(blob_name(entry));
  }
  listing.next = child_text(root, "NextMarker");
  return listing;
}

std::string parse_azure_error_code(std::string_view xml) {
  pugi::xml_document document;
  const auto root = parse_xml(xml, "Error", document);
  return root ? child_text(*root, "Code") : "";
}

std::string azure_blocks_xml(const std::vector<std::string>& block_ids) {
  std::string xml = "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>";
  // "Latest": the same list can be sent again after it was carried out.
  for (const std::string& id : block_ids) xml += "<Latest>" + id + "</Latest>";
  return xml + "</BlockList>";
}

}  // namespace claimlake::store
