#pragma once

#include <string>

namespace claimlake::schedule {

// Whether a program has a file open for writing.
enum class Writing { kNo, kYes, kUnknown };

// Asks the kernel about a file of this machine. kUnknown where it cannot tell: a file system that
// is shared with other machines, a file of another user, a file that is not there.
Writing open_for_writing(const std::string& path);

}  // namespace claimlake::schedule
