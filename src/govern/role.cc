#include "govern/role.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/text.h"

namespace claimlake::govern {
namespace {

using enum Permission;

struct RoleRow {
  Role role;
  std::string_view name;
  Permissions permissions;
};

constexpr std::array<RoleRow, 6> kRoles{{
    {Role::kCustomer, "customer", {kAccount, kRecordsRead, kRecordsWrite}},
    {Role::kAdjuster,
     "adjuster",
     {kAccount, kRecordsRead, kRecordsWrite, kClaimsDecide, kInsightsRead}},
    {Role::kAnalyst, "analyst", {kAccount, kRecordsRead, kInsightsRead, kLakeRead}},
    {Role::kEngineer,
     "engineer",
     {kAccount, kInsightsRead, kLakeRead, kPipelineOperate, kQuarantineDecide, kMetricsRead}},
    {Role::kAdmin,
     "admin",
     {kAccount, kRecordsRead, kInsightsRead, kLakeRead, kPipelineOperate, kMetricsRead,
      kUsersManage}},
    {Role::kAuditor,
     "auditor",
     {kAccount, kRecordsRead, kInsightsRead, kLakeRead, kMetricsRead, kAuditRead}},
}};

constexpr std::array<std::pair<Permission, std::string_view>, 11> kNames{{
    {kAccount, "account"},
    {kRecordsRead, "records.read"},
    {kRecordsWrite, "records.write"},
    {kClaimsDecide, "claims.decide"},
    {kInsightsRead, "insights.read"},
    {kLakeRead, "lake.read"},
    {kPipelineOperate, "pipeline.operate"},
    {kQuarantineDecide, "quarantine.decide"},
    {kMetricsRead, "metrics.read"},
    {kUsersManage, "users.manage"},
    {kAuditRead, "audit.read"},
}};

const RoleRow& row_of(Role role) {
  const auto* found = std::find_if(kRoles.begin(), kRoles.end(),
                                   [&](const RoleRow& row) { return row.role == role; });
  CHECK(found != kRoles.end(), "a role without a row");
  return *found;
}

}  // namespace

const std::vector<Role>& all_roles() {
  static const std::vector<Role> roles = [] {
    std::vector<Role> all;
    for (const RoleRow& row : kRoles) all.push_back(row.role);
    return all;
  }();
  return roles;
}

const std::vector<Permission>& all_permissions() {
  static const std::vector<Permission> permissions = [] {
    std::vector<Permission> all;
    for (const auto& [permission, name] : kNames) all.push_back(permission);
    return all;
  }();
  return permissions;
}

std::string_view name_of(Role role) { return row_of(role).name; }
Permissions permissions_of(Role role) { return row_of(role).permissions; }

std::string_view name_of(Permission permission) {
  for (const auto& [each, name] : kNames) {
    if (each == permission) return name;
  }
  CHECK(false, "a permission without a name");
  return {};
}

std::optional<Role> role_of(std::string_view name) {
  for (const RoleRow& row : kRoles) {
    if (row.name == name) return row.role;
  }
  return std::nullopt;
}

std::optional<Permission> permission_of(std::string_view name) {
  for (const auto& [permission, known] : kNames) {
    if (known == name) return permission;
  }
  return std::nullopt;
}

std::string to_text(Permissions permissions) {
  std::string text;
  for (const auto& [permission, name] : kNames) {
    if (!permissions.has(permission)) continue;
    if (!text.empty()) text += ' ';
    text += name;
  }
  return text;
}

Permissions permissions_in(std::string_view text) {
  Permissions all;
  for (const std::string& name : split(text, ' ')) {
    if (const auto permission = permission_of(name)) all.add(*permission);
  }
  return all;
}

}  // namespace claimlake::govern
