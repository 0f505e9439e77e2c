#include "serve/session_pool.h"

#include "serve/problem.h"

namespace claimlake::serve {

Result<std::unique_ptr<PooledSession>> SessionPool::take(Age age) {
  bool is_stopped = false;
  auto session = state_.with([&](State& state) {
    std::unique_ptr<PooledSession> idle;
    is_stopped = state.is_stopped;
    if (age == Age::kAny && !state.idle.empty()) {
      idle = std::move(state.idle.back());
      state.idle.pop_back();
    }
    return idle;
  });
  if (is_stopped) return Error{Fault::kCancelled, "The server is stopping"};
  if (session == nullptr) {
    engine::SessionConfig config;
    // Only our own SQL runs here, and it makes the mirrors; what clients send are parameters.
    config.access = engine::Access::kInternal;
    config.time_limit = time_limit_;
    TRY(auto opened, engine_.session(config));
    session = std::make_unique<PooledSession>(std::move(opened));
  }
  state_.with([&](State& state) { state.running.insert(session->session.get()); });
  return session;
}

void SessionPool::give_back(std::unique_ptr<PooledSession> session, bool keep) {
  state_.with([&](State& state) {
    state.running.erase(session->session.get());
    if (keep) state.idle.push_back(std::move(session));
  });
}

void SessionPool::interrupt_all() {
  state_.with([](State& state) {
    state.is_stopped = true;
    for (engine::Session* session : state.running) session->interrupt();
  });
}

ObjectWriter::ObjectWriter(const std::vector<engine::Rows::Column>& columns) {
  for (const auto& column : columns) {
    keys_.push_back(column.name.starts_with('_') ? "" : json_string(column.name) + ":");
  }
}

void ObjectWriter::append(const engine::Rows& rows, std::size_t row, std::string& out) const {
  char separator = '{';
  for (std::size_t column = 0; column < keys_.size(); ++column) {
    if (keys_[column].empty()) continue;
    out += separator;
    separator = ',';
    out += keys_[column];
    rows.json(column, row, out);
  }
  out += '}';
}

Result<std::int64_t> append_rows(engine::Session& session, std::string_view sql,
                                 const std::vector<std::string>& parameters, std::string& out) {
  TRY(const auto rows, session.query(sql, parameters));
  const ObjectWriter objects(rows->columns());
  std::int64_t count = 0;
  for (;;) {
    TRY(const bool more, rows->next());
    if (!more) return count;
    for (std::size_t row = 0; row < rows->row_count(); ++row) {
      if (count++ > 0) out += ',';
      objects.append(*rows, row, out);
    }
  }
}

Result<std::string> rows_json(engine::Session& session, std::string_view sql,
                              const std::vector<std::string>& parameters) {
  std::string out = "[";
  TRY_DONE(append_rows(session, sql, parameters, out));
  return out + ']';
}

Result<std::string> row_json(engine::Session& session, std::string_view sql,
                             const std::vector<std::string>& parameters) {
  std::string out;
  TRY(const std::int64_t count, append_rows(session, sql, parameters, out));
  CHECK(count <= 1, "a query for one row gave more");
  return out;
}

}  // namespace claimlake::serve
