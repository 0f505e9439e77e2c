#pragma once

#include <map>
#include <string>

#include "engine/change_statement.h"
#include "lake/table_name.h"

namespace claimlake::lake {

// True if the statement may look at the table's rows beyond the one that it changes: then what it
// does depends on all of them. `definitions` are the SQL texts of views and functions, which may
// read the table too. A name that only looks like the table's does no harm.
bool reads_itself(const engine::ChangeStatement& statement,
                  const std::map<TableName, std::string>& definitions);

}  // namespace claimlake::lake
