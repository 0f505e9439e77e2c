#include "govern/tokens.h"

#include <gtest/gtest.h>

#include "govern/govern_for_test.h"
#include "govern/secret.h"
#include "govern/totp.h"

namespace claimlake::govern {
namespace {

using namespace std::chrono_literals;

class TokensTest : public testing::Test {
 protected:
  TokensTest() {
    engineer_ = desk_.make("eve@example.com", Role::kEngineer);
    caller_ = desk_.by_session(desk_.must_sign_in("eve@example.com").session_id);
  }
  std::string make(const std::vector<std::string>& scopes, int days = 0) {
    const auto made = desk_.tokens.make(caller_, "nightly load", scopes, days);
    EXPECT_TRUE(made) << made.error().text();
    return made ? made->token : "";
  }
  Desk desk_{{.staff_needs_second_factor = false}};
  User engineer_;
  Caller caller_;
};

TEST_F(TokensTest, may_do_what_its_scopes_and_the_role_both_allow) {
  const std::string token = make({"lake.read", "pipeline.operate"});
  const Permissions both{Permission::kLakeRead, Permission::kPipelineOperate};

  EXPECT_TRUE(token.starts_with("clk_"));
  EXPECT_EQ(desk_.by_token(token).by, Caller::By::kToken);
  EXPECT_EQ(desk_.by_token(token).permissions, both);

  User demoted = desk_.user(engineer_.id);
  demoted.role = Role::kAnalyst;
  ASSERT_TRUE(desk_.store.write([&](IdentityRows& rows) { return rows.change(demoted); }));
  EXPECT_EQ(desk_.by_token(token).permissions, Permissions{Permission::kLakeRead});
}

TEST_F(TokensTest, cannot_have_what_the_role_has_not_nor_what_only_people_do) {
  for (const char* scope : {"users.manage", "account", "claims.decide", "everything", ""}) {
    const auto refused = desk_.tokens.make(caller_, "x", {scope}, 0);
    ASSERT_FALSE(refused) << scope;
    EXPECT_EQ(refused.error().fault, Fault::kInvalidInput);
  }
  EXPECT_FALSE(desk_.tokens.make(caller_, "x", {}, 0));
  EXPECT_FALSE(desk_.tokens.make(caller_, "", {"lake.read"}, 0));
  EXPECT_FALSE(desk_.tokens.make(caller_, "x", {"lake.read"}, 366));
  EXPECT_FALSE(desk_.tokens.make(caller_, "x", {"lake.read"}, -1));
}

TEST_F(TokensTest, of_a_store_with_a_scope_for_people_still_cannot_use_it) {
  const std::string token = "clk_" + new_secret(desk_.random);
  const Token planted{.digest = digest_of(token),
                      .user_id = engineer_.id,
                      .name = "x",
                      .scopes = {Permission::kAccount, Permission::kUsersManage},
                      .created_at = desk_.clock.now(),
                      .expires_at = desk_.clock.now() + 1h};
  ASSERT_TRUE(desk_.store.write([&](IdentityRows& rows) { return rows.add(planted); }));
  EXPECT_TRUE(desk_.by_token(token).permissions.empty());
}

TEST_F(TokensTest, ends_after_its_days) {
  const std::string token = make({"lake.read"}, 2);
  desk_.clock.advance(48h - 1s);
  EXPECT_EQ(desk_.by_token(token).by, Caller::By::kToken);
  desk_.clock.advance(1s);
  EXPECT_EQ(desk_.by_token(token).by, Caller::By::kNobody);
  EXPECT_TRUE(desk_.tokens.of(caller_)->empty());
}

TEST_F(TokensTest, is_listed_without_what_signs_in_and_revoked_by_its_user_alone) {
  const std::string token = make({"lake.read"});
  const auto listed = desk_.tokens.of(caller_);
  ASSERT_EQ(listed->size(), 1U);
  const std::string id = token_id_of(listed->front().digest);
  desk_.make("ada@example.com", Role::kAnalyst);
  const Caller other = desk_.by_session(desk_.must_sign_in("ada@example.com").session_id);

  const Done foreign = desk_.tokens.revoke(other, id);
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().fault, Fault::kNotFound);
  EXPECT_EQ(desk_.by_token(token).by, Caller::By::kToken);
  ASSERT_TRUE(desk_.tokens.revoke(caller_, id));

  EXPECT_EQ(desk_.by_token(token).by, Caller::By::kNobody);
  EXPECT_EQ(desk_.by_token(listed->front().digest).by, Caller::By::kNobody);
  EXPECT_EQ(desk_.by_token("clk_" + listed->front().digest).by, Caller::By::kNobody);
}

TEST_F(TokensTest, a_session_id_is_no_token_and_a_token_no_session) {
  const std::string token = make({"lake.read"});
  const std::string session = desk_.must_sign_in("eve@example.com").session_id;
  EXPECT_FALSE(desk_.is_in(token));
  EXPECT_EQ(desk_.by_token(session).by, Caller::By::kNobody);
}

TEST_F(TokensTest, there_are_so_many_of_a_user_and_no_more) {
  for (int i = 0; i < 50; ++i) make({"lake.read"});
  const auto refused = desk_.tokens.make(caller_, "x", {"lake.read"}, 0);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::kConflict);
}

}  // namespace
}  // namespace claimlake::govern
