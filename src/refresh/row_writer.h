#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "delta/log.h"
#include "engine/engine.h"
#include "lake/lake.h"

namespace claimlake::refresh {

// The commit that a row of a table is from.
struct RowWriter {
  delta::LogVersion version = 0;
  std::string operation;  // "WRITE", "UPDATE", ...; empty if the log no longer says
  std::string run;        // empty if it was none of ours
  Timestamp at{};
};

// A row by the values of some columns, as text; null is absent.
using RowValues = std::vector<std::pair<std::string, std::optional<std::string>>>;

// Finds out which commit a row of one version of a table is from. All outlive it.
class RowWriters {
 public:
  RowWriters(lake::Lake& lake, engine::Session& session, lake::TableName name,
             delta::SnapshotPtr table);

  // The commit that wrote the row as it stands; commits that only moved it to another file are
  // passed over. Absent if there is no such row, or it is too far back.
  Result<std::optional<RowWriter>> of(const RowValues& row);
  // The commit that took the row out; absent if no version that is looked at had it.
  Result<std::optional<RowWriter>> who_removed(const RowValues& row);

 private:
  struct Stored {
    std::string file;
    std::string text;  // of all its columns
  };
  // The row in that version; absent if it has none.
  Result<std::optional<Stored>> find(const delta::SnapshotPtr& table, const RowValues& row);
  Result<delta::LogVersion> added_by(const std::string& path, delta::LogVersion last);
  Result<RowWriter> writer(delta::LogVersion version);
  Result<delta::SnapshotPtr> at(delta::LogVersion version);

  lake::Lake& lake_;
  engine::Session& session_;
  const lake::TableName name_;
  delta::SnapshotPtr table_;
  std::map<delta::LogVersion, delta::SnapshotPtr> versions_;
  std::map<delta::LogVersion, RowWriter> writers_;
};

}  // namespace claimlake::refresh
