#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace claimlake::govern {

// Who somebody is, and what that allows: docs/formats/sign_in.md, "What each may do".

enum class Role { kCustomer, kAdjuster, kAnalyst, kEngineer, kAdmin, kAuditor };

enum class Permission {
  kAccount,
  kRecordsRead,
  kRecordsWrite,
  kClaimsDecide,
  kInsightsRead,
  kLakeRead,
  kPipelineOperate,
  kQuarantineDecide,
  kMetricsRead,
  kUsersManage,
  kAuditRead,
};

class Permissions {
 public:
  constexpr Permissions() = default;
  constexpr Permissions(std::initializer_list<Permission> all) {
    for (const Permission each : all) bits_ |= bit(each);
  }
  constexpr bool has(Permission one) const { return (bits_ & bit(one)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr Permissions both(Permissions other) const { return Permissions(bits_ & other.bits_); }
  constexpr Permissions without(Permissions other) const {
    return Permissions(bits_ & ~other.bits_);
  }
  constexpr void add(Permission one) { bits_ |= bit(one); }
  constexpr bool operator==(const Permissions&) const = default;

 private:
  constexpr explicit Permissions(std::uint32_t bits) : bits_(bits) {}
  static constexpr std::uint32_t bit(Permission one) {
    return std::uint32_t{1} << static_cast<unsigned>(one);
  }
  std::uint32_t bits_ = 0;
};

const std::vector<Role>& all_roles();
const std::vector<Permission>& all_permissions();

// "adjuster", "pipeline.operate": the names in the API, the store and the documents.
std::string_view name_of(Role role);
std::string_view name_of(Permission permission);
std::optional<Role> role_of(std::string_view name);
std::optional<Permission> permission_of(std::string_view name);

Permissions permissions_of(Role role);
inline bool is_staff(Role role) { return role != Role::kCustomer; }

// What only a person at a browser may do: a token never does, whatever its scopes say.
inline constexpr Permissions kOnlyInSessions{Permission::kAccount, Permission::kUsersManage};

// "insights.read lake.read" and back. Names that are not known are left out: they were scopes once.
std::string to_text(Permissions permissions);
Permissions permissions_in(std::string_view text);

}  // namespace claimlake::govern
