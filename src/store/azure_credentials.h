#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "net/web_client.h"
#include "store/store_settings.h"

namespace claimlake::store {

// Three ways to say who we are.
struct AzureKey {
  std::string key;  // of the account; not base64 any more
};
struct AzureSas {
  std::string query;  // "sv=...&sig=...", escaped
};
struct AzureToken {
  std::string token;
};
using AzureCredentials = std::variant<AzureKey, AzureSas, AzureToken>;

// Finds out who we are for Azure storage: the key of the account, a shared access signature, a
// client's secret, a federated token (Kubernetes), the managed identity of the machine; first as
// claimlake.yml says, then as the environment does. Keeps tokens until shortly before they expire.
// Thread-safe.
class AzureIdentity {
 public:
  // `clock` outlives this.
  AzureIdentity(const Clock& clock, StoreSettings settings, net::WebClientOptions options);

  // Errors: kUnavailable (none were found: says where it was looked), kInvalidInput.
  Result<AzureCredentials> credentials();
  // Finds out anew the next time.
  void forget();

 private:
  struct Known {
    AzureCredentials credentials;
    std::optional<Timestamp> expires_at;
  };
  Result<Known> find() const;
  Result<std::optional<Known>> from_key_or_sas(bool configured) const;
  Result<std::optional<Known>> from_client() const;
  Result<Known> from_managed_identity() const;
  Result<Known> parse_token(const net::WebAnswer& answer, const char* what) const;

  const Clock& clock_;
  const StoreSettings settings_;
  const net::WebClient remote_;  // of the authority that gives tokens
  const net::WebClient nearby_;  // of this machine: no proxy, and soon given up
  std::mutex finding_;
  std::optional<Known> known_;  // under finding_
};

}  // namespace claimlake::store
