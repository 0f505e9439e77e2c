#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/object_service.h"

namespace claimlake::store {

// The XML that S3 answers. Every function survives any bytes.

// What an <Error> says; fields that it does not have are "". `message` is the service's text, which
// may repeat parts of the request.
struct ServiceError {
  std::string code;
  std::string message;
  std::string region;  // where the bucket is, if that is what is wrong
};
ServiceError parse_s3_error(std::string_view xml);

// ListObjectsV2. Errors: kCorrupt.
Result<Listing> parse_s3_list(std::string_view xml);
// The id in the answer to CreateMultipartUpload. Errors: kCorrupt.
Result<std::string> parse_s3_upload(std::string_view xml);
// The request of CompleteMultipartUpload; a tag is the ETag of a part.
std::string s3_parts_xml(const std::vector<std::string>& tags);

}  // namespace claimlake::store
