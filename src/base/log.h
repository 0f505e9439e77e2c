#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace claimlake {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// One named value of an event. Numbers are passed as text.
struct LogField {
  std::string_view name;
  std::string value;
};

// Writes one event to standard error as one line: time level event name=value ...
// An event is logged once, where it is handled. Never pass secrets or personal data; surrogate
// ids are fine. Thread-safe.
void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

// Events below `level` are not written. Default: kWarning (the CLI), kInfo under `serve`.
void set_log_level(LogLevel level);

}  // namespace claimlake
