#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "records/database.h"

namespace claimlake::records {

// The statements that lead from one version of the schema to the next; the first makes version 1.
using SchemaStep = std::vector<std::string>;
const std::vector<SchemaStep>& schema_steps();

// Brings the tables of `database` to the last of `steps`, in one transaction, after a backup of
// what is there. Returns the id of the store. Errors: kConflict (a newer schema), those of the
// database; nothing is changed then.
Result<std::string> bring_forward(Database& database, const std::vector<SchemaStep>& steps,
                                  Random& random);

}  // namespace claimlake::records
