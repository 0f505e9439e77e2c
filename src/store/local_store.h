#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "store/store.h"

namespace claimlake::store {

// A store in the folder `root_folder` of this machine's file system; the folder and its parents
// are made if they are absent. Objects are plain files under their own names. Several processes
// may use one folder at once. The store must outlive its writers; readers stand alone.
//
// How it keeps its promises: an object is written to a file in ".tmp" and synced, then gets its
// name by one link (put_if_absent) or rename (put, Writer), then the folder is synced. A process
// that dies leaves at most files in ".tmp", which the next writer removes.
// put_if_absent answers kAmbiguous only if the disk fails in that last step.
//
// Errors: kUnavailable (no permission), kNotFound (a file has the name of the folder or of a
// parent), kInvalidInput (empty name).
Result<std::unique_ptr<Store>> open_local(std::string root_folder);

}  // namespace claimlake::store
