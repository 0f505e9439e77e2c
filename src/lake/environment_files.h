#pragma once

#include <map>
#include <string>

#include "lake/lake.h"

namespace claimlake::lake {

// The files below the folder of `name` that tables of environments need (clone_table.h), by their
// path in the store, with the environment: of their newest versions, and what was taken out of them
// after `since`. Reads the log of every table of every environment; nothing where there are none.
// Errors: that a table of an environment cannot be read: then nobody knows what it needs.
Result<std::map<std::string, std::string>> files_of_environments(Lake& lake, const TableName& name,
                                                                 Timestamp since);

}  // namespace claimlake::lake
