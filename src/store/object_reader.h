#pragma once

#include <memory>
#include <string>

#include "store/courier.h"
#include "store/store.h"

namespace claimlake::store {

// The whole object `key`. A connection that breaks in the middle is followed by a request for the
// rest. `what` names the call for messages. Errors: kNotFound, kUnavailable.
Result<std::string> read_object(const Courier& courier, const std::string& key,
                                const std::string& what);

// A reader that asks for ranges: its first request brings the end of the object too, where Parquet
// keeps its footer; small reads bring what lies behind them; large ones go over several connections
// at once. An object that is replaced while it is open is an error (kUnavailable) unless the part
// that is asked for is here already.
Result<std::unique_ptr<Reader>> open_object(std::shared_ptr<const Courier> courier, std::string key,
                                            std::string what);

}  // namespace claimlake::store
