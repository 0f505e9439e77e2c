#include "refresh/report_json.h"

#include <nlohmann/json.hpp>

namespace claimlake::refresh {

nlohmann::json to_json(const RunReport& report) {
  nlohmann::json tables = nlohmann::json::array();
  for (const TableReport& table : report.tables) {
    tables.push_back(
        {{"table", table.table},
         {"outcome", outcome_name(table.outcome)},
         {"version", table.version ? nlohmann::json(*table.version) : nlohmann::json()},
         {"rows", table.rows},
         {"refused_rows", table.refused_rows},
         {"seconds", table.seconds},
         {"way", table.way},
         {"message", remark(table)}});
  }
  return {{"run", report.run},
          {"started_at", to_rfc3339(report.started_at)},
          {"seconds", report.seconds},
          {"rows", report.rows()},
          {"refused_rows", report.refused_rows()},
          {"ok", report.ok()},
          {"publish", report.together ? "together" : "each"},
          {"tables", tables}};
}

}  // namespace claimlake::refresh
