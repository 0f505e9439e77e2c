#include "store/azure_signature.h"

#include <fmt/format.h>

#include <map>

#include "base/text.h"
#include "store/digest.h"

namespace claimlake::store {

std::string azure_text_to_sign(const AzureRequest& request) {
  std::string text = request.method + "\n";
  for (const char* name :
       {"Content-Encoding", "Content-Language", "Content-Length", "Content-MD5", "Content-Type",
        "Date", "If-Modified-Since", "If-Match", "If-None-Match", "If-Unmodified-Since", "Range"}) {
    // A length of zero is signed as none.
    const bool is_length = std::string_view(name) == "Content-Length";
    if (is_length && request.body_bytes > 0) text += std::to_string(request.body_bytes);
    if (!is_length) text += request.headers.get(name);
    text += "\n";
  }
  std::map<std::string, std::string> of_azure;
  for (const auto& [name, value] : request.headers) {
    std::string lower = to_lower(name);
    if (lower.starts_with("x-ms-")) of_azure.emplace(std::move(lower), value);
  }
  for (const auto& [name, value] : of_azure) text += name + ":" + value + "\n";
  text += "/" + request.account + request.path;
  std::map<std::string, std::string> query;
  for (const auto& [name, value] : request.query) query.emplace(to_lower(name), value);
  for (const auto& [name, value] : query) text += "\n" + name + ":" + value;
  return text;
}

std::string sign_azure(const AzureRequest& request, std::string_view key) {
  return fmt::format("SharedKey {}:{}", request.account,
                     to_base64(hmac_sha256(key, azure_text_to_sign(request))));
}

}  // namespace claimlake::store
