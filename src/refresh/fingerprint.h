#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "delta/action.h"

namespace claimlake::refresh {

// Application ids of positions in refreshed tables and in ops.quarantine (docs/formats/lake.md).
inline constexpr std::string_view kRefreshAppId = "claimlake.refresh";
inline constexpr std::string_view kRefusedAppId = "claimlake.refused";
inline constexpr std::string_view kKeptAppId = "claimlake.kept";
std::string input_app_id(std::string_view table);
std::string quarantine_app_id(std::string_view table);
// In ops.waivers: the version that changed it last, and that which changed those of `table`.
inline constexpr std::string_view kWaiversAppId = "claimlake.waivers";
std::string waivers_app_id(std::string_view table);

// One version of one table. A table that was removed and made anew has the same versions again, but
// another id.
struct InputVersion {
  std::string table_id;
  delta::LogVersion version = 0;
};

// A number that changes when the result of a model may change: with its text, with a version of
// one of its inputs, and with the date where it depends on it ("" where not). 63 bits of FNV-1a.
std::int64_t fingerprint(std::string_view model_hash,
                         const std::map<std::string, InputVersion>& inputs, std::string_view as_of);

}  // namespace claimlake::refresh
