#pragma once

#include <memory>

#include "store/azure_credentials.h"
#include "store/object_service.h"
#include "store/store_url.h"

namespace claimlake::store {

// Azure Blob storage and, through the same API, ADLS Gen2. Errors: kInvalidInput (a setting that
// does not fit, no account). `context.clock` outlives the result.
Result<std::unique_ptr<ObjectService>> make_azure_service(const StoreUrl& url,
                                                          const StoreContext& context,
                                                          const net::WebClientOptions& options);

}  // namespace claimlake::store
