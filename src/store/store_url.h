#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace claimlake::store {

enum class StoreKind { kS3, kAzure };

// Where a lake in an object store is: docs/reference/stores.md has the forms.
struct StoreUrl {
  StoreKind kind = StoreKind::kS3;
  std::string bucket;   // of S3; of Azure the container
  std::string account;  // of Azure, if the URL names it
  std::string domain;   // of Azure, with the account: "core.windows.net"
  std::string prefix;   // without '/' at its ends; "" is the whole bucket
  std::string text;     // the URL itself in one form, without '/' at its end; never a secret
};

// Whether `place` names an object store and no folder: it has the form "scheme://...".
bool is_store_url(std::string_view place);

// Errors: kInvalidInput: a scheme, name or form that is not known, or a URL with a secret in it (a
// user, a query). The message holds no part of the URL that may be a secret.
Result<StoreUrl> parse_store_url(std::string_view url);

// `place` without what may be a secret, for messages: no user, query or fragment.
std::string without_secrets(std::string_view place);

}  // namespace claimlake::store
