#include "servers.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "store/azure_service.h"
#include "store/courier.h"
#include "store/digest.h"
#include "store/open_store.h"

namespace claimlake::store {
namespace {

std::string variable(std::string_view name) { return process_environment()(name).value_or(""); }

// What an opened store stands on.
struct Ground {
  SystemClock clock;
  SystemRandom random;
  std::unique_ptr<Store> store;
};

}  // namespace

Servers servers() {
  return {variable("CLAIMLAKE_TEST_S3"), variable("CLAIMLAKE_TEST_AZURE"),
          variable("CLAIMLAKE_TEST_AZURE_HTTPS"), variable("CLAIMLAKE_TEST_CA")};
}

Access s3_access(const std::string& endpoint) {
  return {{{"s3_endpoint", endpoint}, {"store_retry_seconds", "10"}},
          {{"AWS_ACCESS_KEY_ID", "testkey"}, {"AWS_SECRET_ACCESS_KEY", "testsecret"}}};
}

std::string fresh_s3_url() {
  SystemRandom random;
  return "s3://tests/" + uuid4(random);
}

Access azure_access(const std::string& endpoint) {
  return {{{"azure_endpoint", endpoint},
           {"azure_account", "devstoreaccount1"},
           {"azure_account_key", "env:KEY"},
           {"store_retry_seconds", "10"}},
          {{"KEY",
            "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/"
            "KBHBeksoGMGw=="}}};
}

void make_container(const Access& access, const std::string& container) {
  const SystemClock clock;
  SystemRandom random;
  const StoreContext context{.clock = clock, .random = random, .settings = settings_of(access)};
  net::WebClientOptions options;
  options.ca_file = context.settings.value("store_ca_file").value_or("");
  auto service = make_azure_service(*parse_store_url("az://" + container), context, options);
  EXPECT_TRUE(service);
  const Courier courier(std::move(*service), context, options);
  const auto answer = courier.send(
      {.kind = Call::Kind::kWrite, .method = "PUT", .key = "", .query = {{"restype", "container"}}},
      "make the container");
  EXPECT_TRUE(answer) << answer.error().text();
}

std::string fresh_azure_url(const Access& access) {
  SystemRandom random;
  const std::string container = "tests" + to_hex(sha256(uuid4(random))).substr(0, 16);
  make_container(access, container);
  return "az://" + container + "/lake";
}

StoreSettings settings_of(const Access& access) {
  StoreSettings settings(
      [variables = access.variables](std::string_view name) -> std::optional<std::string> {
        const auto found = variables.find(std::string(name));
        if (found == variables.end()) return std::nullopt;
        return found->second;
      });
  for (const auto& [key, value] : access.settings) EXPECT_TRUE(settings.set(key, value)) << key;
  return settings;
}

std::shared_ptr<Store> open_at(const std::string& url, const Access& access) {
  const auto ground = std::make_shared<Ground>();
  auto opened = open_store(
      url, {.clock = ground->clock, .random = ground->random, .settings = settings_of(access)});
  EXPECT_TRUE(opened) << opened.error().text();
  ground->store = std::move(*opened);
  return {ground, ground->store.get()};
}

}  // namespace claimlake::store
