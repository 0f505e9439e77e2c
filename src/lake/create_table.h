#pragma once

#include <string>

#include "lake/lake.h"
#include "lake/table_definition.h"

namespace claimlake::lake {

// Makes a table as one version of it: see define().
Done create_table(Lake& lake, engine::Session& session, const CreateTable& create,
                  const std::string& run);

}  // namespace claimlake::lake
