#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "delta/column_rules.h"
#include "engine/engine.h"
#include "engine/table_directory.h"
#include "lake/table_name.h"

namespace claimlake::lake {

// What the session holds while a change runs: the version of the table that is changed, and the
// rows of the change. Forgotten on every way out.
class ChangeSession {
 public:
  static constexpr const char* kChanges = "scratch('changes')";

  ChangeSession(engine::Session& session, const TableName& table)
      : session_(session), table_(table.text()) {}
  ChangeSession(const ChangeSession&) = delete;
  ChangeSession& operator=(const ChangeSession&) = delete;
  ~ChangeSession() {
    session_.forget(kChanges);
    for (const std::string& sequence : sequences_) {
      (void)session_.execute(fmt::format("DROP SEQUENCE IF EXISTS temp.{}", sequence));
    }
    if (bound_) (void)session_.drop_source(table_);
  }
  Done bind(const delta::SnapshotPtr& base, const std::string& folder) {
    bound_ = true;
    return session_.bind_version(table_, {base, folder});
  }
  // Numbers rows from `identity` on.
  Done count(const std::string& sequence, const delta::Identity& identity) {
    TRY(const std::int64_t first, identity.next());
    sequences_.push_back(sequence);
    TRY_DONE(session_.execute(fmt::format(
        "CREATE OR REPLACE TEMP SEQUENCE {} INCREMENT BY {} MINVALUE {} MAXVALUE {} START WITH {}",
        sequence, identity.step, identity.step > 0 ? first : INT64_MIN,
        identity.step > 0 ? INT64_MAX : first, first)));
    return done();
  }
  // The last number that was given; absent if none was.
  Result<std::optional<std::int64_t>> last(const std::string& sequence) {
    TRY(const auto rows,
        session_.query(fmt::format("SELECT last_value FROM duckdb_sequences() WHERE sequence_name "
                                   "= {} AND last_value IS NOT NULL",
                                   sql_string(sequence))));
    TRY(const bool any, rows->next());
    if (!any) return std::optional<std::int64_t>();
    return std::optional<std::int64_t>(rows->integer(0, 0));
  }
  Done make(const std::string& select) {
    TRY_DONE(session_.keep(kChanges, select));
    return done();
  }

 private:
  engine::Session& session_;
  const std::string table_;
  std::vector<std::string> sequences_;
  bool bound_ = false;
};

}  // namespace claimlake::lake
