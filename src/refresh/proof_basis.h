#pragma once

#include <map>
#include <optional>
#include <string>

#include "engine/table_directory.h"
#include "lake/lake.h"
#include "pack/model.h"
#include "refresh/publish.h"

namespace claimlake::refresh {

// What a version of a table was computed from, as its positions say.
struct ProofBasis {
  Inputs inputs;
  std::map<std::string, engine::TableVersion> versions;  // of the inputs
  Date as_of{};
  // The version of ops.quarantine that holds the refused rows of this version; null if none does.
  delta::SnapshotPtr quarantine;
};

// Errors, with what to do next: kNotFound (the table was not computed, or a version of an input is
// gone), kConflict (it was computed by another model or rules, or from a table that was made anew).
Result<ProofBasis> proof_basis(lake::Lake& lake, const pack::Model& model,
                               const delta::Snapshot& table);

}  // namespace claimlake::refresh
