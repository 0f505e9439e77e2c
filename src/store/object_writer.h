#pragma once

#include <memory>
#include <string>

#include "store/courier.h"
#include "store/store.h"

namespace claimlake::store {

// A writer that puts a small object at once and a large one in parts, a few of which are on their
// way at a time. What is dropped before finish() is aborted at the service.
std::unique_ptr<Writer> make_object_writer(std::shared_ptr<const Courier> courier, std::string key,
                                           std::string what);

}  // namespace claimlake::store
