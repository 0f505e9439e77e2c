#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "check/check_table.h"

namespace claimlake::check {

// For the end of tests that write tables: each table in `store` keeps to the protocol, down to the
// statistics of its rows.
inline void expect_tables_keep_to_the_protocol(store::Store& store, engine::Engine& engine,
                                               const Clock& clock, Random& random) {
  const auto objects = store.list_all("");
  ASSERT_TRUE(objects) << objects.error().text();
  std::set<std::string> tables;
  for (const store::ObjectInfo& object : *objects) {
    const auto log = object.path.find("/_delta_log/");
    if (log != std::string::npos) tables.insert(object.path.substr(0, log));
  }
  const auto session = engine.session({.access = engine::Access::kInternal});
  ASSERT_TRUE(session) << session.error().text();
  NoProgress progress;
  for (const std::string& table : tables) {
    const auto report =
        check_table({{store, engine.parquet_io(), clock, random}, **session, progress, {}}, table,
                    {.with_rows = true});
    ASSERT_TRUE(report) << report.error().text();
    for (const Finding& finding : report->findings.kept()) {
      if (info(finding.rule).severity == Severity::kWarning) continue;
      ADD_FAILURE() << info(finding.rule).name << " " << finding.where << ": " << finding.seen;
    }
  }
}

}  // namespace claimlake::check
