#pragma once

#include <map>
#include <memory>
#include <string>

#include "store/store.h"
#include "store/store_settings.h"

namespace claimlake::store {

// The servers that run.sh started, as the environment of this program names them. Empty URLs are of
// servers that are not there: their tests are skipped.
struct Servers {
  std::string s3;           // CLAIMLAKE_TEST_S3: "http://127.0.0.1:7070"
  std::string azure;        // CLAIMLAKE_TEST_AZURE: "http://127.0.0.1:10000/devstoreaccount1"
  std::string azure_https;  // CLAIMLAKE_TEST_AZURE_HTTPS, whose certificate is in
  std::string ca_file;      // CLAIMLAKE_TEST_CA
};
Servers servers();

// How a test looks at a server: with these settings, and with no variables but these.
struct Access {
  std::map<std::string, std::string> settings;
  std::map<std::string, std::string> variables;
};
Access s3_access(const std::string& endpoint);
StoreSettings settings_of(const Access& access);

// As the account and with the key that Azurite has and publishes.
Access azure_access(const std::string& endpoint);

// A URL that no other test uses, in the bucket that run.sh made, or in a container that is made
// first.
std::string fresh_s3_url();
std::string fresh_azure_url(const Access& access);

void make_container(const Access& access, const std::string& container);

// Opens a store, and fails the test if that fails. Retries give up after a few seconds.
std::shared_ptr<Store> open_at(const std::string& url, const Access& access);

}  // namespace claimlake::store
