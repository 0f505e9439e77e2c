#pragma once

#include <memory>
#include <string>

#include "store/store.h"
#include "store/store_settings.h"

namespace claimlake::store {

// The store at `place`: a folder of this machine, or the URL of an object store. Of the latter it
// is not asked yet whether it is there. Errors: those of open_local() and parse_store_url(), and
// kInvalidInput for settings that do not fit.
Result<std::unique_ptr<Store>> open_store(const std::string& place, const StoreContext& context);

}  // namespace claimlake::store
