#pragma once

#include "engine/engine.h"
#include "lake/table_name.h"

namespace claimlake::lake {

// While it lives, a session sees a table at the version that is worked on.
class BoundVersion {
 public:
  BoundVersion(engine::Session& session, const TableName& name) : session_(session), name_(name) {}
  BoundVersion(const BoundVersion&) = delete;
  BoundVersion& operator=(const BoundVersion&) = delete;
  ~BoundVersion() { (void)session_.drop_source(name_.text()); }
  Done to(const delta::SnapshotPtr& version) {
    return session_.bind_version(name_.text(), {version, name_.folder()});
  }

 private:
  engine::Session& session_;
  const TableName name_;
};

}  // namespace claimlake::lake
