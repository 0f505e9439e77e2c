#pragma once

#include <memory>

#include "store/aws_credentials.h"
#include "store/object_service.h"
#include "store/store_url.h"

namespace claimlake::store {

// Amazon S3, and services that answer as it does. Errors: kInvalidInput (a setting that does not
// fit). `context.clock` outlives the result.
Result<std::unique_ptr<ObjectService>> make_s3_service(const StoreUrl& url,
                                                       const StoreContext& context,
                                                       const net::WebClientOptions& options);

}  // namespace claimlake::store
