#include "govern/accounts.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "govern/secret.h"
#include "govern/totp.h"

namespace claimlake::govern {
namespace {

constexpr int kRecoveryCodes = 10;

Error bad_code(std::string_view of) {
  return {Fault::kNotFound, fmt::format("The {} is not known, was used, or has ended", of), "",
          "Ask for a new one."};
}

Mail reset_mail(const GovernConfig& config, const std::string& to, const std::string& code) {
  return {
      to, "Set a new password",
      fmt::format("Somebody, hopefully you, wants to set a new password for your account.\n\n"
                  "{}/reset-password#code={}\n\n"
                  "The link works once, within {} minutes. If it was not you, do nothing: your "
                  "password stays as it is.",
                  config.public_url, code,
                  std::chrono::duration_cast<std::chrono::minutes>(config.reset_lasts).count())};
}

Mail invitation_mail(const GovernConfig& config, const std::string& to, Role role,
                     const std::string& code) {
  return {
      to, "You are invited to Claimlake",
      fmt::format("You are invited as {}. Choose a name and a password here:\n\n"
                  "{}/invitation#code={}\n\n"
                  "The link works once, within {} hours.",
                  name_of(role), config.public_url, code,
                  std::chrono::duration_cast<std::chrono::hours>(config.invitation_lasts).count())};
}

// In place of those that there were.
Result<std::string> make_recovery_codes(const GovernContext& context, IdentityRows& rows,
                                        const User& user) {
  const Timestamp now = context.clock.now();
  std::string codes;
  TRY_DONE(rows.end_codes(CodeKind::kRecovery, user.id));
  for (int i = 0; i < kRecoveryCodes; ++i) {
    const std::string code = new_recovery_code(context.random);
    // With the user in it, so that equal codes of two users are two rows.
    TRY_DONE(rows.add(Code{.digest = digest_of(user.id + ' ' + code),
                           .kind = CodeKind::kRecovery,
                           .user_id = user.id,
                           .created_at = now,
                           .expires_at = now + std::chrono::years(100)}));
    codes += codes.empty() ? code : '\n' + code;
  }
  return codes;
}

bool second_factor_is_asked(const User& user, const GovernConfig& config) {
  return (user.totp && user.totp->confirmed) ||
         (is_staff(user.role) && config.staff_needs_second_factor);
}

}  // namespace

Outcome<std::monostate> Accounts::ask_for_reset(const std::string& email, const Client& client) {
  using Asked = std::variant<std::monostate, Refusal>;
  TRY(const std::string address, as_email(email));
  const GovernConfig& config = context_.config;
  if (const auto refused = attempt(context_, "reset at " + address, client.address)) {
    return Asked(*refused);
  }
  const auto wait = context_.throttle.take("reset " + address, config.resets_per_account);
  if (wait.count() > 0) return Asked(throttled(wait));
  const std::string code = new_secret(context_.random);
  TRY(const bool known, written<bool>(context_.store, [&](IdentityRows& rows) -> Result<bool> {
        const Timestamp now = context_.clock.now();
        TRY(const auto user, rows.user_of(address));
        const bool open = user && is_open(*user, config);
        if (open) {
          TRY_DONE(rows.end_codes(CodeKind::kPasswordReset, user->id));
          TRY_DONE(rows.add(Code{.digest = digest_of(code),
                                 .kind = CodeKind::kPasswordReset,
                                 .user_id = user->id,
                                 .created_at = now,
                                 .expires_at = now + config.reset_lasts}));
        }
        TRY_DONE(rows.add(
            Event{now, "password_reset_asked", "", open ? user->id : "", client.address, ""}));
        return open;
      }));
  if (known) context_.mail.post(reset_mail(config, address, code));
  return Asked(std::monostate{});
}

Done Accounts::reset_password(const std::string& code, const std::string& password,
                              const Client& client) {
  const std::string digest = digest_of(code);
  // Looked at before, so that a password that is refused does not use the code up.
  const auto holder = [&](IdentityRows& rows) -> Result<User> {
    TRY(const auto kept, rows.code(CodeKind::kPasswordReset, digest));
    if (!kept || context_.clock.now() >= kept->expires_at) return bad_code("code");
    TRY(auto user, rows.user(kept->user_id));
    if (!user || !is_open(*user, context_.config)) return bad_code("code");
    return *std::move(user);
  };
  TRY(const User before, read<User>(context_.store, holder));
  TRY_DONE(check_password(password, context_.config.passwords,
                          second_factor_is_asked(before, context_.config),
                          {before.email, before.name}));
  TRY(const std::string hash, context_.hasher.hash(password));
  return context_.store.write([&](IdentityRows& rows) -> Done {
    TRY(User user, holder(rows));  // another may have used it meanwhile
    user.password_hash = hash;
    user.failures_count = 0;
    TRY_DONE(rows.change(user));
    TRY_DONE(rows.end_codes(CodeKind::kPasswordReset, user.id));
    TRY_DONE(rows.end_sessions(user.id));
    TRY_DONE(rows.revoke_tokens(user.id));
    return rows.add(
        Event{context_.clock.now(), "password_reset", user.id, user.id, client.address, ""});
  });
}

Outcome<SignedIn> Accounts::change_password(const Caller& caller, const std::string& old_password,
                                            const std::string& password, const Client& client) {
  using Changed = std::variant<SignedIn, Refusal>;
  if (const auto refused = attempt(context_, caller.email, client.address))
    return Changed(*refused);
  TRY(const auto user, read<std::optional<User>>(context_.store, [&](IdentityRows& rows) {
        return rows.user(caller.user_id);
      }));
  if (!user) return Error{Fault::kNotFound, "There is no such user any more"};
  auto right = context_.hasher.verify(old_password, user->password_hash);
  if (!right || *right) forgive(context_, caller.email, client.address);
  if (!right) return std::move(right).error();
  if (!*right) return Changed(Refusal{Refusal::Why::kWrong});
  TRY_DONE(check_password(password, context_.config.passwords,
                          second_factor_is_asked(*user, context_.config),
                          {user->email, user->name}));
  TRY(const std::string hash, context_.hasher.hash(password));
  return written<Changed>(context_.store, [&](IdentityRows& rows) -> Outcome<SignedIn> {
    TRY(auto now_user, rows.user(caller.user_id));
    if (!now_user || now_user->password_hash != user->password_hash) {
      return Error{Fault::kConflict, "The password was changed meanwhile", "", "Sign in anew."};
    }
    now_user->password_hash = hash;
    TRY_DONE(rows.change(*now_user));
    TRY_DONE(rows.end_sessions(now_user->id));
    TRY(auto made, make_session(context_, rows, *now_user, client, ""));
    TRY_DONE(rows.add(Event{context_.clock.now(), "password_changed", caller.user_id,
                            caller.user_id, client.address, ""}));
    return Changed(std::move(made));
  });
}

Result<Accounts::Enrolment> Accounts::enrol(const Caller& caller) {
  const std::string secret = new_totp_secret(context_.random);
  TRY_DONE(context_.store.write([&](IdentityRows& rows) -> Done {
    TRY(auto user, rows.user(caller.user_id));
    if (!user) return Error{Fault::kNotFound, "There is no such user any more"};
    if (user->totp && user->totp->confirmed) {
      return Error{Fault::kConflict, "You have a second factor already", "",
                   "An admin can remove it if the phone is lost."};
    }
    user->totp = Totp{secret};
    return rows.change(*user);
  }));
  return Enrolment{secret, totp_uri(secret, caller.email)};
}

Outcome<SignedIn> Accounts::confirm(const Caller& caller, const std::string& code,
                                    const Client& client) {
  using Settled = std::variant<SignedIn, Refusal>;
  if (const auto refused = attempt(context_, caller.email, client.address))
    return Settled(*refused);
  auto outcome = written<Settled>(context_.store, [&](IdentityRows& rows) -> Outcome<SignedIn> {
    TRY(auto user, rows.user(caller.user_id));
    if (!user || !user->totp || user->totp->confirmed) {
      return Error{Fault::kConflict, "No second factor waits to be confirmed", "",
                   "Begin with POST /api/auth/totp/enrol."};
    }
    TRY(const bool taken, take_second_factor(context_, rows, *user, code, client.address));
    if (!taken) return Settled(Refusal{Refusal::Why::kWrongCode});
    user->totp->confirmed = true;
    TRY_DONE(rows.change(*user));
    // Those who came in with the password alone are out.
    TRY_DONE(rows.end_sessions(user->id));
    TRY(SignedIn made, make_session(context_, rows, *user, client, ""));
    TRY(made.recovery_codes, make_recovery_codes(context_, rows, *user));
    TRY_DONE(rows.add(
        Event{context_.clock.now(), "second_factor_set", user->id, user->id, client.address, ""}));
    return Settled(std::move(made));
  });
  if (outcome && std::holds_alternative<SignedIn>(*outcome)) {
    forgive(context_, caller.email, client.address);
  }
  return outcome;
}

Outcome<SignedIn> Accounts::verify(const Caller& caller, const std::string& code,
                                   const Client& client) {
  using Settled = std::variant<SignedIn, Refusal>;
  if (const auto refused = attempt(context_, caller.email, client.address))
    return Settled(*refused);
  auto outcome = written<Settled>(context_.store, [&](IdentityRows& rows) -> Outcome<SignedIn> {
    TRY(auto user, rows.user(caller.user_id));
    if (!user || !user->totp || !user->totp->confirmed) {
      return Error{Fault::kConflict, "You have no second factor", "",
                   "Set one up with POST /api/auth/totp/enrol."};
    }
    TRY(const bool taken, take_second_factor(context_, rows, *user, code, client.address));
    if (!taken) {
      ++user->failures_count;
      TRY_DONE(rows.change(*user));
      return Settled(Refusal{Refusal::Why::kWrongCode});
    }
    TRY(auto made, make_session(context_, rows, *user, client, caller.session_digest, true));
    return Settled(std::move(made));
  });
  if (outcome && std::holds_alternative<SignedIn>(*outcome)) {
    forgive(context_, caller.email, client.address);
  }
  return outcome;
}

Done Accounts::invite(const Caller& caller, const std::string& email, Role role) {
  TRY(const std::string address, as_email(email));
  if (!is_staff(role)) {
    return Error{Fault::kInvalidInput, "Customers are not invited: they register", "",
                 "Invite as adjuster, analyst, engineer, admin or auditor."};
  }
  if (is_demo_email(address) && !context_.config.is_demo) {
    return Error{Fault::kInvalidInput, "Addresses of demo.example belong to nobody", "",
                 "Give an address at which mail is read."};
  }
  const std::string code = new_secret(context_.random);
  TRY_DONE(context_.store.write([&](IdentityRows& rows) -> Done {
    const Timestamp now = context_.clock.now();
    TRY(const auto taken, rows.user_of(address));
    if (taken) {
      return Error{Fault::kConflict, "There is a user of this e-mail address already", "",
                   "Change their role instead."};
    }
    TRY_DONE(rows.end_codes(CodeKind::kInvitation, address));
    TRY_DONE(rows.add(Code{.digest = digest_of(code),
                           .kind = CodeKind::kInvitation,
                           .email = address,
                           .role = role,
                           .created_at = now,
                           .expires_at = now + context_.config.invitation_lasts}));
    return rows.add(
        Event{now, "invited", caller.user_id, "", caller.address, std::string(name_of(role))});
  }));
  context_.mail.post(invitation_mail(context_.config, address, role, code));
  return done();
}

Result<std::optional<std::string>> Accounts::invite_first_admin(const std::string& email) {
  TRY(const std::string address, as_email(email));
  const std::string code = new_secret(context_.random);
  TRY(const bool made, written<bool>(context_.store, [&](IdentityRows& rows) -> Result<bool> {
        TRY(const std::int64_t admins, rows.count(Role::kAdmin));
        if (admins > 0) return false;
        const Timestamp now = context_.clock.now();
        TRY_DONE(rows.end_codes(CodeKind::kInvitation, address));
        TRY_DONE(rows.add(Code{.digest = digest_of(code),
                               .kind = CodeKind::kInvitation,
                               .email = address,
                               .role = Role::kAdmin,
                               .created_at = now,
                               .expires_at = now + context_.config.invitation_lasts}));
        return true;
      }));
  return made ? std::optional<std::string>(code) : std::nullopt;
}

Result<SignedIn> Accounts::accept(const std::string& code, const std::string& name,
                                  const std::string& password, const Client& client) {
  const std::string digest = digest_of(code);
  const auto invitation = [&](IdentityRows& rows) -> Result<Code> {
    TRY(auto kept, rows.code(CodeKind::kInvitation, digest));
    if (!kept || !kept->role || context_.clock.now() >= kept->expires_at) {
      return bad_code("invitation");
    }
    return *std::move(kept);
  };
  TRY(const Code before, read<Code>(context_.store, invitation));
  TRY(const std::string kept_name, as_name(name));
  TRY_DONE(check_password(password, context_.config.passwords,
                          context_.config.staff_needs_second_factor, {before.email, kept_name}));
  TRY(const std::string hash, context_.hasher.hash(password));
  return written<SignedIn>(context_.store, [&](IdentityRows& rows) -> Result<SignedIn> {
    TRY(const Code kept, invitation(rows));
    TRY_DONE(rows.end_code(CodeKind::kInvitation, digest));
    const Timestamp now = context_.clock.now();
    const User user{.id = new_user_id(context_.random),
                    .email = kept.email,
                    .name = kept_name,
                    .role = *kept.role,
                    .password_hash = hash,
                    .created_at = now};
    TRY_DONE(rows.add(user));
    TRY_DONE(rows.add(Event{now, "invitation_accepted", user.id, user.id, client.address,
                            std::string(name_of(user.role))}));
    return make_session(context_, rows, user, client, "");
  });
}

Result<std::vector<User>> Accounts::users(std::string_view after, int limit) {
  return read<std::vector<User>>(context_.store,
                                 [&](IdentityRows& rows) { return rows.users(after, limit); });
}

Done Accounts::check_edit(IdentityRows& rows, const Caller& caller, const User& user,
                          const Edit& edit) {
  const bool changes_rights = edit.role || edit.disabled || edit.removes_second_factor;
  if (changes_rights && user.id == caller.user_id) {
    return Error{Fault::kConflict, "Nobody changes their own rights", "",
                 "Ask another admin to do it."};
  }
  if (edit.role && is_staff(*edit.role) != is_staff(user.role)) {
    return Error{Fault::kInvalidInput, "Customers stay customers, and staff staff", "",
                 "Invite the person under another e-mail address."};
  }
  const bool stays_admin =
      (!edit.role || *edit.role == Role::kAdmin) && !edit.disabled.value_or(false);
  if (user.role == Role::kAdmin && !user.disabled && !stays_admin) {
    TRY(const std::int64_t admins, rows.count(Role::kAdmin));
    if (admins <= 1) {
      return Error{Fault::kConflict, "This is the last admin", "",
                   "Make another user admin first."};
    }
  }
  return done();
}

Result<User> Accounts::edit(const Caller& caller, std::string_view user_id, const Edit& edit) {
  return written<User>(context_.store, [&](IdentityRows& rows) -> Result<User> {
    TRY(auto found, rows.user(user_id));
    if (!found) {
      return Error{Fault::kNotFound, "There is no such user", "", "GET /api/users lists them."};
    }
    User& user = *found;
    TRY_DONE(check_edit(rows, caller, user, edit));
    const Timestamp now = context_.clock.now();
    const auto tell = [&](std::string what, std::string detail) {
      return rows.add(
          Event{now, std::move(what), caller.user_id, user.id, caller.address, std::move(detail)});
    };
    bool ends_sessions = edit.ends_sessions;
    if (edit.role && *edit.role != user.role) {
      TRY_DONE(
          tell("role_changed", fmt::format("{} to {}", name_of(user.role), name_of(*edit.role))));
      user.role = *edit.role;
      ends_sessions = true;
    }
    if (edit.disabled && *edit.disabled != user.disabled) {
      TRY_DONE(tell(*edit.disabled ? "disabled" : "enabled", ""));
      user.disabled = *edit.disabled;
      ends_sessions = ends_sessions || user.disabled;
      if (user.disabled) {
        TRY_DONE(rows.revoke_tokens(user.id));
        TRY_DONE(rows.end_codes(CodeKind::kPasswordReset, user.id));
      }
    }
    if (edit.removes_second_factor && user.totp) {
      TRY_DONE(tell("second_factor_removed", ""));
      TRY_DONE(rows.end_codes(CodeKind::kRecovery, user.id));
      user.totp.reset();
      ends_sessions = true;
    }
    TRY_DONE(rows.change(user));
    if (ends_sessions) {
      TRY_DONE(rows.end_sessions(user.id));
      TRY_DONE(tell("sessions_ended", "all"));
    }
    return user;
  });
}

Result<std::vector<Event>> Accounts::events(int limit) {
  return read<std::vector<Event>>(context_.store,
                                  [&](IdentityRows& rows) { return rows.events(limit); });
}

Done Accounts::make_demo_users(const std::string& password) {
  CHECK(context_.config.is_demo, "demo users outside the demo");
  TRY(const std::string hash, context_.hasher.hash(password));
  return context_.store.write([&](IdentityRows& rows) -> Done {
    for (const Role role : {Role::kCustomer, Role::kAdjuster, Role::kEngineer}) {
      const std::string email = std::string(name_of(role)) + "@demo.example";
      TRY(auto user, rows.user_of(email));
      if (user) {
        user->password_hash = hash;
        TRY_DONE(rows.change(*user));
        continue;
      }
      TRY_DONE(rows.add(User{.id = new_user_id(context_.random),
                             .email = email,
                             .name = "Demo " + std::string(name_of(role)),
                             .role = role,
                             .password_hash = hash,
                             .created_at = context_.clock.now()}));
    }
    return done();
  });
}

}  // namespace claimlake::govern
