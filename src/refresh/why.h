#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "lake/lake.h"
#include "pack/pack.h"

namespace claimlake::refresh {

// Why a row is as it is: docs/formats/lineage.md, "Of a row".

// The commit that wrote a row.
struct WrittenBy {
  delta::LogVersion version = 0;
  Timestamp time{};
  std::string run;
  std::string way;  // "by key (3 touched)", "whole: ..."; "" of an ingest
};

// A row that a rule keeps from being published.
struct RefusedRow {
  std::string table;
  std::string key;
  std::string reason;
  std::string state;  // of the quarantine: "open", "dropped", ...
  std::string source_file;
  std::optional<std::string> source_position;
  std::string batch;
  std::string since;
};

// A rule that a person waived for a row, so that it is in its table in spite of it.
struct RowWaiver {
  std::string table;
  std::string key;
  std::string rule;
  std::string by;
  std::string why;
  std::string at;
  std::string withdrawn_by;  // "" while it holds; the next refresh takes the row out then
};

// What a rule says of the row, or of its table as a whole.
struct JudgedRule {
  std::string rule;
  std::string demand;   // in words
  std::string outcome;  // "holds", "fails", "waived" (it fails all the same); of a rule over the
                        // table "pass", "warn", "fail"
  bool of_table = false;
};

// The rows of one input, at the version that was read, that are behind the row.
struct RowsBehind {
  std::string table;
  std::optional<delta::LogVersion> version;  // absent where the log does not say
  std::string whole;    // why any row may be behind it; then `rows` are not given
  std::string problem;  // why the rows cannot be read
  std::int64_t count = 0;
  engine::TextTable rows;  // the first ones: their key, or their place in the raw files
  // Of the only row, all values.
  std::map<std::string, std::optional<std::string>> values;
  std::vector<WrittenBy> written;   // of Bronze: the ingests that brought the rows
  std::vector<RefusedRow> refused;  // rows of that key that the input's rules refused
  std::vector<RowWaiver> waivers;   // that hold for the rows
  std::vector<RowsBehind> inputs;
};

struct Why {
  std::string table;
  std::vector<std::pair<std::string, std::string>> key;  // column, value
  delta::LogVersion version = 0;                         // the newest, which was looked at
  bool present = false;
  std::optional<WrittenBy> written;  // of a row that is there
  engine::TextTable row;             // one row, all columns
  std::vector<JudgedRule> rules;
  std::vector<RefusedRow> refused;  // rows of this key
  std::vector<RowWaiver> waivers;   // of this key, those that were withdrawn, too
  std::vector<RowsBehind> inputs;
};

struct WhyContext {
  lake::Lake& lake;
  engine::Engine& engine;
  const pack::Pack& pack;
  std::chrono::milliseconds time_limit{0};  // of each query that it takes; 0: none
};

inline constexpr std::size_t kRowsShown = 20;  // of one input

// Explains the row of `table` whose key is `key` (values in the order of the key's columns).
// Errors: kNotFound (no such table, or it has no version), kInvalidInput (it has no key; the values
// do not fit it).
Result<Why> why(const WhyContext& context, const std::string& table,
                const std::vector<std::string>& key);

}  // namespace claimlake::refresh
