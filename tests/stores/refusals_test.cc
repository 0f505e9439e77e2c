// What real servers say to wrong credentials, names and permissions, and what we make of it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "servers.h"
#include "store/digest.h"
#include "store/object_service.h"

namespace claimlake::store {
namespace {

using testing::HasSubstr;
using testing::Not;

Error refusal(const std::string& url, const Access& access) {
  const auto read = open_at(url, access)->list("");
  EXPECT_FALSE(read) << url;
  return read ? Error{Fault::kNotFound, ""} : read.error();
}

void expect_refusal(const std::string& url, const Access& access, const char* message) {
  const Error error = refusal(url, access);
  EXPECT_EQ(error.fault, Fault::kUnavailable);
  EXPECT_THAT(error.text(), HasSubstr(message));
  EXPECT_FALSE(error.next.empty()) << error.text();
  for (const auto& [name, secret] : access.variables) {
    if (name == "AWS_ACCESS_KEY_ID") continue;
    EXPECT_THAT(error.text(), Not(HasSubstr(secret))) << name;
  }
}

class S3Refusals : public testing::Test {
 protected:
  void SetUp() override {
    if (servers().s3.empty()) GTEST_SKIP() << "there is no S3 server";
  }
};

TEST_F(S3Refusals, name_the_key_the_secret_and_the_bucket) {
  const Access right = s3_access(servers().s3);
  Access wrong_secret = right;
  wrong_secret.variables["AWS_SECRET_ACCESS_KEY"] = "not the secret";
  Access wrong_key = right;
  wrong_key.variables["AWS_ACCESS_KEY_ID"] = "nobody";

  expect_refusal("s3://tests/x", wrong_secret, "the secret access key is wrong");
  expect_refusal("s3://tests/x", wrong_key, "the access key id is not known");
  expect_refusal("s3://no-such-bucket/x", right, "the bucket does not exist");
}

// A shared access signature made by hand, as the service's reference says.
std::string account_sas(const std::string& permissions, const std::string& expires) {
  const std::string version = "2021-12-02";
  const auto key = from_base64(*settings_of(azure_access("http://127.0.0.1/x")).variable("KEY"));
  const std::string to_sign = fmt::format(
      "devstoreaccount1\n{}\nb\nsco\n\n{}\n\nhttps,http\n{}\n\n", permissions, expires, version);
  return encode_query({{"sv", version},
                       {"ss", "b"},
                       {"srt", "sco"},
                       {"sp", permissions},
                       {"se", expires},
                       {"spr", "https,http"},
                       {"sig", to_base64(hmac_sha256(*key, to_sign))}});
}

class AzureRefusals : public testing::Test {
 protected:
  void SetUp() override {
    if (servers().azure.empty()) GTEST_SKIP() << "there is no Azure server";
    with_key_ = azure_access(servers().azure);
    url_ = fresh_azure_url(with_key_);
  }
  Access with_sas(const std::string& sas) const {
    Access access = with_key_;
    access.settings.erase("azure_account_key");
    access.settings["azure_sas"] = "env:SAS";
    access.variables = {{"SAS", sas}};
    return access;
  }

  Access with_key_;
  std::string url_;
};

TEST_F(AzureRefusals, name_the_key_and_the_container) {
  Access wrong_key = with_key_;
  wrong_key.variables["KEY"] = "bm90IHRoZSBrZXk=";

  expect_refusal(url_, wrong_key, "the key or the SAS is wrong");
  expect_refusal("az://no-such-container", with_key_, "the container does not exist");
}

TEST_F(AzureRefusals, name_an_expired_sas_and_one_that_may_not_write) {
  expect_refusal(url_, with_sas(account_sas("rl", "2020-01-01T00:00:00Z")), "the SAS has expired");

  const auto store = open_at(url_, with_sas(account_sas("rl", "2099-01-01T00:00:00Z")));
  EXPECT_TRUE(store->list(""));
  const Done put = store->put("x", "1");
  ASSERT_FALSE(put);
  EXPECT_THAT(put.error().text(), HasSubstr("no permission"));
  EXPECT_THAT(put.error().text(), Not(HasSubstr("sig=")));
}

TEST_F(AzureRefusals, are_none_with_a_sas_that_may_do_all) {
  const auto store = open_at(url_, with_sas(account_sas("rwdlac", "2099-01-01T00:00:00Z")));

  EXPECT_EQ(*store->put_if_absent("a/x", "1"), Put::kDone);
  EXPECT_EQ(*store->put_if_absent("a/x", "2"), Put::kExists);
  EXPECT_EQ(*store->read("a/x"), "1");
  EXPECT_TRUE(store->remove("a/x"));
}

TEST_F(AzureRefusals, name_the_certificate_that_nobody_vouches_for) {
  const Access access = azure_access(servers().azure_https);

  expect_refusal("az://tests", access, "certificate");
}

}  // namespace
}  // namespace claimlake::store
