#include "store/store_url.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/path.h"

namespace claimlake::store {
namespace {

constexpr const char* kForms =
    "write it as s3://BUCKET/FOLDER, az://CONTAINER/FOLDER or "
    "abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/FOLDER";
constexpr std::string_view kGen2Host = ".dfs.";
constexpr std::string_view kDomains[] = {"core.windows.net", "core.chinacloudapi.cn",
                                         "core.usgovcloudapi.net"};

Error refused(std::string_view url, std::string_view why, std::string_view next = kForms) {
  return Error{Fault::kInvalidInput,
               fmt::format("'{}' is not the address of a lake: {}", without_secrets(url), why), "",
               std::string(next)};
}

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// The rules of both services; older buckets with other names are none that a lake is made in.
bool is_bucket_name(std::string_view name) {
  return name.size() >= 3 && name.size() <= 63 && is_lower_or_digit(name.front()) &&
         is_lower_or_digit(name.back()) && std::all_of(name.begin(), name.end(), [](char c) {
           return is_lower_or_digit(c) || c == '-' || c == '.';
         });
}

bool is_account_name(std::string_view name) {
  return name.size() >= 3 && name.size() <= 24 &&
         std::all_of(name.begin(), name.end(), is_lower_or_digit);
}

// "container@account.dfs.core.windows.net" into its parts.
bool split_gen2(std::string_view authority, StoreUrl& parsed) {
  const std::size_t at = authority.find('@');
  if (at == std::string_view::npos) return false;
  const std::string_view host = authority.substr(at + 1);
  const std::size_t end = host.find(kGen2Host);
  if (end == std::string_view::npos) return false;
  parsed.bucket = authority.substr(0, at);
  parsed.account = host.substr(0, end);
  parsed.domain = host.substr(end + kGen2Host.size());
  // Tokens are sent there: only Azure's own clouds are believed by name.
  const bool is_azure =
      std::find(std::begin(kDomains), std::end(kDomains), parsed.domain) != std::end(kDomains);
  return is_azure && is_account_name(parsed.account);
}

}  // namespace

bool is_store_url(std::string_view place) {
  const std::size_t end = place.find("://");
  return end != std::string_view::npos && end > 0 &&
         std::all_of(place.begin(), place.begin() + static_cast<std::ptrdiff_t>(end),
                     [](char c) { return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z'); });
}

std::string without_secrets(std::string_view place) {
  if (!is_store_url(place)) return std::string(place);
  std::string shown(place.substr(0, place.find_first_of("?#")));
  const std::size_t start = shown.find("://") + 3;
  const std::size_t at = shown.substr(start, shown.find('/', start) - start).rfind('@');
  // Before the '@' stands a container for abfss, and else a user with a password.
  if (at != std::string::npos && !shown.starts_with("abfss://")) shown.erase(start, at + 1);
  return shown;
}

Result<StoreUrl> parse_store_url(std::string_view url) {
  if (url.find_first_of("?#") != std::string_view::npos) {
    return refused(url, "it holds a query, which is where a signature would stand",
                   "give a SAS by reference: AZURE_STORAGE_SAS_TOKEN in the environment, or "
                   "azure_sas: env:NAME in claimlake.yml");
  }
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos) return refused(url, "it has no scheme");
  const std::string_view scheme = url.substr(0, colon);
  const std::string_view rest = url.substr(colon + 3);
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const std::string_view authority = rest.substr(0, slash);
  std::string_view prefix = slash < rest.size() ? rest.substr(slash + 1) : std::string_view();
  while (prefix.ends_with('/')) prefix.remove_suffix(1);

  StoreUrl parsed;
  parsed.prefix = prefix;
  if (scheme == "abfss") {
    parsed.kind = StoreKind::kAzure;
    if (!split_gen2(authority, parsed)) {
      return refused(url, "it does not name a container and an account of Azure");
    }
  } else if (scheme == "s3" || scheme == "az") {
    parsed.kind = scheme == "s3" ? StoreKind::kS3 : StoreKind::kAzure;
    if (authority.find_first_of("@:") != std::string_view::npos) {
      return refused(url, "it names a user or a port",
                     "name the server with s3_endpoint or azure_endpoint, and credentials by "
                     "reference (docs/reference/stores.md)");
    }
    parsed.bucket = authority;
  } else {
    return refused(url, fmt::format("nothing is known of the scheme '{}'", scheme));
  }
  if (!is_bucket_name(parsed.bucket)) {
    return refused(url, fmt::format("'{}' cannot be the name of a bucket or container (3 to 63 "
                                    "small letters, digits, '-' and '.')",
                                    parsed.bucket));
  }
  if (Done fine = check_folder(parsed.prefix); !fine) return refused(url, fine.error().message);
  parsed.text = fmt::format("{}://{}{}{}", scheme, authority, prefix.empty() ? "" : "/", prefix);
  return parsed;
}

}  // namespace claimlake::store
