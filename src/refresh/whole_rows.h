#pragma once

#include <string>

#include "lake/write_request.h"
#include "pack/model.h"
#include "quality/checked.h"
#include "refresh/publish.h"
#include "refresh/table_refresh.h"

namespace claimlake::refresh {

// All rows of a model, staged.
struct WholeRows {
  lake::Staged staged;
  InParts in_parts;  // how they were computed
};

// Computes and stages all rows of `model`: at once, or where that needs more memory than there is,
// in parts by its key, ever smaller ones (docs/formats/refresh.md). Begins with as many parts as
// `past` tells were needed in so much memory. On an error nothing stays staged.
Result<WholeRows> stage_whole(const TableRefreshContext& context, const pack::Model& model,
                              const quality::CheckOptions& check, const InParts& past);

// Stages the rows of one SELECT for the table of `model`.
Result<lake::Staged> stage_rows(const TableRefreshContext& context, const pack::Model& model,
                                const std::string& select);

}  // namespace claimlake::refresh
