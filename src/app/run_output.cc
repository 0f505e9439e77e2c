#include "app/run_output.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

namespace claimlake::app {

void print_report(const refresh::RunReport& report, const Output& output) {
  TextRows shown{{{"table"},
                  {"outcome"},
                  {"version", Align::kRight},
                  {"rows", Align::kRight},
                  {"refused", Align::kRight},
                  {"seconds", Align::kRight}},
                 {}};
  std::string problems;
  std::map<std::string, std::string> kept_back;  // by the table because of which
  for (const refresh::TableReport& table : report.tables) {
    shown.rows.push_back({table.table, refresh::outcome_name(table.outcome),
                          table.version ? std::to_string(*table.version) : "",
                          human_count(table.rows), human_count(table.refused_rows),
                          fmt::format("{:.2f}", table.seconds)});
    if (!table.kept_back_by.empty()) {
      std::string& tables = kept_back[table.kept_back_by];
      tables += (tables.empty() ? "" : ", ") + table.table;
      continue;
    }
    const std::string remark = refresh::remark(table);
    if (!remark.empty()) problems += fmt::format("\n{}: {}\n", table.table, remark);
  }
  for (const auto& [cause, tables] : kept_back) {
    problems += fmt::format(
        "\nKept back because of {}, for the pack says publish: together: {}; readers keep the last "
        "good version of each\n",
        cause, tables);
  }
  if (!shown.rows.empty()) output.table(shown);
  output.text(fmt::format("{} rows, {} refused, {}{}", human_count(report.rows()),
                          human_count(report.refused_rows()), human_seconds(report.seconds),
                          problems));
  if (report.refused_rows() > 0) {
    output.text(
        "claimlake quality quarantine --rows says of each refused row why, and where it is");
  }
}

}  // namespace claimlake::app
