#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pack/model.h"
#include "quality/checked.h"
#include "refresh/row_diff.h"

namespace claimlake::refresh {

// The column that tells refused rows from those of the table: their quarantine_id, else null.
inline constexpr const char* kRefusedAs = "_refused_as";

// True if rules may take rows out of the table, which wait in ops.quarantine then.
bool may_refuse(const pack::Model& model);

// A table and what its model gives: the versions that the session reads, whatever they are.
class ProofSelects {
 public:
  // `stored`: the columns of the table. `keys`: a relation of the keys that are looked at, as the
  // model names them; empty: all rows. `model` outlives this.
  ProofSelects(const pack::Model& model, std::vector<std::string> stored,
               quality::CheckOptions check, std::string keys);

  // The rows of the table and its refused ones, and beside them what the model gives.
  RowDiffInput rows_and_refused() const;
  // The rows of the table only.
  RowDiffInput rows() const;
  // Only which rows are refused, for where several have one key.
  RowDiffInput refused() const;

 private:
  std::string recomputed(const std::string& items, const std::string& where) const;
  std::string waiting(const std::string& items) const;
  std::string stored_rows(const std::string& items) const;
  std::string only_keys(const std::string& relation, const std::string& as) const;
  RowDiffInput input(std::string left, std::string right) const;

  const pack::Model& model_;
  std::vector<std::string> columns_;  // of both sides, but for the key
  quality::CheckOptions check_;
  std::string keys_;
};

// Columns that only one of the two has: the table and its model with what the program adds. Empty
// if there are none; else a sentence.
std::string other_columns(const pack::Model& model, const std::vector<std::string>& stored);

// A SELECT of about `share` of the keys that the table, the quarantine or the inputs have: always
// the same ones. Absent if the model leads from none of its inputs to keys.
std::optional<std::string> sample_of_keys(const pack::Model& model, double share);

}  // namespace claimlake::refresh
