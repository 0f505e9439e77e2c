#include "refresh/quarantine_json.h"

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace claimlake::refresh {
namespace {

nlohmann::json key_json(const std::string& key) {
  return key.empty() ? nlohmann::json() : nlohmann::json(key);
}

}  // namespace

nlohmann::json to_json(const std::vector<RecheckedRow>& rows, const std::string& table) {
  nlohmann::json json = nlohmann::json::array();
  for (const RecheckedRow& row : rows) {
    json.push_back({{"table", to_lower(table)},
                    {"key", key_json(row.key)},
                    {"id", row.quarantine_id},
                    {"outcome", recheck_name(row.outcome)},
                    {"rules", row.rules},
                    {"reason", row.reason}});
  }
  return json;
}

nlohmann::json to_json(const std::vector<WaiverChange>& changes, const WaiverRequest& request) {
  nlohmann::json json = nlohmann::json::array();
  for (const WaiverChange& change : changes) {
    json.push_back({{"table", to_lower(request.table)},
                    {"key", key_json(change.key)},
                    {"id", change.quarantine_id},
                    {"rules", change.rules},
                    {"still_refused_by", change.still_refuses},
                    {"by", request.by},
                    {"why", request.why}});
  }
  return json;
}

}  // namespace claimlake::refresh
