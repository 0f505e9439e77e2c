#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "net/web_client.h"
#include "store/aws_signature.h"
#include "store/store_settings.h"

namespace claimlake::store {

// Finds out who we are for Amazon's services, where their own tools look and in their order: the
// keys of claimlake.yml, the environment, a web identity (Kubernetes), the profile files, the
// container's endpoint, the instance's metadata. Keeps what expires until shortly before it does.
// Thread-safe.
class AwsIdentity {
 public:
  // `clock` outlives this.
  AwsIdentity(const Clock& clock, StoreSettings settings, net::WebClientOptions options);

  // Errors: kUnavailable (none were found: says where it was looked), kInvalidInput.
  Result<AwsCredentials> credentials();
  // Finds out anew the next time.
  void forget();

  // What claimlake.yml, the environment or the profile say; "us-east-1" if nobody does.
  std::string region() const;

 private:
  struct Known {
    AwsCredentials credentials;
    std::optional<Timestamp> expires_at;
  };
  Result<Known> find() const;
  Result<std::optional<Known>> from_settings() const;
  Result<std::optional<Known>> from_web_identity() const;
  Result<std::optional<Known>> from_profile() const;
  Result<std::optional<Known>> from_container() const;
  Result<std::optional<Known>> from_instance() const;
  Result<Known> parse_endpoint_answer(const std::string& json, const char* what) const;
  std::optional<std::string> profile_value(const std::string& name) const;
  std::string profile_name() const;

  const Clock& clock_;
  const StoreSettings settings_;
  const net::WebClient remote_;  // of STS
  const net::WebClient nearby_;  // of container and instance: no proxy, and soon given up
  std::mutex finding_;
  std::optional<Known> known_;  // under finding_
};

// The value of `name` in the section [`profile`] (or [profile `profile`]) of a file in the form of
// ~/.aws/config, if it is there.
std::optional<std::string> profile_value_in(std::string_view file, std::string_view profile,
                                            std::string_view name);

}  // namespace claimlake::store
