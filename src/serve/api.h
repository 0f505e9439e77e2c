#pragma once

#include <map>
#include <string>

#include "net/http_message.h"
#include "serve/answer.h"
#include "serve/answer_cache.h"
#include "serve/contract.h"
#include "serve/row_texts.h"
#include "serve/session_pool.h"

namespace claimlake::serve {

// The calls of the contract that are answered from tables. Thread-safe.
class Api {
 public:
  // All outlive this.
  Api(const ServeContext& context, SessionPool& sessions, AnswerCache& cache);

  // Whether `operation` is one of them.
  bool has(const Operation& operation) const { return answers_.contains(operation.id); }
  net::Response answer(const Operation& operation, const net::Request& request);

  Pinner& pinner() { return pinner_; }

 private:
  // The versions to read: the newest, or those that the cursor of the request began with.
  std::variant<Pins, Problem> pin(const Answer& answer, const Parameters& parameters,
                                  const std::optional<Cursor>& cursor);
  // Which tables are stale, as of now: also of versions that a cursor began with.
  Done tell_stale(Pins& pins);
  std::variant<std::shared_ptr<const CachedAnswer>, Problem> read(
      const Operation& operation, const Answer& answer, const Parameters& parameters,
      const std::optional<Cursor>& cursor, const Pins& pins);

  const ServeContext& context_;
  SessionPool& sessions_;
  AnswerCache& cache_;
  std::map<std::string, Answer> answers_;  // by operation id
  Pinner pinner_;
  refresh::StaleTables stale_;
  std::string pack_digest_;  // of the models and the program: answers hold what these say too
  RowTexts texts_;
};

}  // namespace claimlake::serve
