#pragma once

#include <cstddef>

namespace claimlake::net {

// Lets this process have as many files and connections open as it may, at most `wanted`. Returns
// how many that is.
std::size_t allow_open_files(std::size_t wanted);

}  // namespace claimlake::net
