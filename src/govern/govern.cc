#include "govern/govern.h"

#include <algorithm>

#include "govern/secret.h"
#include "govern/totp.h"

namespace claimlake::govern {
namespace {

constexpr std::size_t kAgentMax = 200;

std::string account_key(const std::string& account) { return "account " + account; }
std::string network_key(const std::string& address) { return "network " + network_of(address); }

}  // namespace

const Lifetime& lifetime_of(const User& user, const GovernConfig& config) {
  return is_staff(user.role) ? config.staff : config.customer;
}

bool is_open(const User& user, const GovernConfig& config) {
  return !user.disabled && (config.is_demo || !is_demo_email(user.email));
}

bool needs_second_factor(const User& user, const GovernConfig& config) {
  return config.staff_needs_second_factor && is_staff(user.role) &&
         !(user.totp && user.totp->confirmed);
}

Result<SignedIn> make_session(const GovernContext& context, IdentityRows& rows, const User& user,
                              const Client& client, const std::string& old_digest, bool keeps_end) {
  const Timestamp now = context.clock.now();
  Timestamp expires_at = now + lifetime_of(user, context.config).at_most;
  if (!old_digest.empty()) {
    TRY(const auto old, rows.session(old_digest));
    if (old && keeps_end && old->user_id == user.id) expires_at = old->expires_at;
    TRY_DONE(rows.end_session(old_digest));
  }
  SignedIn made{new_secret(context.random), user, expires_at, {}};
  TRY_DONE(rows.add(Session{.digest = digest_of(made.session_id),
                            .user_id = user.id,
                            .client = client.agent.substr(0, kAgentMax),
                            .created_at = now,
                            .seen_at = now,
                            .expires_at = expires_at}));
  return made;
}

Result<bool> take_second_factor(const GovernContext& context, IdentityRows& rows, User& user,
                                const std::string& typed, const std::string& address) {
  if (!user.totp) return false;
  const auto step =
      taken_totp_step(user.totp->secret, typed, context.clock.now(), user.totp->last_step);
  if (step) {
    user.totp->last_step = *step;
    TRY_DONE(rows.change(user));
    return true;
  }
  if (!user.totp->confirmed) return false;
  const std::string digest = digest_of(user.id + ' ' + as_recovery_code(typed));
  TRY(const auto code, rows.code(CodeKind::kRecovery, digest));
  if (!code || code->user_id != user.id) return false;
  TRY_DONE(rows.end_code(CodeKind::kRecovery, digest));
  TRY_DONE(
      rows.add(Event{context.clock.now(), "recovery_code_used", user.id, user.id, address, ""}));
  return true;
}

Refusal throttled(std::chrono::microseconds wait) {
  return {Refusal::Why::kThrottled, std::chrono::ceil<std::chrono::seconds>(wait)};
}

std::optional<Refusal> attempt(const GovernContext& context, const std::string& account,
                               const std::string& address) {
  const GovernConfig& config = context.config;
  const auto network = context.throttle.take(network_key(address), config.per_network);
  if (network.count() > 0) return throttled(network);
  const auto of_account = context.throttle.take(account_key(account), config.per_account);
  if (of_account.count() == 0) return std::nullopt;
  context.throttle.give_back(network_key(address), config.per_network);
  return throttled(of_account);
}

void forgive(const GovernContext& context, const std::string& account, const std::string& address) {
  context.throttle.give_back(account_key(account), context.config.per_account);
  context.throttle.give_back(network_key(address), context.config.per_network);
}

}  // namespace claimlake::govern
