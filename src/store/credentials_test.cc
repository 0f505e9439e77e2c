// Who we are: found in every place, against servers that play Amazon's and Azure's parts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "store/aws_credentials.h"
#include "store/azure_credentials.h"
#include "store/imposter_for_test.h"
#include "store/temporary_folder_for_test.h"

namespace claimlake::store {
namespace {

using testing::HasSubstr;
using testing::Not;
using Variables = std::map<std::string, std::string>;
using What = Imposter::Reply::What;

StoreSettings settings(const Variables& variables, const Variables& values = {}) {
  StoreSettings made([variables](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(std::string(name));
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
  for (const auto& [key, value] : values) EXPECT_TRUE(made.set(key, value)) << key;
  return made;
}

Imposter::Reply say(int status, std::string body) {
  return {What::kAnswer, status, "", std::move(body)};
}

class Credentials : public testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& content) {
    const std::string path = folder_.path() + "/" + name;
    std::ofstream(path) << content;
    return path;
  }
  // The environment has nothing of Amazon's, and no instance is asked.
  Variables nothing() { return {{"HOME", folder_.path()}, {"AWS_EC2_METADATA_DISABLED", "true"}}; }
  Result<AwsCredentials> aws(const Variables& variables, const Variables& values = {}) {
    auto all = nothing();
    for (const auto& [name, value] : variables) all[name] = value;
    return AwsIdentity(clock_, settings(all, values), {}).credentials();
  }

  TemporaryFolder folder_;
  SimClock clock_{Timestamp(std::chrono::sys_days(std::chrono::year(2026) / 1 / 9))};
};

TEST_F(Credentials, of_aws_come_from_references_before_the_environment) {
  const std::string secret = file("secret", "from a file\n");

  const auto found =
      aws({{"ID", "configured"}, {"AWS_ACCESS_KEY_ID", "environment"}},
          {{"s3_access_key_id", "env:ID"}, {"s3_secret_access_key", "file:" + secret}});

  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->access_key_id, "configured");
  EXPECT_EQ(found->secret_access_key, "from a file");
  EXPECT_EQ(found->session_token, "");
}

TEST_F(Credentials, of_aws_come_from_the_environment_with_a_session) {
  const auto found = aws({{"AWS_ACCESS_KEY_ID", "id"},
                          {"AWS_SECRET_ACCESS_KEY", "secret"},
                          {"AWS_SESSION_TOKEN", "token"}});

  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->session_token, "token");
}

TEST_F(Credentials, of_aws_come_from_the_profile_that_is_asked_for) {
  const std::string keys = file("credentials",
                                "[default]\naws_access_key_id = d\naws_secret_access_key = ds\n"
                                "# a comment\n[work]\naws_access_key_id=w\n"
                                "aws_secret_access_key = ws\naws_session_token = wt\n");
  const std::string config =
      file("config", "[profile work]\nregion = eu-west-3\ns3 =\n  region = x\n");
  const Variables files = {{"AWS_SHARED_CREDENTIALS_FILE", keys}, {"AWS_CONFIG_FILE", config}};

  EXPECT_EQ(aws(files)->access_key_id, "d");
  const auto work = aws(files, {{"s3_profile", "work"}});
  ASSERT_TRUE(work) << work.error().text();
  EXPECT_EQ(work->secret_access_key, "ws");
  EXPECT_EQ(work->session_token, "wt");
  EXPECT_EQ(AwsIdentity(clock_, settings(files, {{"s3_profile", "work"}}), {}).region(),
            "eu-west-3");
  const auto absent = aws(files, {{"s3_profile", "wrok"}});
  ASSERT_FALSE(absent);
  EXPECT_THAT(absent.error().message, HasSubstr("no profile 'wrok'"));
}

TEST_F(Credentials, of_aws_that_a_profile_gets_elsewhere_are_refused_with_the_way_to_export_them) {
  const std::string config = file("config", "[profile sso]\nsso_session = corp\n");

  const auto found = aws({{"AWS_CONFIG_FILE", config}, {"AWS_PROFILE", "sso"}});

  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().next, HasSubstr("export-credentials --profile sso"));
}

TEST_F(Credentials, of_aws_come_from_the_instance_by_a_session_and_are_renewed_before_they_expire) {
  int given = 0;
  const Imposter metadata([&](const Imposter::Request& request) {
    if (request.method == "PUT") {
      EXPECT_THAT(request.head, HasSubstr("X-aws-ec2-metadata-token-ttl-seconds: 21600"));
      return say(200, "session");
    }
    EXPECT_THAT(request.head, HasSubstr("X-aws-ec2-metadata-token: session"));
    if (request.target.ends_with("security-credentials/")) return say(200, "role");
    EXPECT_THAT(request.target, HasSubstr("security-credentials/role"));
    return say(200,
               R"({"Code":"Success","AccessKeyId":"i)" + std::to_string(++given) +
                   R"(","SecretAccessKey":"s","Token":"t","Expiration":"2026-01-09T06:00:00Z"})");
  });
  AwsIdentity identity(
      clock_,
      settings({{"HOME", folder_.path()}, {"AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.url()}}),
      {});

  EXPECT_EQ(identity.credentials()->access_key_id, "i1");
  clock_.advance(std::chrono::hours(5) + std::chrono::minutes(54));
  EXPECT_EQ(identity.credentials()->access_key_id, "i1");
  clock_.advance(std::chrono::minutes(2));
  EXPECT_EQ(identity.credentials()->access_key_id, "i2");
  identity.forget();
  EXPECT_EQ(identity.credentials()->access_key_id, "i3");
}

TEST_F(Credentials, of_aws_come_from_the_container_with_its_token) {
  const Imposter container([](const Imposter::Request& request) {
    EXPECT_THAT(request.head, HasSubstr("Authorization: pod token"));
    return say(200, R"({"AccessKeyId":"c","SecretAccessKey":"s","Token":"t"})");
  });
  const std::string token = file("token", "pod token\n");

  const auto found = aws({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url() + "/v1"},
                          {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token}});

  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->access_key_id, "c");
  for (const char* far : {"http://example.org/x", "http://127.0.0.1:80@example.org/x"}) {
    const auto refused = aws({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", far}});
    ASSERT_FALSE(refused) << far;
    EXPECT_THAT(refused.error().message, HasSubstr("neither near"));
  }
}

TEST_F(Credentials, of_aws_come_from_a_web_identity) {
  const Imposter sts([](const Imposter::Request& request) {
    EXPECT_THAT(request.body, HasSubstr("Action=AssumeRoleWithWebIdentity"));
    EXPECT_THAT(request.body, HasSubstr("RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr"));
    EXPECT_THAT(request.body, HasSubstr("WebIdentityToken=jwt"));
    return say(
        200,
        "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
        "<AssumeRoleWithWebIdentityResult><Credentials><SessionToken>t</SessionToken>"
        "<SecretAccessKey>s</SecretAccessKey><Expiration>2026-01-09T01:00:00Z</Expiration>"
        "<AccessKeyId>w</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult>"
        "</AssumeRoleWithWebIdentityResponse>");
  });

  const auto found = aws({{"AWS_WEB_IDENTITY_TOKEN_FILE", file("jwt", "jwt")},
                          {"AWS_ROLE_ARN", "arn:aws:iam::1:role/r"},
                          {"AWS_ENDPOINT_URL_STS", sts.url()}});

  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->access_key_id, "w");
  EXPECT_EQ(found->session_token, "t");
}

TEST_F(Credentials, that_are_nowhere_are_an_error_that_says_where_to_put_them) {
  const auto found = aws({});

  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().text(), HasSubstr("AWS_ACCESS_KEY_ID"));
  const auto half = aws({{"AWS_ACCESS_KEY_ID", "id"}});
  ASSERT_FALSE(half);
  EXPECT_THAT(half.error().next, HasSubstr("AWS_SECRET_ACCESS_KEY"));
  const auto unset = aws({}, {{"s3_access_key_id", "env:NOT_SET"}});
  ASSERT_FALSE(unset);
  EXPECT_THAT(unset.error().message, HasSubstr("NOT_SET, which is not set"));
}

TEST_F(Credentials, of_azure_come_from_a_key_or_a_sas) {
  AzureIdentity key(clock_, settings({{"AZURE_STORAGE_KEY", "a2V5"}}), {});
  AzureIdentity sas(
      clock_,
      settings({{"SAS", "?sv=1&sig=s"}, {"AZURE_STORAGE_KEY", "a2V5"}}, {{"azure_sas", "env:SAS"}}),
      {});
  AzureIdentity bad(clock_, settings({{"AZURE_STORAGE_KEY", "hunter2"}}), {});

  EXPECT_EQ(std::get<AzureKey>(*key.credentials()).key, "key");
  EXPECT_EQ(std::get<AzureSas>(*sas.credentials()).query, "sv=1&sig=s");
  const auto refused = bad.credentials();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text(), Not(HasSubstr("hunter2")));
}

TEST_F(Credentials, of_azure_come_from_a_client_s_secret_and_are_renewed_before_they_expire) {
  int given = 0;
  const Imposter authority([&](const Imposter::Request& request) {
    EXPECT_EQ(request.target, "/tenant/oauth2/v2.0/token");
    EXPECT_THAT(request.body, HasSubstr("client_id=app"));
    EXPECT_THAT(request.body, HasSubstr("client_secret=p%40ss"));
    EXPECT_THAT(request.body, HasSubstr("scope=https%3A%2F%2Fstorage.azure.com%2F.default"));
    return say(200, R"({"token_type":"Bearer","expires_in":3599,"access_token":"t)" +
                        std::to_string(++given) + "\"}");
  });
  AzureIdentity identity(clock_,
                         settings({{"AZURE_CLIENT_ID", "app"},
                                   {"AZURE_TENANT_ID", "tenant"},
                                   {"AZURE_CLIENT_SECRET", "p@ss"},
                                   {"AZURE_AUTHORITY_HOST", authority.url()}}),
                         {});

  EXPECT_EQ(std::get<AzureToken>(*identity.credentials()).token, "t1");
  clock_.advance(std::chrono::minutes(54));
  EXPECT_EQ(std::get<AzureToken>(*identity.credentials()).token, "t1");
  clock_.advance(std::chrono::minutes(2));
  EXPECT_EQ(std::get<AzureToken>(*identity.credentials()).token, "t2");
}

TEST_F(Credentials, of_azure_that_the_authority_refuses_are_an_error_without_the_secret) {
  const Imposter authority([](const Imposter::Request& request) {
    return say(401,
               R"({"error":"invalid_client","error_description":"got )" + request.body + "\"}");
  });
  AzureIdentity identity(clock_,
                         settings({{"SECRET", "hunter2"}}, {{"azure_client_id", "app"},
                                                            {"azure_tenant_id", "tenant"},
                                                            {"azure_client_secret", "env:SECRET"},
                                                            {"azure_authority", authority.url()}}),
                         {});

  const auto refused = identity.credentials();

  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("401 invalid_client"));
  EXPECT_THAT(refused.error().text(), Not(HasSubstr("hunter2")));
}

TEST_F(Credentials, of_azure_come_from_the_managed_identity) {
  const Imposter machine([](const Imposter::Request& request) {
    EXPECT_THAT(request.head, HasSubstr("Metadata: true"));
    EXPECT_THAT(request.target, HasSubstr("/metadata/identity/oauth2/token?"));
    EXPECT_THAT(request.target, HasSubstr("client_id=mine"));
    return say(200, R"({"access_token":"m","expires_on":"1767999999"})");
  });
  AzureIdentity identity(
      clock_,
      settings({{"AZURE_POD_IDENTITY_AUTHORITY_HOST", machine.url()}, {"AZURE_CLIENT_ID", "mine"}}),
      {});

  const auto found = identity.credentials();

  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(std::get<AzureToken>(*found).token, "m");
}

}  // namespace
}  // namespace claimlake::store
