// What S3 answers: any bytes are either read, with values that make sense, or refused as corrupt
// with a short message.
//
// Input: the body of an answer.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "store/s3_answers.h"

using namespace claimlake;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto listing = store::parse_s3_list(body);
  if (listing) {
    for (const auto& object : listing->objects) check(object.size >= 0);
  } else {
    check(listing.error().fault == Fault::kCorrupt);
    check(listing.error().message.size() < 400);
  }
  const auto upload = store::parse_s3_upload(body);
  check(!upload || !upload->empty());
  check(upload || upload.error().fault == Fault::kCorrupt);
  store::parse_s3_error(body);
  return 0;
}
