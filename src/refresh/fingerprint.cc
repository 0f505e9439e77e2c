#include "refresh/fingerprint.h"

namespace claimlake::refresh {

std::string input_app_id(std::string_view table) { return "claimlake.input." + std::string(table); }

std::string quarantine_app_id(std::string_view table) {
  return "claimlake.quarantine." + std::string(table);
}

std::string waivers_app_id(std::string_view table) {
  return std::string(kWaiversAppId) + "." + std::string(table);
}

std::int64_t fingerprint(std::string_view model_hash,
                         const std::map<std::string, InputVersion>& inputs,
                         std::string_view as_of) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  const auto mix = [&hash](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    hash = (hash ^ 0xff) * 0x100000001b3ULL;  // no text has this byte: parts stay apart
  };
  mix(model_hash);
  mix(as_of);
  for (const auto& [table, input] : inputs) {
    mix(table);
    mix(input.table_id);
    mix(std::to_string(input.version));
  }
  return static_cast<std::int64_t>(hash >> 1);
}

}  // namespace claimlake::refresh
