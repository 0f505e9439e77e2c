// What Azure Blob storage answers: any bytes are either read, with values that make sense, or
// refused as corrupt. The same bytes are tried as a time of HTTP, which is written as it was read.
//
// Input: the body of an answer, or the value of a Date field.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "store/azure_answers.h"

using namespace claimlake;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto listing = store::parse_azure_list(body);
  if (listing) {
    for (const auto& object : listing->objects) check(object.size >= 0);
  } else {
    check(listing.error().fault == Fault::kCorrupt);
  }
  store::parse_azure_error_code(body);
  if (const auto time = store::parse_http_date(body)) {
    const auto again = store::parse_http_date(store::to_http_date(*time));
    check(again && *again == *time);
  }
  return 0;
}
