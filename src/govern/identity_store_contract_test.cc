#include "govern/identity_store_contract_for_test.h"

// What every IdentityStore keeps to, of users, and of transactions. Each store runs it by
// instantiating the suite.

namespace claimlake::govern {
namespace {

TEST_P(IdentityStoreContract, gives_users_back_as_they_were_put) {
  put(ada());
  put(bob());

  EXPECT_EQ(get<std::optional<User>>([](auto& rows) { return rows.user(ada().id); }), ada());
  EXPECT_EQ(get<std::optional<User>>([](auto& rows) { return rows.user_of("bob@example.com"); }),
            bob());
  EXPECT_EQ(get<std::optional<User>>([](auto& rows) { return rows.user("USR-0"); }), std::nullopt);
  EXPECT_EQ(get<std::optional<User>>([](auto& rows) { return rows.user_of(""); }), std::nullopt);
}

TEST_P(IdentityStoreContract, lists_users_in_pages_by_id) {
  put(bob());
  put(ada());

  const auto first = get<std::vector<User>>([](auto& rows) { return rows.users("", 1); });
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0], ada());
  EXPECT_EQ(get<std::vector<User>>([](auto& rows) { return rows.users(ada().id, 10); }),
            std::vector<User>{bob()});
}

TEST_P(IdentityStoreContract, an_address_belongs_to_one_user) {
  put(ada());
  User other = bob();
  other.email = ada().email;

  const Done refused = write([&](IdentityRows& rows) { return rows.add(other); });

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::kConflict);
  EXPECT_EQ(get<std::vector<User>>([](auto& rows) { return rows.users("", 10); }).size(), 1U);
}

TEST_P(IdentityStoreContract, changes_users_and_counts_those_that_are_enabled) {
  put(ada());
  User changed = ada();
  changed.role = Role::kAdmin;
  changed.totp.reset();
  changed.name = "Ada";
  ASSERT_TRUE(write([&](IdentityRows& rows) { return rows.change(changed); }));

  EXPECT_EQ(get<std::optional<User>>([](auto& rows) { return rows.user(ada().id); }), changed);
  EXPECT_EQ(get<std::int64_t>([](auto& rows) { return rows.count(Role::kAdmin); }), 1);
  EXPECT_EQ(get<std::int64_t>([](auto& rows) { return rows.count(Role::kEngineer); }), 0);
  changed.disabled = true;
  ASSERT_TRUE(write([&](IdentityRows& rows) { return rows.change(changed); }));
  EXPECT_EQ(get<std::int64_t>([](auto& rows) { return rows.count(Role::kAdmin); }), 0);

  const Done missing = write([&](IdentityRows& rows) { return rows.change(bob()); });
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().fault, Fault::kNotFound);
}

TEST_P(IdentityStoreContract, a_work_that_fails_leaves_nothing) {
  const Done failed = write([&](IdentityRows& rows) -> Done {
    TRY_DONE(rows.add(ada()));
    TRY_DONE(rows.add(Event{at(1), "registered", "", "", "", ""}));
    return Error{Fault::kInvalidInput, "no"};
  });

  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().fault, Fault::kInvalidInput);
  EXPECT_EQ(get<std::optional<User>>([](auto& rows) { return rows.user(ada().id); }), std::nullopt);
  EXPECT_TRUE(get<std::vector<Event>>([](auto& rows) { return rows.events(9); }).empty());
}

}  // namespace
}  // namespace claimlake::govern
