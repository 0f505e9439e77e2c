// What the turn of the day costs beside a rebuild of the same tables, in one run: the tables are
// brought to today, then to tomorrow by key, then built as a whole as of tomorrow.
//
//   day_turn LAKE      a demo lake, which it leaves as of tomorrow
//
// Prints one JSON line: seconds of both, in all and of each table that the turn did not skip, how
// many rows it wrote, and the ratio. One table is worked on at a time.
#include <fmt/format.h>

#include <limits>
#include <string>
#include <vector>

#include "app/home.h"

namespace claimlake::bench {
namespace {

Result<refresh::RunReport> refreshed(refresh::Pipeline& pipeline, Date day,
                                     std::vector<std::string> tables = {}) {
  const bool force = !tables.empty();
  TRY(refresh::RunReport report,
      pipeline.run({.as_of = day, .tables = std::move(tables), .force = force}));
  for (const auto& table : report.tables) {
    const bool well = table.outcome == refresh::TableOutcome::kBuilt ||
                      table.outcome == refresh::TableOutcome::kSkipped;
    if (!well) return Error{Fault::kUnavailable, table.table + ": " + table.message};
  }
  return report;
}

Done run(const std::string& lake) {
  TRY(const auto home, app::Home::open(lake, {}));
  NoProgress progress;
  refresh::Pipeline pipeline({home->lake(), home->engine(), home->pack(), home->clock(),
                              home->random(), 1, std::numeric_limits<std::int64_t>::max(), 0.2},
                             progress, Cancel{});
  TRY_DONE(pipeline.prepare());
  TRY(const Date today, home->today());
  const Date tomorrow = today + std::chrono::days(1);
  TRY(const auto before, refreshed(pipeline, today));
  TRY(const auto turn, refreshed(pipeline, tomorrow));
  std::vector<std::string> tables;
  for (const auto& table : turn.tables) {
    if (table.outcome == refresh::TableOutcome::kBuilt) tables.push_back(table.table);
  }
  TRY(const auto whole, refreshed(pipeline, tomorrow, tables));
  double of_turn = 0;
  double of_whole = 0;
  std::string each;
  for (const auto& table : turn.tables) {
    if (table.outcome != refresh::TableOutcome::kBuilt) continue;
    for (const auto& built : whole.tables) {
      if (built.table != table.table) continue;
      of_turn += table.seconds;
      of_whole += built.seconds;
      each += fmt::format(",\"{}\":{{\"turn\":{:.2f},\"whole\":{:.2f},\"rows\":{}}}", table.table,
                          table.seconds, built.seconds, table.rows);
      fmt::print(stderr, "{:34} {:6.2f} s of {:6.2f} s  {:8} rows  {}\n", table.table,
                 table.seconds, built.seconds, table.rows, table.way);
    }
  }
  fmt::print("{{\"bench\":\"day_turn\",\"turn\":{:.2f},\"whole\":{:.2f},\"ratio\":{:.3f}{}}}\n",
             of_turn, of_whole, of_turn / of_whole, each);
  return done();
}

}  // namespace
}  // namespace claimlake::bench

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: day_turn LAKE\n");
    return 2;
  }
  const auto result = claimlake::bench::run(argv[1]);
  if (result) return 0;
  fmt::print(stderr, "{}\n", result.error().text());
  return 1;
}
