#include "govern/tokens.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "govern/secret.h"

namespace claimlake::govern {
namespace {

std::string listed(Permissions permissions) {
  std::string text = to_text(permissions);
  for (std::size_t i = 0; (i = text.find(' ', i)) != std::string::npos; i += 2) {
    text.replace(i, 1, ", ");
  }
  return text.empty() ? "none" : text;
}

Result<Permissions> scopes_of(const std::vector<std::string>& names, Permissions possible) {
  Permissions scopes;
  for (const std::string& name : names) {
    const auto permission = permission_of(name);
    if (!permission || !possible.has(*permission)) {
      return Error{Fault::kInvalidInput,
                   "A token of yours cannot have the scope '" + excerpt(name) + "'", "",
                   "It can have: " + listed(possible) + "."};
    }
    scopes.add(*permission);
  }
  if (scopes.empty()) {
    return Error{Fault::kInvalidInput, "The token has no scope, so it could do nothing", "",
                 "Give one or more of: " + listed(possible) + "."};
  }
  return scopes;
}

}  // namespace

Result<Tokens::Made> Tokens::make(const Caller& caller, const std::string& name,
                                  const std::vector<std::string>& scopes, int days) {
  TRY(const std::string kept_name, as_name(name));
  TRY(const Permissions wanted, scopes_of(scopes, caller.permissions.without(kOnlyInSessions)));
  if (days == 0) days = context_.config.token_days;
  if (days < 1 || days > context_.config.token_days_max) {
    return Error{Fault::kInvalidInput,
                 fmt::format("A token lasts 1 to {} days", context_.config.token_days_max), "",
                 "Make a new one before it ends."};
  }
  const Timestamp now = context_.clock.now();
  Made made;
  made.token = std::string(kTokenPrefix) + new_secret(context_.random);
  made.kept = {.digest = digest_of(made.token),
               .user_id = caller.user_id,
               .name = kept_name,
               .scopes = wanted,
               .created_at = now,
               .expires_at = now + std::chrono::hours(24) * days};
  TRY_DONE(context_.store.write([&](IdentityRows& rows) -> Done {
    TRY(const auto tokens, rows.tokens_of(caller.user_id));
    const auto live = std::count_if(tokens.begin(), tokens.end(),
                                    [&](const Token& each) { return now < each.expires_at; });
    if (live >= context_.config.tokens_max) {
      return Error{Fault::kConflict, fmt::format("You have {} tokens, the most there may be", live),
                   "", "Revoke one that is not used any more."};
    }
    TRY_DONE(rows.add(made.kept));
    return rows.add(
        Event{now, "token_made", caller.user_id, caller.user_id, caller.address, to_text(wanted)});
  }));
  return made;
}

Result<std::vector<Token>> Tokens::of(const Caller& caller) {
  TRY(auto tokens, read<std::vector<Token>>(context_.store, [&](IdentityRows& rows) {
        return rows.tokens_of(caller.user_id);
      }));
  const Timestamp now = context_.clock.now();
  std::erase_if(tokens, [&](const Token& each) { return now >= each.expires_at; });
  std::stable_sort(tokens.begin(), tokens.end(),
                   [](const Token& a, const Token& b) { return a.created_at > b.created_at; });
  return tokens;
}

Done Tokens::revoke(const Caller& caller, std::string_view token_id) {
  return context_.store.write([&](IdentityRows& rows) -> Done {
    TRY(const auto tokens, rows.tokens_of(caller.user_id));
    for (const Token& token : tokens) {
      if (token_id_of(token.digest) != token_id) continue;
      TRY_DONE(rows.revoke_token(token.digest));
      return rows.add(Event{context_.clock.now(), "token_revoked", caller.user_id, caller.user_id,
                            caller.address, token_id_of(token.digest)});
    }
    return Error{Fault::kNotFound, "You have no such token", "",
                 "GET /api/auth/tokens lists yours."};
  });
}

}  // namespace claimlake::govern
