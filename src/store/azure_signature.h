#pragma once

#include <string>
#include <utility>
#include <vector>

#include "net/web_client.h"

namespace claimlake::store {

// What of a request the key of an account signs.
struct AzureRequest {
  std::string method;
  std::string account;
  std::string path;  // escaped, from '/'; with the account in it where the URL has it
  std::vector<std::pair<std::string, std::string>> query;  // not escaped
  net::Headers headers;                                    // x-ms-date among them
  std::size_t body_bytes = 0;
};

// The text that Shared Key signs. Source: "Authorize with Shared Key", Azure Storage REST API.
std::string azure_text_to_sign(const AzureRequest& request);

// The value of Authorization. `key` is not base64 any more.
std::string sign_azure(const AzureRequest& request, std::string_view key);

}  // namespace claimlake::store
