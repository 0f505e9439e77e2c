// An hour of small commits, replayed: one claim a second on a clock that is put forward a second
// after each, with everything that the live pipeline does for it, upkeep too. What grows with the
// number of commits shows here.
//
//   hour LAKE REFRESHES      each brings one new claim of a policy that is in silver.dim_policies
//
// Prints one JSON line for each twelfth: milliseconds of a claim from its file to its last table
// and of upkeep, live files, rows that deletion vectors take out, objects in the logs (means over
// the twelfth), resident memory; then how the last twelfth compares with the first. Ends with 1 if
// live files or the cost of a refresh grew to more than 1.3 times.
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

#include "app/home.h"
#include "new_claims.h"
#include "schedule/pipeline_work.h"

namespace claimlake::bench {
namespace {

using namespace std::chrono_literals;

constexpr int kTwelfths = 12;
constexpr double kGrowthMax = 1.3;

// The time of day is moved by hand; what is measured is measured.
class MovedClock final : public Clock {
 public:
  Timestamp now() const override { return begin_ + moved_; }
  std::chrono::steady_clock::time_point steady_now() const override { return real_.steady_now(); }
  void move(std::chrono::microseconds by) { moved_ += by; }

 private:
  SystemClock real_;
  Timestamp begin_ = real_.now();
  std::chrono::microseconds moved_{0};
};

// The lake of a home once more, on a clock of its own.
struct Process {
  explicit Process(app::Home& the_home) : home(the_home) {}
  Done open();

  app::Home& home;
  MovedClock clock;
  SystemRandom random;
  NoProgress quiet;
  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<lake::Lake> lake;
  std::unique_ptr<refresh::Pipeline> pipeline;
  std::unique_ptr<schedule::PipelineWork> work;
};

Done Process::open() {
  engine::EngineConfig config;
  config.memory_bytes = home.config().memory_bytes;
  config.threads = home.config().threads;
  config.spill_folder = home.work_folder() + "/spill";
  TRY(engine, engine::open_engine(config, home.store(), clock));
  lake = std::make_unique<lake::Lake>(
      lake::LakeContext{home.store(), clock, random, engine->parquet_io(), "hour"});
  engine->attach(*lake);
  refresh::PipelineContext context{*lake, *engine, home.pack(), clock, random};
  context.lanes = 2;
  context.by_key_share = 0.2;
  pipeline = std::make_unique<refresh::Pipeline>(context, quiet, Cancel{});
  TRY_DONE(pipeline->prepare());
  work = std::make_unique<schedule::PipelineWork>(*lake, home.pack(), *pipeline, "raw");
  return done();
}

// What is there after one refresh, of all tables.
struct Standing {
  double files = 0;
  double rows_out = 0;  // that deletion vectors take out
  double log_objects = 0;
};

Standing standing(lake::Lake& lake, const std::string& folder) {
  Standing out;
  for (const lake::TableName& name : lake.all_tables()) {
    const auto table = lake.snapshot_if_any(name);
    if (!table || *table == nullptr) continue;
    out.files += static_cast<double>((*table)->files().size());
    for (const delta::AddFile& file : (*table)->files()) {
      if (file.deletion_vector)
        out.rows_out += static_cast<double>(file.deletion_vector->cardinality);
    }
    std::error_code ignored;
    const std::string log = fmt::format("{}/{}/_delta_log", folder, name.folder());
    for (std::filesystem::directory_iterator entry(log, ignored), end; entry != end; ++entry) {
      out.log_objects += 1;
    }
  }
  return out;
}

struct Twelfth {
  std::vector<double> claim_ms, processor_ms, upkeep_ms;
  Standing sum;
  double mean(double of) const { return of / static_cast<double>(claim_ms.size()); }
};

void print(int number, const Twelfth& of) {
  double upkeep = 0;
  for (const double ms : of.upkeep_ms) upkeep += ms;
  fmt::print(
      R"({{"bench":"hour","twelfth":{},"refreshes":{},"p50_ms":{:.1f},"p99_ms":{:.1f},"processor_p50_ms":{:.1f},"upkeep_mean_ms":{:.1f},"live_files":{:.1f},"rows_out":{:.1f},"log_objects":{:.1f},"resident_mib":{}}})"
      "\n",
      number, of.claim_ms.size(), at(of.claim_ms, 0.5), at(of.claim_ms, 0.99),
      at(of.processor_ms, 0.5), of.mean(upkeep), of.mean(of.sum.files), of.mean(of.sum.rows_out),
      of.mean(of.sum.log_objects), resident_bytes() >> 20);
  std::fflush(stdout);
}

Done one_claim(Process& process, const Policy& of, Date today, Twelfth& into) {
  const std::string id = uuid4(process.random), name = "claims/" + id + ".json";
  store::Store& store = process.home.store();
  TRY_DONE(store.put("raw/" + name, claim_text(id, of, to_text(today))));
  const double processor_before = processor_seconds();
  const auto start = process.clock.steady_now();
  const auto ms = [&] {
    return std::chrono::duration<double, std::milli>(process.clock.steady_now() - start).count();
  };
  TRY(const auto found, store.head("raw/" + name));
  TRY(const auto taken,
      process.work->ingest({{"raw/" + name, name, found.size, found.modified_at, ""}}));
  TRY(const auto made, process.work->refresh(today, [](const refresh::TableReport&) {}));
  const double claim = ms();
  const double processor = (processor_seconds() - processor_before) * 1000;
  for (const auto* report : {&taken, &made}) {
    for (const auto& table : report->tables) {
      if (table.outcome == refresh::TableOutcome::kBuilt) continue;
      if (table.outcome == refresh::TableOutcome::kSkipped) continue;
      return Error{Fault::kUnavailable, table.table + ": " + table.message};
    }
  }
  TRY_DONE(process.work->finish({}));
  into.claim_ms.push_back(claim);
  into.processor_ms.push_back(processor);
  into.upkeep_ms.push_back(ms() - claim);
  process.clock.move(1s);
  return done();
}

Result<bool> run(const std::string& folder, int refreshes) {
  TRY(const auto home, app::Home::open(folder, {}));
  Process process(*home);
  TRY_DONE(process.open());
  TRY(const Date today, home->today());
  TRY(const auto of, policies(*process.engine, refreshes));
  std::vector<Twelfth> twelfths(kTwelfths);
  const int each = std::max(1, refreshes / kTwelfths);
  // Reads what is read once after a start.
  Twelfth warm;
  for (std::size_t i = 0; i < 5; ++i) {
    TRY_DONE(one_claim(process, of[i % of.size()], today, warm));
  }
  for (int i = 0; i < each * kTwelfths; ++i) {
    Twelfth& into = twelfths[static_cast<std::size_t>(i / each)];
    TRY_DONE(one_claim(process, of[static_cast<std::size_t>(i) % of.size()], today, into));
    const Standing now = standing(*process.lake, folder);
    into.sum.files += now.files;
    into.sum.rows_out += now.rows_out;
    into.sum.log_objects += now.log_objects;
    if ((i + 1) % each == 0) print(i / each + 1, into);
  }
  const Twelfth& first = twelfths.front();
  const Twelfth& last = twelfths.back();
  const double files = last.mean(last.sum.files) / first.mean(first.sum.files);
  const double cost = at(last.processor_ms, 0.5) / at(first.processor_ms, 0.5);
  const double time = at(last.claim_ms, 0.5) / at(first.claim_ms, 0.5);
  fmt::print(
      R"({{"bench":"hour","growth_files":{:.2f},"growth_processor_ms":{:.2f},"growth_ms":{:.2f},"limit":{}}})"
      "\n",
      files, cost, time, kGrowthMax);
  return files <= kGrowthMax && cost <= kGrowthMax;
}

}  // namespace
}  // namespace claimlake::bench

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: hour LAKE REFRESHES\n");
    return 2;
  }
  const auto result = claimlake::bench::run(argv[1], std::atoi(argv[2]));
  if (!result) fmt::print(stderr, "{}\n", result.error().text());
  return result && *result ? 0 : 1;
}
