#include "store/s3_answers.h"

#include <fmt/format.h>

#include "store/xml.h"

namespace claimlake::store {

ServiceError parse_s3_error(std::string_view xml) {
  pugi::xml_document document;
  const auto root = parse_xml(xml, "Error", document);
  if (!root) return {};
  return {child_text(*root, "Code"), child_text(*root, "Message"), child_text(*root, "Region")};
}

Result<Listing> parse_s3_list(std::string_view xml) {
  pugi::xml_document document;
  TRY(const pugi::xml_node root, parse_xml(xml, "ListBucketResult", document));
  const bool escaped = child_text(root, "EncodingType") == "url";
  const auto key = [escaped](const pugi::xml_node& node, const char* name) {
    std::string text = child_text(node, name);
    return escaped ? decode_url(text, true) : text;
  };
  Listing listing;
  for (const pugi::xml_node& entry : root.children("Contents")) {
    ObjectInfo object;
    object.path = key(entry, "Key");
    TRY(object.size, parse_size(child_text(entry, "Size")));
    auto time = parse_timestamp(child_text(entry, "LastModified"));
    if (!time) {
      return Error{Fault::kCorrupt,
                   "the service answers a time that is none: " + time.error().message};
    }
    // HEAD tells the same time in whole seconds, and an object is known by its time, too.
    object.modified_at = std::chrono::floor<std::chrono::seconds>(*time);
    listing.objects.push_back(std::move(object));
  }
  for (const pugi::xml_node& entry : root.children("CommonPrefixes")) {
    listing.folders.push_back(key(entry, "Prefix"));
  }
  if (child_text(root, "IsTruncated") == "true") {
    listing.next = child_text(root, "NextContinuationToken");
    if (listing.next.empty()) {
      return Error{Fault::kCorrupt, "the service answers a list that goes on, but not where"};
    }
  }
  return listing;
}

Result<std::string> parse_s3_upload(std::string_view xml) {
  pugi::xml_document document;
  TRY(const pugi::xml_node root, parse_xml(xml, "InitiateMultipartUploadResult", document));
  std::string id = child_text(root, "UploadId");
  if (id.empty()) return Error{Fault::kCorrupt, "the service begins an upload without an id"};
  return id;
}

std::string s3_parts_xml(const std::vector<std::string>& tags) {
  std::string xml = "<CompleteMultipartUpload>";
  int number = 0;
  for (const std::string& tag : tags) {
    // An ETag is quoted, and holds no character that XML escapes but these quotes.
    fmt::format_to(std::back_inserter(xml),
                   "<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", ++number, tag);
  }
  return xml + "</CompleteMultipartUpload>";
}

}  // namespace claimlake::store
