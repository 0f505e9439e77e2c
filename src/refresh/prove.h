#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/progress.h"
#include "engine/engine.h"
#include "lake/lake.h"
#include "pack/pack.h"
#include "refresh/row_diff.h"
#include "refresh/row_writer.h"

namespace claimlake::refresh {

// The proof that a table is what its model gives (docs/formats/prove.md).

enum class ProofOutcome {
  kEqual,     // the model gives the same rows, and refuses the same
  kDiffers,   // it does not
  kUnproved,  // it cannot be told: what the table was computed from is not there any more
};
const char* proof_name(ProofOutcome outcome);  // "equal", "differs", "unproved"

// One row that differs. Left is what is stored, right what is computed again.
struct ProvedRow {
  std::string place;  // the table, or ops.quarantine
  DifferentRow row;   // `key` is the model's, or quarantine_id of a refused row
  std::vector<std::string> key_columns;
  // The commit that wrote what is stored, or that took out what is not; absent if not known.
  std::optional<RowWriter> from;
};

struct TableProof {
  std::string table;
  ProofOutcome outcome = ProofOutcome::kUnproved;
  std::optional<delta::LogVersion> version;         // that was looked at
  std::map<std::string, delta::LogVersion> inputs;  // that it was computed from again
  std::string as_of;            // the date that it was computed for; empty if it has none
  bool whole = true;            // false: a sample of its keys
  std::int64_t rows = 0;        // stored rows that were compared, refused ones too
  std::int64_t recomputed = 0;  // rows that the model gives, refused ones too
  std::int64_t only_stored = 0;
  std::int64_t only_recomputed = 0;
  std::int64_t differing = 0;
  std::map<std::string, std::int64_t> by_column;  // of `differing`
  double seconds = 0;
  std::string message;  // for people: what was left out, or why it is not proved
  std::string next;     // what to do then
  std::vector<ProvedRow> first_rows;
};

// Adds what was found to differ to a proof: at most `rows_max` rows of it in all.
void add_difference(TableProof& proof, RowDiff found, const std::string& place,
                    const std::vector<std::string>& key_columns, std::size_t rows_max);

struct ProofReport {
  double seconds = 0;
  std::vector<TableProof> tables;
  bool ok() const;  // all are equal
};

// All outlive it.
struct ProveContext {
  lake::Lake& lake;
  engine::Session& session;  // kInternal, at rest; interrupt() stops the query that runs
  const pack::Pack& pack;
  const Clock& clock;
  Progress& progress;
  Cancel cancel;
};

// How far back it goes.
enum class ProofFrom {
  kInputs,  // each table from the versions that it was computed from
  kBronze,  // these versions, too, where they are of Silver and Gold
  kRaw,     // and where they are of Bronze, from raw files
};

struct ProveOptions {
  std::vector<std::string> tables = {};  // empty: all of Silver and Gold
  std::optional<double> sample = {};     // in (0, 1]: this share of the keys of tables with keys
  ProofFrom from = ProofFrom::kInputs;
  std::size_t rows_max = 10;                // that are told one by one, per table
  const store::Store* raw_store = nullptr;  // for kRaw: where the raw files are
  std::string raw_folder = {};              // in that store
};

// Computes tables again from the versions of their inputs that they name, as their rules judge
// them, and compares both ways. Reads only, and versions that are committed, so that it may run
// while others write. Errors: kNotFound (no such table; says what is near), kInvalidInput (not a
// table that is computed), kCancelled. What goes wrong with one table is in its proof.
Result<ProofReport> prove(const ProveContext& context, const ProveOptions& options);

}  // namespace claimlake::refresh
