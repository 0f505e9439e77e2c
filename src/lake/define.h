#pragma once

#include <string>

#include "lake/lake.h"
#include "lake/table_definition.h"

namespace claimlake::lake {

// Makes, alters or drops a table: one version of it. A table made here has deletion vectors turned
// on unless its properties say otherwise (docs/decisions/0005-changes-are-selects.md): so one
// changed row costs a few bytes. `session`: kInternal, runs AS SELECT. `run`: named in the history.
// Errors: kConflict (the table exists, or another writer altered it meanwhile), kNotFound,
// kInvalidInput (a column or property that cannot be; what is needed instead).
Done define(Lake& lake, engine::Session& session, const Definition& definition,
            const std::string& run, const Cancel& cancel = {});

}  // namespace claimlake::lake
