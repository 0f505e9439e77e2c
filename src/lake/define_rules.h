#pragma once

#include <map>
#include <string>

#include "lake/lake.h"
#include "lake/table_definition.h"

namespace claimlake::lake {

// The definitions that set what a table asks of its rows (lake/row_rules.h), and what all
// definitions share. Each commits one version; errors: those of define().

// A new description of a table, as one version.
struct DefinitionCommit {
  TableName name;
  delta::SnapshotPtr base;
  delta::Metadata metadata;  // the protocol gets the features that it needs
  const char* operation;     // named in the history, with `parameters` (JSON texts)
  std::map<std::string, std::string> parameters;
  std::string run;
  bool looked_at_rows = false;  // then no row may have come since `base`
};
Done commit_definition(Lake& lake, DefinitionCommit commit);

// Errors: kInvalidInput: a rule that cannot be computed, names what it may not, or contradicts
// another one.
Done check_rules(const delta::Schema& schema, const std::map<std::string, std::string>& properties);

// Makes identity columns begin anew: for a table that is made like another one.
void forget_numbers(delta::Schema& schema);

// Looks at the rows of the table first; an error says how many break the constraint and shows five.
Done add_constraint(Lake& lake, engine::Session& session, const AddConstraint& add,
                    const std::string& run);
Done drop_constraint(Lake& lake, const DropConstraint& drop, const std::string& run);
Done set_default(Lake& lake, const SetDefault& set, const std::string& run);
// Lets an identity column go on behind the greatest value in the table.
Done sync_identity(Lake& lake, engine::Session& session, const SyncIdentity& sync,
                   const std::string& run);

}  // namespace claimlake::lake
