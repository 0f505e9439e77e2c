// What one claim costs inside the program, from the file's name to the last of its tables, and
// which table takes how long: the part of freshness that is ours to mend. bench/freshness.sh
// measures the whole of it, as a user sees it.
//
//   one_claim LAKE CLAIMS      each claim is new, of a policy that is in silver.dim_policies
//
// Prints one JSON line: milliseconds, medians and the 99th percentile, of all and of each table.
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>

#include "app/home.h"
#include "base/random.h"
#include "new_claims.h"

namespace claimlake::bench {
namespace {

Done run(const std::string& lake, int claims) {
  TRY(const auto home, app::Home::open(lake, {}));
  NoProgress progress;
  refresh::Pipeline pipeline({home->lake(), home->engine(), home->pack(), home->clock(),
                              home->random(), 2, std::numeric_limits<std::int64_t>::max(), 1},
                             progress, Cancel{});
  TRY_DONE(pipeline.prepare());
  TRY(const Date today, home->today());
  TRY(const auto of, policies(home->engine(), claims));
  std::map<std::string, std::vector<double>> ms;
  const std::string folder = lake + "/raw/claims";
  std::filesystem::create_directories(folder);
  for (int i = 0; i < claims; ++i) {
    const std::string id = uuid4(home->random());
    std::ofstream(folder + "/" + id + ".tmp")
        << claim_text(id, of[static_cast<std::size_t>(i) % of.size()], to_text(today));
    const auto start = home->clock().steady_now();
    std::filesystem::rename(folder + "/" + id + ".tmp", folder + "/" + id + ".json");
    TRY(const auto taken, pipeline.ingest({&home->store(), "raw", "claims/" + id + ".json"}));
    const auto since = [&] {
      return std::chrono::duration<double, std::milli>(home->clock().steady_now() - start).count();
    };
    ms["ingest"].push_back(since());
    TRY(const auto made, pipeline.run({.as_of = today}));
    ms["all"].push_back(since());
    for (const auto& table : made.tables) {
      if (table.outcome == refresh::TableOutcome::kSkipped) continue;
      ms[table.table].push_back(table.seconds * 1000);
      if (i == claims - 1) {
        fmt::print(stderr, "{:34} {:8.1f} ms  {}\n", table.table, table.seconds * 1000, table.way);
      }
      if (table.outcome != refresh::TableOutcome::kBuilt) {
        return Error{Fault::kUnavailable, table.table + ": " + table.message};
      }
    }
  }
  std::string line;
  for (const auto& [name, values] : ms) {
    line += fmt::format("{}\"{}\":{{\"p50\":{:.1f},\"p99\":{:.1f}}}", line.empty() ? "" : ",", name,
                        at(values, 0.5), at(values, 0.99));
  }
  fmt::print("{{\"bench\":\"one_claim\",\"claims\":{},{}}}\n", claims, line);
  return done();
}

}  // namespace
}  // namespace claimlake::bench

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: one_claim LAKE CLAIMS\n");
    return 2;
  }
  const auto result = claimlake::bench::run(argv[1], std::atoi(argv[2]));
  if (result) return 0;
  fmt::print(stderr, "{}\n", result.error().text());
  return 1;
}
