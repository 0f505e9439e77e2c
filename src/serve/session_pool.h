#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "engine/engine.h"

namespace claimlake::serve {

// Read-only engine sessions, kept for the next request. As many are open as requests run at once,
// which the server's workers bound. Thread-safe.
class SessionPool {
 public:
  // `engine` outlives this. A query past `time_limit` fails with kTimeout.
  SessionPool(engine::Engine& engine, std::chrono::milliseconds time_limit)
      : engine_(engine), time_limit_(time_limit) {}

  // Calls `use` with a session. A session in which something failed is not kept. A failure with
  // kUnavailable is tried once more on a new session: the engine may have been opened anew.
  template <class T>
  Result<T> with(const std::function<Result<T>(engine::Session&)>& use) {
    for (bool again = false;; again = true) {
      TRY(std::unique_ptr<engine::Session> session, take());
      engine::Session* const running = session.get();
      Result<T> result = use(*running);
      give_back(std::move(session), result.has_value());
      if (result || result.error().fault != Fault::kUnavailable || again) return result;
    }
  }

  // Stops the queries that run now.
  void interrupt_all();

 private:
  struct State {
    std::vector<std::unique_ptr<engine::Session>> idle;
    std::set<engine::Session*> running;
  };
  Result<std::unique_ptr<engine::Session>> take();
  void give_back(std::unique_ptr<engine::Session> session, bool keep);

  engine::Engine& engine_;
  const std::chrono::milliseconds time_limit_;
  Guarded<State> state_;
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
