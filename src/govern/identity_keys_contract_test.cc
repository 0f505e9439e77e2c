#include "govern/identity_store_contract_for_test.h"

// What every IdentityStore keeps to, of sessions, tokens, codes and events. Each store runs it by
// instantiating the suite.

namespace claimlake::govern {
namespace {

TEST_P(IdentityStoreContract, ends_sessions_one_by_one_and_all_of_a_user) {
  put(ada());
  put(bob());
  put(session("s1", ada()));
  put(session("s2", ada()));
  put(session("s3", bob()));
  ASSERT_TRUE(write([](IdentityRows& rows) { return rows.seen("s1", at(99)); }));
  auto one = get<std::optional<Session>>([](auto& rows) { return rows.session("s1"); });
  ASSERT_TRUE(one);
  EXPECT_EQ(one->seen_at, at(99));
  one->seen_at = at(11);
  EXPECT_EQ(*one, session("s1", ada()));

  ASSERT_TRUE(write([](IdentityRows& rows) { return rows.end_session("s1"); }));
  ASSERT_TRUE(write([](IdentityRows& rows) { return rows.seen("s1", at(100)); }));
  EXPECT_EQ(get<std::optional<Session>>([](auto& rows) { return rows.session("s1"); }),
            std::nullopt)
      << "seen() does not bring it back";
  ASSERT_TRUE(write([](IdentityRows& rows) { return rows.end_sessions(ada().id); }));
  EXPECT_TRUE(
      get<std::vector<Session>>([](auto& rows) { return rows.sessions_of(ada().id); }).empty());
  EXPECT_EQ(get<std::vector<Session>>([](auto& rows) { return rows.sessions_of(bob().id); }).size(),
            1U);
}

TEST_P(IdentityStoreContract, revokes_tokens_one_by_one_and_all_of_a_user) {
  put(ada());
  const Token token{"t1",  ada().id, "nightly", Permissions{Permission::kLakeRead},
                    at(1), {},       at(9)};
  put(token);
  Token other = token;
  other.digest = "t2";
  put(other);

  EXPECT_EQ(get<std::optional<Token>>([](auto& rows) { return rows.token("t1"); }), token);
  ASSERT_TRUE(write([](IdentityRows& rows) { return rows.used("t1", at(5)); }));
  EXPECT_EQ(get<std::optional<Token>>([](auto& rows) { return rows.token("t1"); })->used_at, at(5));
  ASSERT_TRUE(write([](IdentityRows& rows) { return rows.revoke_token("t1"); }));
  EXPECT_EQ(get<std::vector<Token>>([](auto& rows) { return rows.tokens_of(ada().id); }),
            std::vector<Token>{other});
  ASSERT_TRUE(write([](IdentityRows& rows) { return rows.revoke_tokens(ada().id); }));
  EXPECT_EQ(get<std::optional<Token>>([](auto& rows) { return rows.token("t2"); }), std::nullopt);
}

TEST_P(IdentityStoreContract, keeps_codes_by_kind) {
  put(ada());
  const Code reset{.digest = "c1",
                   .kind = CodeKind::kPasswordReset,
                   .user_id = ada().id,
                   .created_at = at(1),
                   .expires_at = at(2)};
  const Code invitation{.digest = "c2",
                        .kind = CodeKind::kInvitation,
                        .email = "eve@example.com",
                        .role = Role::kAuditor,
                        .created_at = at(1),
                        .expires_at = at(2)};
  put(reset);
  put(invitation);

  EXPECT_EQ(get<std::optional<Code>>(
                [](auto& rows) { return rows.code(CodeKind::kPasswordReset, "c1"); }),
            reset);
  EXPECT_EQ(
      get<std::optional<Code>>([](auto& rows) { return rows.code(CodeKind::kInvitation, "c2"); }),
      invitation);
  EXPECT_EQ(
      get<std::optional<Code>>([](auto& rows) { return rows.code(CodeKind::kInvitation, "c1"); }),
      std::nullopt)
      << "a reset is no invitation";
  ASSERT_TRUE(write(
      [](IdentityRows& rows) { return rows.end_codes(CodeKind::kInvitation, "eve@example.com"); }));
  EXPECT_EQ(
      get<std::optional<Code>>([](auto& rows) { return rows.code(CodeKind::kInvitation, "c2"); }),
      std::nullopt);
  ASSERT_TRUE(
      write([](IdentityRows& rows) { return rows.end_code(CodeKind::kPasswordReset, "c1"); }));
  EXPECT_EQ(get<std::optional<Code>>(
                [](auto& rows) { return rows.code(CodeKind::kPasswordReset, "c1"); }),
            std::nullopt);
}

TEST_P(IdentityStoreContract, tells_the_newest_events_first) {
  for (int i = 1; i <= 3; ++i) {
    put(Event{at(i), "signed_in", "USR-1", "USR-2", "192.0.2.7", std::to_string(i)});
  }

  const auto events = get<std::vector<Event>>([](auto& rows) { return rows.events(2); });

  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0], (Event{at(3), "signed_in", "USR-1", "USR-2", "192.0.2.7", "3"}));
  EXPECT_EQ(events[1].detail, "2");
}

}  // namespace
}  // namespace claimlake::govern
