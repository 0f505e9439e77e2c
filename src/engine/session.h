#pragma once

#include <memory>

#include "engine/engine.h"
#include "engine/instance.h"
#include "engine/watchdog.h"

namespace claimlake::engine {

// `instances` and `watchdog` outlive the session; the engine owns them.
Result<std::unique_ptr<Session>> make_session(const SessionConfig& config, Instances& instances,
                                              Watchdog& watchdog);

}  // namespace claimlake::engine
