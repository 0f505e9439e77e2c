#pragma once

#include <functional>
#include <memory>
#include <semaphore>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "engine/engine.h"
#include "serve/mirror.h"

namespace claimlake::serve {

// An engine session with its copies of small tables.
struct PooledSession {
  explicit PooledSession(std::unique_ptr<engine::Session> opened)
      : session(std::move(opened)), mirror(*session) {}
  const std::unique_ptr<engine::Session> session;
  Mirror mirror;
};

// Engine sessions, kept for the next request. No more are open than may run at once: queries of
// more would only take each other's cores and memory. Thread-safe.
class SessionPool {
 public:
  // `engine` outlives this. A query past `time_limit` fails with kTimeout.
  SessionPool(engine::Engine& engine, std::chrono::milliseconds time_limit, int sessions_max)
      : engine_(engine), time_limit_(time_limit), free_(sessions_max) {}

  // Calls `use` with a session, when one is free; `use` must not call this. One in which something
  // failed is not kept, and what may be the fault of an old session (its engine was opened anew
  // since) is tried once more on a new one.
  template <class T>
  Result<T> with(const std::function<Result<T>(PooledSession&)>& use) {
    const Slot slot(free_);
    TRY(std::unique_ptr<PooledSession> session, take(Age::kAny));
    Result<T> result = use(*session);
    const bool again = !result && (result.error().fault == Fault::kUnavailable ||
                                   result.error().fault == Fault::kInvalidInput);
    give_back(std::move(session), result.has_value());
    if (!again) return result;
    TRY(session, take(Age::kNew));
    result = use(*session);
    give_back(std::move(session), result.has_value());
    return result;
  }

  std::chrono::milliseconds time_limit() const { return time_limit_; }

  // Stops the queries that run now; those that wait are not begun.
  void interrupt_all();

 private:
  struct State {
    std::vector<std::unique_ptr<PooledSession>> idle;
    std::set<engine::Session*> running;
    bool is_stopped = false;
  };
  using Free = std::counting_semaphore<>;
  struct Slot {
    explicit Slot(Free& free) : free(free) { free.acquire(); }
    ~Slot() { free.release(); }
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    Free& free;
  };
  enum class Age { kAny, kNew };
  Result<std::unique_ptr<PooledSession>> take(Age age);
  void give_back(std::unique_ptr<PooledSession> session, bool keep);

  engine::Engine& engine_;
  const std::chrono::milliseconds time_limit_;
  Guarded<State> state_;
  Free free_;
};

// Writes rows as JSON objects, without the columns whose names begin with '_'.
class ObjectWriter {
 public:
  explicit ObjectWriter(const std::vector<engine::Rows::Column>& columns);
  void append(const engine::Rows& rows, std::size_t row, std::string& out) const;

 private:
  std::vector<std::string> keys_;  // with quotes and colon; empty for a column that is left out
};

// Appends the rows of `sql` as JSON objects with commas between them and returns how many there
// are. Columns whose names begin with '_' are left out.
Result<std::int64_t> append_rows(engine::Session& session, std::string_view sql,
                                 const std::vector<std::string>& parameters, std::string& out);

// The rows of `sql` as a JSON array.
Result<std::string> rows_json(engine::Session& session, std::string_view sql,
                              const std::vector<std::string>& parameters = {});

// The only row of `sql` as a JSON object, or "" if there is none.
Result<std::string> row_json(engine::Session& session, std::string_view sql,
                             const std::vector<std::string>& parameters = {});

}  // namespace claimlake::serve
