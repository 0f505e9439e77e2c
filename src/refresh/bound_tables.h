#pragma once

#include <set>
#include <string>

#include "engine/engine.h"
#include "engine/table_directory.h"

namespace claimlake::refresh {

// Versions of tables that a session reads, whatever is newer, for as long as this lives.
class BoundTables {
 public:
  explicit BoundTables(engine::Session& session) : session_(session) {}
  BoundTables(const BoundTables&) = delete;
  BoundTables& operator=(const BoundTables&) = delete;
  ~BoundTables() {
    for (const std::string& table : bound_) (void)session_.drop_source(table);
  }
  Done bind(const std::string& table, const engine::TableVersion& version) {
    bound_.insert(table);
    return session_.bind_version(table, version);
  }
  void unbind(const std::string& table) {
    if (bound_.erase(table) > 0) (void)session_.drop_source(table);
  }

 private:
  engine::Session& session_;
  std::set<std::string> bound_;
};

}  // namespace claimlake::refresh
