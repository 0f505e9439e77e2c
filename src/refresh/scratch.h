#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/check.h"
#include "engine/engine.h"

namespace claimlake::refresh {

// Temporary tables of a session. Gone on every way out.
class Scratch {
 public:
  explicit Scratch(engine::Session& session) : session_(session) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    for (const std::string& table : tables_) {
      (void)session_.execute("DROP TABLE IF EXISTS " + table);
    }
  }
  Done make(const std::string& table, const std::string& select) {
    tables_.insert(table);
    TRY_DONE(session_.execute("CREATE OR REPLACE TEMP TABLE " + table + " AS " + select));
    return done();
  }

 private:
  engine::Session& session_;
  std::set<std::string> tables_;
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
