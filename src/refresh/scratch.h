#pragma once

#include <set>
#include <string>

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

}  // namespace claimlake::refresh
