#include "govern/memory_identity_store.h"

#include <algorithm>

namespace claimlake::govern {
namespace {

class MemoryRows final : public IdentityRows {
 public:
  explicit MemoryRows(MemoryIdentityStore::State& state) : state_(state) {}

  Result<std::optional<User>> user(std::string_view id) override {
    return first(state_.users, [&](const User& each) { return each.id == id; });
  }
  Result<std::optional<User>> user_of(std::string_view email) override {
    return first(state_.users, [&](const User& each) { return each.email == email; });
  }
  Result<std::vector<User>> users(std::string_view after, int limit) override {
    std::vector<User> page = all(state_.users, [&](const User& each) { return each.id > after; });
    std::sort(page.begin(), page.end(), [](const User& a, const User& b) { return a.id < b.id; });
    if (page.size() > static_cast<std::size_t>(limit)) page.resize(static_cast<std::size_t>(limit));
    return page;
  }
  Result<std::int64_t> count(Role role) override {
    return static_cast<std::int64_t>(
        std::count_if(state_.users.begin(), state_.users.end(),
                      [&](const User& each) { return each.role == role && !each.disabled; }));
  }
  Done add(const User& user) override {
    const bool taken = std::any_of(state_.users.begin(), state_.users.end(), [&](const User& each) {
      return each.id == user.id || each.email == user.email;
    });
    if (taken) return Error{Fault::kConflict, "There is a user of that e-mail address already"};
    state_.users.push_back(user);
    return done();
  }
  Done change(const User& user) override {
    const auto found = std::find_if(state_.users.begin(), state_.users.end(),
                                    [&](const User& each) { return each.id == user.id; });
    if (found == state_.users.end()) return Error{Fault::kNotFound, "There is no such user"};
    const Timestamp created_at = found->created_at;
    *found = user;
    found->created_at = created_at;
    return done();
  }

  Result<std::optional<Session>> session(std::string_view digest) override {
    return first(state_.sessions, [&](const Session& each) { return each.digest == digest; });
  }
  Result<std::vector<Session>> sessions_of(std::string_view user_id) override {
    return all(state_.sessions, [&](const Session& each) { return each.user_id == user_id; });
  }
  Done add(const Session& session) override {
    state_.sessions.push_back(session);
    return done();
  }
  Done seen(std::string_view digest, Timestamp at) override {
    for (Session& each : state_.sessions) {
      if (each.digest == digest) each.seen_at = at;
    }
    return done();
  }
  Done end_session(std::string_view digest) override {
    std::erase_if(state_.sessions, [&](const Session& each) { return each.digest == digest; });
    return done();
  }
  Done end_sessions(std::string_view user_id) override {
    std::erase_if(state_.sessions, [&](const Session& each) { return each.user_id == user_id; });
    return done();
  }

  Result<std::optional<Token>> token(std::string_view digest) override {
    return first(state_.tokens, [&](const Token& each) { return each.digest == digest; });
  }
  Result<std::vector<Token>> tokens_of(std::string_view user_id) override {
    return all(state_.tokens, [&](const Token& each) { return each.user_id == user_id; });
  }
  Done add(const Token& token) override {
    state_.tokens.push_back(token);
    return done();
  }
  Done used(std::string_view digest, Timestamp at) override {
    for (Token& each : state_.tokens) {
      if (each.digest == digest) each.used_at = at;
    }
    return done();
  }
  Done revoke_token(std::string_view digest) override {
    std::erase_if(state_.tokens, [&](const Token& each) { return each.digest == digest; });
    return done();
  }
  Done revoke_tokens(std::string_view user_id) override {
    std::erase_if(state_.tokens, [&](const Token& each) { return each.user_id == user_id; });
    return done();
  }

  Result<std::optional<Code>> code(CodeKind kind, std::string_view digest) override {
    return first(state_.codes,
                 [&](const Code& each) { return each.kind == kind && each.digest == digest; });
  }
  Done add(const Code& code) override {
    state_.codes.push_back(code);
    return done();
  }
  Done end_code(CodeKind kind, std::string_view digest) override {
    std::erase_if(state_.codes,
                  [&](const Code& each) { return each.kind == kind && each.digest == digest; });
    return done();
  }
  Done end_codes(CodeKind kind, std::string_view user_id_or_email) override {
    std::erase_if(state_.codes, [&](const Code& each) {
      const std::string& of = kind == CodeKind::kInvitation ? each.email : each.user_id;
      return each.kind == kind && of == user_id_or_email;
    });
    return done();
  }

  Done add(const Event& event) override {
    state_.events.push_back(event);
    return done();
  }
  Result<std::vector<Event>> events(int limit) override {
    const auto count = std::min(state_.events.size(), static_cast<std::size_t>(limit));
    return std::vector<Event>(state_.events.rbegin(),
                              state_.events.rbegin() + static_cast<std::ptrdiff_t>(count));
  }

 private:
  template <class Row, class Wanted>
  static std::optional<Row> first(const std::vector<Row>& rows, Wanted wanted) {
    const auto found = std::find_if(rows.begin(), rows.end(), wanted);
    return found == rows.end() ? std::nullopt : std::optional<Row>(*found);
  }
  template <class Row, class Wanted>
  static std::vector<Row> all(const std::vector<Row>& rows, Wanted wanted) {
    std::vector<Row> found;
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(found), wanted);
    return found;
  }

  MemoryIdentityStore::State& state_;
};

}  // namespace

Done MemoryIdentityStore::write(const Work& work) {
  return state_.with([&](State& state) -> Done {
    State changed = state;
    MemoryRows rows(changed);
    TRY_DONE(work(rows));
    state = std::move(changed);
    return done();
  });
}

Done MemoryIdentityStore::read(const Work& work) const {
  State state = state_.with([](const State& kept) { return kept; });
  MemoryRows rows(state);
  return work(rows);
}

}  // namespace claimlake::govern
