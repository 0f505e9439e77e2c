#include "app/told_state.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>

#include "app/flow_output.h"

namespace claimlake::app {
namespace {

// A line of text that may hold names of files in any encoding.
std::string dump(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

void ToldState::tell(const schedule::LiveState& state, Timestamp now) const {
  nlohmann::json json = to_json(state);
  json["told_at"] = to_rfc3339(now);
  const std::string whole = path_ + ".new";
  std::ofstream out(whole, std::ios::binary | std::ios::trunc);
  out << dump({{"lines", state_lines(state)}, {"state", json}}) << "\n";
  out.close();
  std::error_code ignored;
  if (out) {
    std::filesystem::rename(whole, path_, ignored);
  } else {
    forget();  // what it says is no longer so
  }
}

void ToldState::forget() const {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
  std::filesystem::remove(path_ + ".new", ignored);
}

std::optional<ToldState::Told> ToldState::read() const {
  std::ifstream in(path_, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  const auto json = nlohmann::json::parse(std::move(text).str(), nullptr, false);
  if (!json.is_object() || !json.contains("lines") || !json["lines"].is_string() ||
      !json.contains("state") || !json["state"].is_object()) {
    return std::nullopt;
  }
  return Told{json["lines"].get<std::string>(), dump(json["state"])};
}

}  // namespace claimlake::app
