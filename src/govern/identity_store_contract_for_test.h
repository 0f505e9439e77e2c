#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "govern/govern.h"
#include "govern/identity_store.h"

namespace claimlake::govern {

// What every IdentityStore keeps to: identity_store_contract_test.cc has the tests of users,
// identity_keys_contract_test.cc the others. A store is tested by
//   INSTANTIATE_TEST_SUITE_P(Name, IdentityStoreContract, testing::Values(maker));
struct IdentityStoreMaker {
  std::string name;
  std::function<std::unique_ptr<IdentityStore>()> make;  // null: it cannot be tested here
};

class IdentityStoreContract : public testing::TestWithParam<IdentityStoreMaker> {
 protected:
  void SetUp() override {
    if (store_ == nullptr) GTEST_SKIP() << "there is no " << GetParam().name << " here";
  }
  Done write(const IdentityStore::Work& work) { return store_->write(work); }
  template <class T, class Use>
  T get(Use use) {
    auto value = read<T>(*store_, use);
    EXPECT_TRUE(value) << value.error().text();
    return value ? *std::move(value) : T{};
  }
  void put(const auto& row) {
    const Done added = write([&](IdentityRows& rows) { return rows.add(row); });
    ASSERT_TRUE(added) << added.error().text();
  }
  static Timestamp at(std::int64_t seconds) { return Timestamp(std::chrono::seconds(seconds)); }
  static User ada() {
    return {.id = "USR-00000000000A",
            .email = "ada@example.com",
            .name = "Ada \"L\" Lovelace'; --",
            .role = Role::kEngineer,
            .password_hash = "$argon2id$v=19$x",
            .totp = Totp{"MZXW6", true, 59'000'000},
            .failures_count = 3,
            .created_at = at(1'000)};
  }
  static User bob() {
    return {
        .id = "USR-00000000000B", .email = "bob@example.com", .name = "Bob", .created_at = at(5)};
  }
  static Session session(const std::string& digest, const User& user) {
    return {digest, user.id, "a browser", at(10), at(11), at(12)};
  }

  std::unique_ptr<IdentityStore> store_ = GetParam().make();
};

}  // namespace claimlake::govern
