#pragma once

namespace claimlake::app {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace claimlake::app
