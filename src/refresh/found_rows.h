#pragma once

#include <map>
#include <string>

#include "delta/schema.h"
#include "engine/engine.h"
#include "lake/lake.h"
#include "pack/model.h"
#include "refresh/publish.h"
#include "refresh/scratch.h"

namespace claimlake::refresh {

// Rows of tables that a refresh by key (key_refresh.h) finds by values of their columns. Few of
// them are kept in the session: what is asked of them then costs the same whatever table they
// are from. Of an input of the model a column has values there only if the model or its rules read
// it, and is NULL otherwise: a row group is read at the cost of the columns that count.
class FoundRows {
 public:
  // All outlive it. `inputs`: at the versions that the session reads.
  FoundRows(engine::Session& session, lake::Lake& lake, const pack::Model& model,
            const Inputs& inputs, Scratch& scratch)
      : session_(session), lake_(lake), model_(model), inputs_(inputs), scratch_(scratch) {}

  // A relation with the columns of the table, by name or as a SELECT in parentheses. The same rows
  // are found once.
  Result<std::string> find(const engine::LookUp& asked);
  // Whether values that are compared are of one type, so that they are looked up as they compare.
  // `relation`: has the model's columns.
  Result<bool> of_one_type(const engine::LookUp& look_up) const;
  // The same of no rows of `table`.
  Result<std::string> none(const std::string& table) const;

 private:
  Result<engine::LookUp> narrow(engine::LookUp look_up) const;
  Result<delta::Schema> schema_of(const std::string& table) const;

  engine::Session& session_;
  lake::Lake& lake_;
  const pack::Model& model_;
  const Inputs& inputs_;
  Scratch& scratch_;
  std::map<std::string, std::string> found_;  // relations by what was looked for
  std::map<std::string, std::string> kept_;   // of these, what they are made of
};

}  // namespace claimlake::refresh
