#include "govern/sign_in.h"

#include <algorithm>

#include "base/check.h"
#include "govern/secret.h"
#include "govern/tokens.h"

namespace claimlake::govern {
namespace {

// seen_at is written this often: each write is an fsync.
constexpr std::chrono::seconds kSeenEvery{60};

std::string dummy_hash_of(PasswordHasher& hasher, Random& random) {
  auto hash = hasher.hash(new_secret(random));
  CHECK(hash, "a password cannot be hashed: " + hash.error().text());
  return *std::move(hash);
}

}  // namespace

SignIn::SignIn(const GovernContext& context)
    : context_(context), dummy_hash_(dummy_hash_of(context.hasher, context.random)) {}

Outcome<SignedIn> SignIn::register_customer(const std::string& email, const std::string& password,
                                            const std::string& name, const Client& client) {
  TRY(const std::string address, as_email(email));
  TRY(const std::string kept_name, as_name(name));
  if (is_demo_email(address) && !context_.config.is_demo) {
    return Error{Fault::kInvalidInput, "Addresses of demo.example belong to nobody", "",
                 "Give an address at which you get mail."};
  }
  TRY_DONE(check_password(password, context_.config.passwords, false, {address, kept_name}));
  const auto wait = context_.throttle.take("register " + network_of(client.address),
                                           context_.config.registrations_per_network);
  if (wait.count() > 0) return std::variant<SignedIn, Refusal>(throttled(wait));
  TRY(const std::string hash, context_.hasher.hash(password));
  return written<std::variant<SignedIn, Refusal>>(
      context_.store, [&](IdentityRows& rows) -> Outcome<SignedIn> {
        const Timestamp now = context_.clock.now();
        TRY(const auto taken, rows.user_of(address));
        if (taken) {
          return Error{Fault::kConflict, "There is an account of this e-mail address already", "",
                       "Sign in, or set a new password with 'Forgot password'."};
        }
        const User user{.id = new_user_id(context_.random),
                        .email = address,
                        .name = kept_name,
                        .role = Role::kCustomer,
                        .password_hash = hash,
                        .created_at = now};
        TRY_DONE(rows.add(user));
        TRY_DONE(rows.add(Event{now, "registered", user.id, user.id, client.address, ""}));
        TRY(auto made, make_session(context_, rows, user, client, ""));
        return std::variant<SignedIn, Refusal>(std::move(made));
      });
}

Result<bool> SignIn::is_right(const std::string& password, const std::optional<User>& user) {
  const bool has_password = user && !user->password_hash.empty();
  TRY(const bool same,
      context_.hasher.verify(password, has_password ? user->password_hash : dummy_hash_));
  return same && has_password && is_open(*user, context_.config) &&
         user->failures_count < context_.config.failures_max;
}

Outcome<SignedIn> SignIn::sign_in(const Shown& shown, const Client& client) {
  // What is no address is nobody's, and is answered as such.
  const auto typed = as_email(shown.email);
  const std::string email = typed ? *typed : "";
  if (const auto refused = attempt(context_, email, client.address)) {
    return std::variant<SignedIn, Refusal>(*refused);
  }
  TRY(const auto user, read<std::optional<User>>(context_.store, [&](IdentityRows& rows) {
        return rows.user_of(email);
      }));
  auto right = is_right(shown.password, user);
  if (!right) {
    forgive(context_, email, client.address);
    return std::move(right).error();
  }
  std::string new_hash;
  if (*right && context_.hasher.is_dated(user->password_hash)) {
    // Where too many are at work it is made anew another time.
    if (auto hash = context_.hasher.hash(shown.password)) new_hash = *std::move(hash);
  }
  auto outcome = settle(shown, client, email, *right ? &*user : nullptr, new_hash);
  const auto* refusal = outcome ? std::get_if<Refusal>(&*outcome) : nullptr;
  const bool was_right = refusal == nullptr || refusal->why == Refusal::Why::kSecondFactorRequired;
  if (was_right) forgive(context_, email, client.address);
  return outcome;
}

// In one transaction: what came of the attempt. `verified` is the user as the password was right
// for; null where it was wrong.
Outcome<SignedIn> SignIn::settle(const Shown& shown, const Client& client, const std::string& email,
                                 const User* verified, const std::string& new_hash) {
  using Settled = std::variant<SignedIn, Refusal>;
  return written<Settled>(context_.store, [&](IdentityRows& rows) -> Outcome<SignedIn> {
    const Timestamp now = context_.clock.now();
    TRY(auto user, rows.user_of(email));
    const auto fail = [&](Refusal::Why why) -> Outcome<SignedIn> {
      if (user) {
        ++user->failures_count;
        TRY_DONE(rows.change(*user));
      }
      TRY_DONE(
          rows.add(Event{now, "sign_in_failed", "", user ? user->id : "", client.address, ""}));
      return Settled(Refusal{why});
    };
    // The password may have been changed, or the user disabled, while it was looked at.
    const bool holds = verified != nullptr && user && user->id == verified->id &&
                       user->password_hash == verified->password_hash &&
                       is_open(*user, context_.config) &&
                       user->failures_count < context_.config.failures_max;
    if (!holds) return fail(Refusal::Why::kWrong);
    if (user->totp && user->totp->confirmed) {
      if (shown.code.empty()) return Settled(Refusal{Refusal::Why::kSecondFactorRequired});
      TRY(const bool taken, take_second_factor(context_, rows, *user, shown.code, client.address));
      if (!taken) return fail(Refusal::Why::kWrongCode);
    }
    user->failures_count = 0;
    if (!new_hash.empty()) user->password_hash = new_hash;
    TRY_DONE(rows.change(*user));
    TRY(auto made, make_session(context_, rows, *user, client, shown.session_digest));
    TRY_DONE(rows.add(Event{now, "signed_in", user->id, user->id, client.address, ""}));
    return Settled(std::move(made));
  });
}

Done SignIn::sign_out(const Caller& caller) {
  if (caller.by != Caller::By::kSession) return done();
  return context_.store.write([&](IdentityRows& rows) -> Done {
    TRY_DONE(rows.end_session(caller.session_digest));
    return rows.add(Event{context_.clock.now(), "signed_out", caller.user_id, caller.user_id,
                          caller.address, ""});
  });
}

Caller SignIn::caller_of(const User& user, Caller::By by, const std::string& address) const {
  Caller caller;
  caller.by = by;
  caller.user_id = user.id;
  caller.email = user.email;
  caller.name = user.name;
  caller.role = user.role;
  caller.customer_id = user.customer_id;
  caller.permissions = permissions_of(user.role);
  caller.has_second_factor = user.totp && user.totp->confirmed;
  caller.needs_second_factor = needs_second_factor(user, context_.config);
  if (caller.needs_second_factor) {
    caller.permissions = caller.permissions.both(Permissions{Permission::kAccount});
  }
  caller.address = address;
  return caller;
}

Result<Caller> SignIn::by_session(std::string_view session_id, const std::string& address) {
  Caller nobody;
  nobody.address = address;
  if (session_id.empty()) return nobody;
  const std::string digest = digest_of(session_id);
  std::optional<Session> session;
  std::optional<User> user;
  TRY_DONE(context_.store.read([&](IdentityRows& rows) -> Done {
    TRY(session, rows.session(digest));
    if (!session) return done();
    TRY(user, rows.user(session->user_id));
    return done();
  }));
  const Timestamp now = context_.clock.now();
  const bool holds = session && user && is_open(*user, context_.config) &&
                     now < session->expires_at &&
                     now < session->seen_at + lifetime_of(*user, context_.config).idle;
  if (!holds) return nobody;
  if (now - session->seen_at >= kSeenEvery) {
    TRY_DONE(context_.store.write([&](IdentityRows& rows) { return rows.seen(digest, now); }));
  }
  Caller caller = caller_of(*user, Caller::By::kSession, address);
  caller.session_digest = digest;
  caller.authenticated_at = session->created_at;
  caller.csrf_token = csrf_token_of(session_id);
  return caller;
}

Result<Caller> SignIn::by_token(std::string_view token, const std::string& address) {
  Caller nobody;
  nobody.address = address;
  if (!token.starts_with(kTokenPrefix)) return nobody;
  const std::string digest = digest_of(token);
  std::optional<Token> kept;
  std::optional<User> user;
  TRY_DONE(context_.store.read([&](IdentityRows& rows) -> Done {
    TRY(kept, rows.token(digest));
    if (!kept) return done();
    TRY(user, rows.user(kept->user_id));
    return done();
  }));
  const Timestamp now = context_.clock.now();
  if (!kept || !user || !is_open(*user, context_.config) || now >= kept->expires_at) return nobody;
  if (!kept->used_at || now - *kept->used_at >= kSeenEvery) {
    TRY_DONE(context_.store.write([&](IdentityRows& rows) { return rows.used(digest, now); }));
  }
  Caller caller = caller_of(*user, Caller::By::kToken, address);
  caller.permissions = caller.permissions.both(kept->scopes).without(kOnlyInSessions);
  caller.authenticated_at = kept->created_at;
  return caller;
}

Result<std::vector<Session>> SignIn::sessions(const Caller& caller) {
  TRY(auto sessions, read<std::vector<Session>>(context_.store, [&](IdentityRows& rows) {
        return rows.sessions_of(caller.user_id);
      }));
  const Timestamp now = context_.clock.now();
  const Lifetime& lifetime =
      is_staff(caller.role) ? context_.config.staff : context_.config.customer;
  std::erase_if(sessions, [&](const Session& each) {
    return now >= each.expires_at || now >= each.seen_at + lifetime.idle;
  });
  std::stable_sort(sessions.begin(), sessions.end(),
                   [](const Session& a, const Session& b) { return a.created_at > b.created_at; });
  return sessions;
}

Done SignIn::end_session(const Caller& caller, std::string_view session_id) {
  return context_.store.write([&](IdentityRows& rows) -> Done {
    TRY(const auto sessions, rows.sessions_of(caller.user_id));
    for (const Session& session : sessions) {
      if (session_id_of(session.digest) != session_id) continue;
      TRY_DONE(rows.end_session(session.digest));
      return rows.add(Event{context_.clock.now(), "sessions_ended", caller.user_id, caller.user_id,
                            caller.address, "one"});
    }
    return Error{Fault::kNotFound, "You have no such session", "",
                 "GET /api/auth/sessions lists yours."};
  });
}

Done SignIn::end_other_sessions(const Caller& caller) {
  return context_.store.write([&](IdentityRows& rows) -> Done {
    TRY(const auto sessions, rows.sessions_of(caller.user_id));
    for (const Session& session : sessions) {
      if (session.digest == caller.session_digest) continue;
      TRY_DONE(rows.end_session(session.digest));
    }
    return rows.add(Event{context_.clock.now(), "sessions_ended", caller.user_id, caller.user_id,
                          caller.address, "all others"});
  });
}

}  // namespace claimlake::govern
