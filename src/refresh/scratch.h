#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/check.h"
#include "engine/engine.h"

namespace claimlake::refresh {

// Rows that a session keeps while something is computed. Gone on every way out.
class Scratch {
 public:
  explicit Scratch(engine::Session& session) : session_(session) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    for (const std::string& relation : relations_) session_.forget(relation);
  }
  // `relation`: as it is read then: "scratch('keys')".
  Result<engine::Kept> make(const std::string& relation, const std::string& select) {
    relations_.insert(relation);
    return session_.keep(relation, select);
  }

 private:
  engine::Session& session_;
  std::set<std::string> relations_;
};

// The only row of a query, of whole numbers. One query that asks for much costs less than many.
inline Result<std::vector<std::int64_t>> numbers(engine::Session& session, const std::string& query,
                                                 std::size_t columns) {
  TRY(const auto rows, session.query(query));
  TRY(const bool any, rows->next());
  CHECK(any, "an aggregate gives a row");
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < columns; ++i) out.push_back(rows->integer(i, 0));
  return out;
}

}  // namespace claimlake::refresh
