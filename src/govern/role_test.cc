#include "govern/role.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "base/text.h"
#include "govern/caller.h"

namespace claimlake::govern {
namespace {

std::string trimmed(std::string text) {
  for (const char* edge : {" ", "`"}) {
    while (text.starts_with(edge)) text.erase(0, 1);
    while (text.ends_with(edge)) text.pop_back();
  }
  return text;
}

// The table of docs/formats/sign_in.md: by permission and role, whether there is a "yes".
std::map<std::string, std::map<std::string, bool>> documented() {
  std::ifstream page(CLAIMLAKE_SOURCE_FOLDER "/docs/formats/sign_in.md");
  std::map<std::string, std::map<std::string, bool>> table;
  std::vector<std::string> roles;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| ")) {
      if (!table.empty()) break;
      continue;
    }
    const std::vector<std::string> cells = split(line, '|');
    if (trimmed(cells[1]) == "permission") {
      for (std::size_t i = 2; i + 1 < cells.size(); ++i) roles.push_back(trimmed(cells[i]));
    } else if (!roles.empty()) {
      for (std::size_t i = 0; i < roles.size(); ++i) {
        table[trimmed(cells[1])][roles[i]] = trimmed(cells[i + 2]) == "yes";
      }
    }
  }
  return table;
}

TEST(Role, may_do_what_the_documented_table_says_and_no_more) {
  const auto table = documented();

  ASSERT_EQ(table.size(), all_permissions().size());
  for (const Permission permission : all_permissions()) {
    const std::string name(name_of(permission));
    ASSERT_TRUE(table.contains(name)) << name;
    for (const Role role : all_roles()) {
      const std::string of(name_of(role));
      ASSERT_TRUE(table.at(name).contains(of)) << of;
      EXPECT_EQ(permissions_of(role).has(permission), table.at(name).at(of)) << of << " " << name;
    }
  }
}

TEST(Role, names_lead_back_to_what_they_name) {
  for (const Role role : all_roles()) EXPECT_EQ(role_of(name_of(role)), role);
  for (const Permission each : all_permissions()) EXPECT_EQ(permission_of(name_of(each)), each);
  EXPECT_EQ(role_of("root"), std::nullopt);
  EXPECT_EQ(permission_of("everything"), std::nullopt);
}

TEST(Role, permissions_are_kept_as_text_and_unknown_ones_are_left_out) {
  const Permissions some{Permission::kLakeRead, Permission::kInsightsRead};

  EXPECT_EQ(to_text(some), "insights.read lake.read");
  EXPECT_EQ(permissions_in("lake.read insights.read"), some);
  EXPECT_EQ(permissions_in("gone.read lake.read"), Permissions{Permission::kLakeRead});
  EXPECT_TRUE(permissions_in("").empty());
}

TEST(Caller, is_refused_where_nothing_is_written_down) {
  Caller admin;
  admin.by = Caller::By::kSession;
  admin.role = Role::kAdmin;
  admin.permissions = permissions_of(Role::kAdmin);

  EXPECT_EQ(judge(admin, RouteRule{}), Verdict::kForbidden);
  EXPECT_EQ(route_rule(""), std::nullopt);
  EXPECT_EQ(route_rule("admins"), std::nullopt);
}

TEST(Caller, is_asked_to_sign_in_where_nobody_is_known) {
  const Caller nobody;

  EXPECT_EQ(judge(nobody, *route_rule("public")), Verdict::kAllowed);
  EXPECT_EQ(judge(nobody, *route_rule("signed_in")), Verdict::kSignIn);
  EXPECT_EQ(judge(nobody, *route_rule("lake.read")), Verdict::kSignIn);
}

TEST(Caller, without_the_second_factor_is_told_that_it_is_missing) {
  Caller engineer;
  engineer.by = Caller::By::kSession;
  engineer.role = Role::kEngineer;
  engineer.permissions = Permissions{Permission::kAccount};
  engineer.needs_second_factor = true;

  EXPECT_EQ(judge(engineer, *route_rule("account")), Verdict::kAllowed);
  EXPECT_EQ(judge(engineer, *route_rule("lake.read")), Verdict::kSecondFactor);
  EXPECT_EQ(judge(engineer, *route_rule("users.manage")), Verdict::kForbidden);
}

}  // namespace
}  // namespace claimlake::govern
