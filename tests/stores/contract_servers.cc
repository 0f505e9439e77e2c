// The stores of real servers, for store_contract_test.cc.
#include <gtest/gtest.h>

#include "servers.h"
#include "store/contract_stores_for_test.h"

namespace claimlake::store {

// lakes.sh keeps its lakes there.
TEST(Servers, have_a_container_for_whole_lakes) {
  const Servers at = servers();
  if (at.azure.empty()) GTEST_SKIP() << "there is no Azure server";
  make_container(azure_access(at.azure), "lakes");
  Access with_tls = azure_access(at.azure_https);
  with_tls.settings["store_ca_file"] = at.ca_file;
  make_container(with_tls, "lakes");
}

std::vector<ContractStore> contract_stores() {
  std::vector<ContractStore> stores;
  const Servers at = servers();
  if (!at.s3.empty()) {
    // versitygw keeps objects as files in folders.
    stores.push_back({"s3", [at] { return open_at(fresh_s3_url(), s3_access(at.s3)); }, true});
  }
  if (!at.azure.empty()) {
    stores.push_back({"azure", [at] {
                        const Access access = azure_access(at.azure);
                        return open_at(fresh_azure_url(access), access);
                      }});
  }
  if (!at.azure_https.empty()) {
    stores.push_back({"azure_https", [at] {
                        Access access = azure_access(at.azure_https);
                        access.settings["store_ca_file"] = at.ca_file;
                        return open_at(fresh_azure_url(access), access);
                      }});
  }
  return stores;
}

}  // namespace claimlake::store
