// Load on the live pipeline, in process, as `claimlake watch` runs it: claims in files of 100 that
// are renamed into the raw folder, first at a steady rate, then many at once.
//
//   load LAKE RATE SECONDS BURST     claims per second, how long, and claims at once; 0: not at all
//
// Every claim is new and of a policy of the lake. A claim counts as in Gold when the refresh that
// brought gold.claims_analytics its row has ended; files are taken in the order of their names, so
// that the number of rows says which claims are there. The burst is absorbed when all of it is
// committed in bronze.claims_raw, seen within 0.1 s. Prints JSON lines: lag of claims, memory of
// the whole process and live files of all tables for each sixth of the time, then of the burst, and
// of single claims after it. Ends with 1 if the pipeline had a problem or a claim did not arrive.
#include <fmt/format.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>

#include "app/home.h"
#include "app/live_host.h"
#include "new_claims.h"

namespace claimlake::bench {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock::time_point;

constexpr int kClaimsPerFile = 100;
constexpr int kWindows = 6;
constexpr int kSingles = 20;
constexpr auto kPatience = 20min;  // until all that was dropped is in Gold
constexpr const char* kCounted = "gold.claims_analytics";
constexpr const char* kAbsorbed = "bronze.claims_raw";

double seconds(Steady from, Steady to) { return std::chrono::duration<double>(to - from).count(); }

// What the pipeline has told, and how many claims were in Gold when.
class Heard {
 public:
  struct Mark {
    Steady at;
    std::int64_t claims;
  };
  explicit Heard(app::Home& home) : home_(home) {}

  void hear(const schedule::LiveEvent& event) {
    const auto now = home_.clock().steady_now();
    const std::int64_t rows = count();
    const std::lock_guard lock(mutex_);
    for (const auto& [of, problem] : event.state.problems) problem_ = of + ": " + problem.what;
    if (!event.refreshed) return;
    show(event);
    ++refreshes_;
    refresh_seconds_.push_back(event.refreshed->seconds);
    marks_.push_back({now, rows});
    peak_bytes_ = std::max(peak_bytes_, resident_bytes());
    told_.notify_all();
  }
  // Returns at `then`, or, if `for_news`, when a refresh has ended before.
  void wait_until(Steady then, bool for_news) {
    std::unique_lock lock(mutex_);
    const std::size_t before = marks_.size();
    told_.wait_until(lock, then, [&] { return for_news && marks_.size() != before; });
  }
  std::int64_t count(const char* of = kCounted) const {
    const auto name = lake::TableName::parse(of);
    const auto table = home_.lake().snapshot_if_any(*name);
    return table && *table != nullptr ? (*table)->row_count().value_or(0) : 0;
  }
  std::vector<Mark> marks() const {
    const std::lock_guard lock(mutex_);
    return marks_;
  }
  std::string problem() const {
    const std::lock_guard lock(mutex_);
    return problem_;
  }
  // Since it was asked last.
  struct Since {
    std::int64_t refreshes = 0;
    std::vector<double> seconds;
    std::int64_t peak_bytes = 0;
  };
  Since since() {
    const std::lock_guard lock(mutex_);
    Since out{std::exchange(refreshes_, 0), std::exchange(refresh_seconds_, {}),
              std::max(peak_bytes_, resident_bytes())};
    peak_bytes_ = 0;
    return out;
  }

 private:
  // One line to standard error: what the refresh took, and each of its tables.
  static void show(const schedule::LiveEvent& event);

  app::Home& home_;
  mutable std::mutex mutex_;
  std::condition_variable told_;
  std::vector<Mark> marks_;
  std::string problem_;
  std::int64_t refreshes_ = 0;
  std::vector<double> refresh_seconds_;
  std::int64_t peak_bytes_ = 0;
};

void Heard::show(const schedule::LiveEvent& event) {
  std::string line;
  std::int64_t rows = 0;
  if (event.ingested) {
    rows = event.ingested->rows();
    line = fmt::format(" ingest {:.0f}", event.ingested->seconds * 1000);
  }
  for (const auto& table : event.refreshed->tables) {
    if (table.outcome == refresh::TableOutcome::kSkipped) continue;
    line += fmt::format("; {} {:.0f} {}", table.table.substr(table.table.find('.') + 1),
                        table.seconds * 1000, table.way);
  }
  fmt::print(stderr, "{} claims, refresh {:.0f} ms:{}\n", rows, event.refreshed->seconds * 1000,
             line);
}

class Load {
 public:
  Load(app::Home& home, std::string day, std::vector<Policy> policies)
      : home_(home), day_(std::move(day)), policies_(std::move(policies)), heard_(home) {
    std::filesystem::create_directories(home_.folder() + "/raw/claims");
  }

  Heard& heard() { return heard_; }
  void begin() {
    before_ = heard_.count();
    before_absorbed_ = heard_.count(kAbsorbed);
  }
  Done steady(int rate, int for_seconds);
  Done burst(int claims);
  Done singles();

 private:
  Steady now() const { return home_.clock().steady_now(); }
  // Writes the next file where nobody looks; returns where it is.
  std::string write(int claims);
  void drop(const std::string& path, int claims);
  // Waits until all that was dropped is in Gold.
  Done settle();
  // When each claim from number `first` on came to Gold, less when its file was dropped.
  std::vector<double> lags(std::size_t first) const;
  std::string state();

  app::Home& home_;
  const std::string day_;
  const std::vector<Policy> policies_;
  Heard heard_;
  std::int64_t before_ = 0;
  std::int64_t before_absorbed_ = 0;
  std::optional<Steady> absorbed_at_;  // when all that was dropped was first seen in Bronze
  int files_ = 0;
  std::vector<Steady> dropped_;  // of each claim
};

std::string Load::write(int claims) {
  std::string text;
  for (int i = 0; i < claims; ++i) {
    const std::size_t number = static_cast<std::size_t>(home_.random().below(policies_.size()));
    text += claim_text(uuid4(home_.random()), policies_[number], day_);
  }
  const std::string path = fmt::format("{}/raw/claims/load{:08}.tmp", home_.folder(), files_++);
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

void Load::drop(const std::string& path, int claims) {
  dropped_.insert(dropped_.end(), static_cast<std::size_t>(claims), now());
  std::filesystem::rename(path, path.substr(0, path.size() - 4) + ".jsonl");
}

std::vector<double> Load::lags(std::size_t first) const {
  std::vector<double> out;
  const auto marks = heard_.marks();
  std::size_t mark = 0;
  for (std::size_t i = first; i < dropped_.size(); ++i) {
    const std::int64_t needed = before_ + static_cast<std::int64_t>(i) + 1;
    while (mark < marks.size() && marks[mark].claims < needed) ++mark;
    if (mark == marks.size()) break;
    out.push_back(seconds(dropped_[i], marks[mark].at));
  }
  return out;
}

Done Load::settle() {
  const auto end = now() + kPatience;
  absorbed_at_.reset();
  while (lags(dropped_.size() - 1).empty()) {
    const auto all = before_absorbed_ + static_cast<std::int64_t>(dropped_.size());
    if (!absorbed_at_ && heard_.count(kAbsorbed) >= all) absorbed_at_ = now();
    if (now() > end) {
      return Error{Fault::kTimeout,
                   fmt::format("Of {} claims {} are in {}", dropped_.size(),
                               heard_.count() - before_, kCounted),
                   "", heard_.problem()};
    }
    heard_.wait_until(now() + 100ms, true);
  }
  return done();
}

std::string Load::state() {
  std::int64_t files = 0;
  for (const auto& name : home_.lake().all_tables()) {
    const auto table = home_.lake().snapshot_if_any(name);
    if (table && *table != nullptr) files += static_cast<std::int64_t>((*table)->files().size());
  }
  const auto since = heard_.since();
  return fmt::format(
      R"("refreshes":{},"refresh_p50_s":{:.3f},"live_files":{},"peak_mib":{},"resident_mib":{})",
      since.refreshes, at(since.seconds, 0.5), files, since.peak_bytes >> 20,
      resident_bytes() >> 20);
}

Done Load::steady(int rate, int for_seconds) {
  const double every = static_cast<double>(kClaimsPerFile) / rate;
  const int per_window = static_cast<int>(for_seconds / every) / kWindows;
  const auto start = now();
  const std::size_t first = dropped_.size();
  std::vector<std::size_t> begins;
  std::vector<std::string> states;
  for (int file = 0; file < per_window * kWindows; ++file) {
    const std::string path = write(kClaimsPerFile);
    const auto due = start + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                                 std::chrono::duration<double>(every * file));
    heard_.wait_until(due, false);
    if (file % per_window == 0) begins.push_back(dropped_.size());
    drop(path, kClaimsPerFile);
    if ((file + 1) % per_window == 0) states.push_back(state());
  }
  TRY_DONE(settle());
  const auto all = lags(first);
  begins.push_back(dropped_.size());
  for (std::size_t window = 0; window + 1 < begins.size(); ++window) {
    const std::vector<double> of(all.begin() + static_cast<long>(begins[window] - first),
                                 all.begin() + static_cast<long>(begins[window + 1] - first));
    fmt::print(
        R"({{"bench":"load","part":"steady","rate":{},"window":{},"claims":{},"p50_s":{:.3f},"p99_s":{:.3f},"max_s":{:.3f},{}}})"
        "\n",
        rate, window + 1, of.size(), at(of, 0.5), at(of, 0.99), at(of, 1), states[window]);
  }
  return done();
}

Done Load::burst(int claims) {
  std::vector<std::string> paths;
  for (int i = 0; i < claims; i += kClaimsPerFile) paths.push_back(write(kClaimsPerFile));
  (void)heard_.since();
  const std::size_t first = dropped_.size();
  const auto start = now();
  for (const std::string& path : paths) drop(path, kClaimsPerFile);
  TRY_DONE(settle());
  const auto all = lags(first);
  const double took = seconds(start, dropped_[first]) + *std::max_element(all.begin(), all.end());
  const double absorbed = seconds(start, absorbed_at_.value_or(now()));
  const auto count = static_cast<double>(all.size());
  fmt::print(
      R"({{"bench":"load","part":"burst","claims":{},"absorbed_s":{:.2f},"absorbed_per_second":{:.0f},"seconds":{:.2f},"per_second":{:.0f},{}}})"
      "\n",
      all.size(), absorbed, count / absorbed, took, count / took, state());
  return done();
}

Done Load::singles() {
  const std::size_t first = dropped_.size();
  for (int i = 0; i < kSingles; ++i) {
    drop(write(1), 1);
    TRY_DONE(settle());
  }
  const auto all = lags(first);
  fmt::print(
      R"({{"bench":"load","part":"after","claims":{},"first_s":{:.3f},"p50_s":{:.3f},"max_s":{:.3f},{}}})"
      "\n",
      all.size(), all.front(), at(all, 0.5), at(all, 1), state());
  return done();
}

Done run(const std::string& lake, int rate, int for_seconds, int burst) {
  constexpr int kPolicies = 100'000;
  TRY(const auto home, app::Home::open(lake, {}));
  TRY(const Date today, home->today());
  TRY(auto of, policies(home->engine(), kPolicies));
  Load load(*home, to_text(today), std::move(of));
  TRY(const auto host,
      app::LiveHost::start(*home, "load", [&](const auto& event) { load.heard().hear(event); }));
  if (host == nullptr) {
    return Error{Fault::kConflict, "Another process runs the pipeline of the lake", lake};
  }
  // What the start brings is not the load.
  for (std::size_t seen = 0;;) {
    load.heard().wait_until(home->clock().steady_now() + 3s, false);
    const std::size_t marks = load.heard().marks().size();
    if (marks > 0 && marks == seen) break;
    seen = marks;
  }
  load.begin();
  if (rate > 0 && for_seconds > 0) {
    TRY_DONE(load.steady(rate, for_seconds));
  }
  if (burst > 0) {
    TRY_DONE(load.burst(burst));
  }
  TRY_DONE(load.singles());
  if (const std::string problem = load.heard().problem(); !problem.empty()) {
    return Error{Fault::kUnavailable, problem};
  }
  return done();
}

}  // namespace
}  // namespace claimlake::bench

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // whoever reads the lines sees each when it is said
  if (argc != 5) {
    fmt::print(stderr, "usage: load LAKE RATE SECONDS BURST\n");
    return 2;
  }
  const auto result =
      claimlake::bench::run(argv[1], std::atoi(argv[2]), std::atoi(argv[3]), std::atoi(argv[4]));
  if (result) return 0;
  fmt::print(stderr, "{}\n", result.error().text());
  return 1;
}
