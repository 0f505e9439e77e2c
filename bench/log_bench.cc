// What the log of a table costs. bench/log.sh and bench/archive.sh run this and say what must hold.
//
//   log_bench make LAKE COMMITS FILES       the tables that commits and refresh measure
//   log_bench append LAKE APPENDS           one-row appends beside fsync + link + folder fsync
//   log_bench commits LAKE APPENDS          one-row appends to a short and a long log, in turn
//   log_bench writers LAKE SECONDS          one writer, then four, of one-row appends to one table
//   log_bench refresh LAKE COMMITS          looking at a table after somebody's commit
//   log_bench open LAKE TABLE               a table's newest version, from nothing
//   log_bench prune LAKE TABLE REPEATS      a query that statistics answer, each time from nothing
//
// Tables are named without their layer, "bench". Each prints one JSON line per run. Times are
// medians in milliseconds, taken around what the program itself calls: Lake::snapshot, Lake::stage
// and Lake::commit over the local store, with the engine and the settings of the program. Who
// measures two things does so in turn, so that a noisy moment of the machine meets both.
//
// append: the yardstick does for a file of the same size what a durable name costs at least: fsync,
// link, fsync of the folder. Making the file, writing to it and removing its first name are not
// timed. An append makes two such files, one of Parquet and one of the log.
// commits: the tables of `make` get one commit each in turn, so many before version 100 and version
// COMMITS as after. A commit that writes a checkpoint is counted apart, and in the mean.
// writers: each writer is a lake of its own, as a process has it, that knows the others by the log
// alone. Each second of one writer is followed by one of four.
// refresh: one lake commits, another one that knows the version before looks for the new one.
// prune: the engine is opened anew before each call, which is not timed; the table is opened by it.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <span>
#include <thread>
#include <utility>

#include "delta/properties.h"
#include "log_lake.h"

namespace claimlake::bench {
namespace {

constexpr std::int64_t kShortLog = 100;
constexpr std::int64_t kHalfOfAppends = 60;  // with warm-up: measured are 50 on each side
constexpr int kCommitsOfManyFiles = 10;
constexpr int kWarmUp = 20;
constexpr int kWriters = 4;

Error failed(const char* what, int code) {
  return {Fault::kUnavailable, fmt::format("cannot {}: error {}", what, code)};
}

// One durable name for new bytes, with nothing but system calls. Answers milliseconds.
Result<double> durable_name(const LogLake& lake, const std::string& folder, std::int64_t bytes,
                            int number) {
  const std::string content(static_cast<std::size_t>(bytes), 'x');
  const std::string first = fmt::format("{}/first-{}", folder, number);
  const std::string second = fmt::format("{}/second-{}", folder, number);
  const int directory = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const int file = open(first.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (directory < 0 || file < 0 || write(file, content.data(), content.size()) < 0) {
    return failed("write", errno);
  }
  const auto start = lake.clock.steady_now();
  const bool durable =
      fsync(file) == 0 && link(first.c_str(), second.c_str()) == 0 && fsync(directory) == 0;
  const double ms = lake.ms_since(start);
  if (!durable) return failed("fsync or link", errno);
  unlink(first.c_str());
  close(file);
  close(directory);
  return ms;
}

void print_line(const std::string& members) {
  fmt::print("{{{}}}\n", members);
  std::fflush(stdout);
}

Done make_log(LogLake& lake, const char* name, std::int64_t commits) {
  const auto table = bench_table(name);
  TRY_DONE(lake.create(table));
  for (std::int64_t i = 1; i <= commits; ++i) {
    TRY_DONE(lake.append(table, i));
  }
  return done();
}

Done make(const std::string& folder, std::int64_t commits, std::int64_t files) {
  TRY(const auto lake, LogLake::open(folder));
  TRY_DONE(make_log(*lake, "short_log", kShortLog - kHalfOfAppends));
  TRY_DONE(make_log(*lake, "long_log", commits - kHalfOfAppends));
  const auto table = bench_table("many_files");
  TRY_DONE(lake->create(table));
  const std::int64_t each = files / kCommitsOfManyFiles;
  for (int i = 0; i < kCommitsOfManyFiles; ++i) {
    TRY_DONE(lake->add_files(table, i * each, each));
  }
  return done();
}

Done measure_append(const std::string& folder, int appends) {
  TRY(const auto lake, LogLake::open(folder));
  const auto table = bench_table("appended");
  const std::string names = folder + "/bench/yardstick";
  TRY_DONE(lake->create(table));
  if (mkdir(names.c_str(), 0777) != 0) return failed("make a folder", errno);
  std::vector<double> total;
  std::vector<double> stage;
  std::vector<double> commit;
  std::vector<double> yardstick;
  std::int64_t bytes = 0;
  for (int i = -kWarmUp; i < appends; ++i) {
    TRY(const AppendCost cost, lake->append(table, i + kWarmUp));
    bytes = cost.file_bytes;
    TRY(const double least, durable_name(*lake, names, bytes, i + kWarmUp));
    if (i < 0) continue;
    total.push_back(cost.total_ms());
    stage.push_back(cost.stage_ms);
    commit.push_back(cost.commit_ms);
    yardstick.push_back(least);
  }
  print_line(fmt::format(
      R"("bench":"append","appends":{},"file_bytes":{},"append_ms":{:.3f},"stage_ms":{:.3f},)"
      R"("commit_ms":{:.3f},"append_mean_ms":{:.3f},"yardstick_ms":{:.3f},"ratio":{:.3f})",
      appends, bytes, median(total), median(stage), median(commit), mean(total), median(yardstick),
      median(total) / median(yardstick)));
  return done();
}

// What commits to one log cost.
struct CommitCosts {
  std::int64_t checkpoint_every = 1;
  std::vector<double> plain;       // whole appends
  std::vector<double> plain_log;   // of them, the commit alone
  std::vector<double> checkpoint;  // the commits that wrote a checkpoint
  std::vector<double> all;

  void take(const AppendCost& cost) {
    all.push_back(cost.total_ms());
    if (cost.version % checkpoint_every == 0) {
      checkpoint.push_back(cost.commit_ms);
    } else {
      plain.push_back(cost.total_ms());
      plain_log.push_back(cost.commit_ms);
    }
  }
};

Done measure_commits(const std::string& folder, int appends) {
  TRY(const auto lake, LogLake::open(folder));
  CommitCosts short_log;
  CommitCosts long_log;
  for (const auto& [name, costs] : {std::pair("short_log", &short_log), {"long_log", &long_log}}) {
    TRY(const auto snapshot, lake->lake->snapshot(bench_table(name)));
    costs->checkpoint_every = delta::commits_per_checkpoint({}, snapshot->files().size());
  }
  for (int i = -kWarmUp / 2; i < appends; ++i) {
    TRY(const AppendCost to_short, lake->append(bench_table("short_log"), 1'000'000 + i));
    TRY(const AppendCost to_long, lake->append(bench_table("long_log"), 1'000'000 + i));
    if (i < 0) continue;
    short_log.take(to_short);
    long_log.take(to_long);
  }
  print_line(fmt::format(
      R"("bench":"commits","appends":{},"short_ms":{:.3f},"long_ms":{:.3f},"ratio":{:.3f},)"
      R"("short_commit_ms":{:.3f},"long_commit_ms":{:.3f},"commit_ratio":{:.3f},)"
      R"("short_checkpoint_ms":{:.3f},"long_checkpoint_ms":{:.3f},)"
      R"("short_mean_ms":{:.3f},"long_mean_ms":{:.3f},"mean_ratio":{:.3f})",
      appends, median(short_log.plain), median(long_log.plain),
      median(long_log.plain) / median(short_log.plain), median(short_log.plain_log),
      median(long_log.plain_log), median(long_log.plain_log) / median(short_log.plain_log),
      median(short_log.checkpoint), median(long_log.checkpoint), mean(short_log.all),
      mean(long_log.all), mean(long_log.all) / mean(short_log.all)));
  return done();
}

// Appends until `end`, as `count` writers at once. Answers how many each made.
Result<std::vector<std::int64_t>> append_together(std::span<const std::unique_ptr<LogLake>> writers,
                                                  const lake::TableName& table,
                                                  std::chrono::steady_clock::time_point end) {
  std::vector<std::int64_t> made(writers.size());
  std::vector<std::optional<Error>> failed(writers.size());
  std::vector<std::thread> threads;
  for (std::size_t w = 0; w < writers.size(); ++w) {
    threads.emplace_back([&, w] {
      while (!failed[w] && writers[w]->clock.steady_now() < end) {
        if (auto appended = writers[w]->append(table, made[w])) {
          ++made[w];
        } else {
          failed[w] = std::move(appended).error();
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (auto& error : failed) {
    if (error) return *std::move(error);
  }
  return made;
}

Done measure_writers(const std::string& folder, int seconds) {
  std::vector<std::unique_ptr<LogLake>> writers;
  for (int w = 0; w < kWriters; ++w) {
    TRY(auto writer, LogLake::open(folder));
    writers.push_back(std::move(writer));
  }
  TRY_DONE(writers[0]->create(bench_table("one")));
  TRY_DONE(writers[0]->create(bench_table("four")));
  const auto all = std::span<const std::unique_ptr<LogLake>>(writers);
  const auto turn = [&](std::size_t count, const char* name) {
    return append_together(all.first(count), bench_table(name),
                           writers[0]->clock.steady_now() + std::chrono::seconds(1));
  };
  std::int64_t alone = 0;
  std::vector<std::int64_t> together(kWriters);
  for (int i = 0; i < seconds; ++i) {
    TRY(const auto one, turn(1, "one"));
    alone += one[0];
    TRY(const auto four, turn(kWriters, "four"));
    for (std::size_t w = 0; w < four.size(); ++w) together[w] += four[w];
  }
  const auto sum = std::accumulate(together.begin(), together.end(), std::int64_t{0});
  const auto [least, most] = std::minmax_element(together.begin(), together.end());
  print_line(fmt::format(
      R"("bench":"writers","seconds":{},"one":{},"four":{},"ratio":{:.3f},"least":{},"most":{},)"
      R"("least_share":{:.3f})",
      seconds, alone, sum, static_cast<double>(sum) / static_cast<double>(alone), *least, *most,
      static_cast<double>(*least) * kWriters / static_cast<double>(sum)));
  return done();
}

Done measure_refresh(const std::string& folder, int commits) {
  constexpr std::array kTables = {"short_log", "long_log", "many_files"};
  TRY(const auto writer, LogLake::open(folder));
  TRY(const auto reader, LogLake::open(folder));
  std::array<std::vector<double>, kTables.size()> ms;
  for (const char* table : kTables) {
    TRY_DONE(reader->lake->snapshot(bench_table(table)));
  }
  for (int i = 0; i < commits; ++i) {
    for (std::size_t t = 0; t < kTables.size(); ++t) {
      const auto table = bench_table(kTables[t]);
      TRY(const AppendCost cost, writer->append(table, 2'000'000 + i));
      const auto start = reader->clock.steady_now();
      TRY(const auto snapshot, reader->lake->snapshot(table));
      ms[t].push_back(reader->ms_since(start));
      if (snapshot->version() != cost.version) return failed("see the newest version", 0);
    }
  }
  print_line(fmt::format(
      R"("bench":"refresh","commits":{},"short_ms":{:.4f},"long_ms":{:.4f},"files_ms":{:.4f},)"
      R"("long_ratio":{:.3f},"files_ratio":{:.3f})",
      commits, median(ms[0]), median(ms[1]), median(ms[2]), median(ms[1]) / median(ms[0]),
      median(ms[2]) / median(ms[0])));
  return done();
}

Done measure_open(const std::string& folder, const std::string& table) {
  const auto name = bench_table(table);
  TRY(const auto lake, LogLake::open(folder));
  auto start = lake->clock.steady_now();
  TRY(const auto snapshot, lake->lake->snapshot(name));
  const double open_ms = lake->ms_since(start);
  start = lake->clock.steady_now();
  const std::size_t files = snapshot->files().size();
  print_line(fmt::format(
      R"("bench":"open","side":"claimlake","table":"{}","open_ms":{:.1f},"list_ms":{:.1f},"files":{},"version":{})",
      table, open_ms, lake->ms_since(start), files, snapshot->version()));
  return done();
}

Done measure_prune(const std::string& folder, const std::string& table, int repeats) {
  const std::string sql =
      fmt::format("SELECT count(*) FROM lake.{} WHERE id = -1", bench_table(table).text());
  std::vector<double> ms;
  for (int i = 0; i <= repeats; ++i) {
    TRY(const auto lake, LogLake::open(folder));
    const auto start = lake->clock.steady_now();
    TRY(const auto rows, lake->session->query(sql));
    TRY(const auto answer, engine::read_all(*rows));
    ms.push_back(lake->ms_since(start));
    if (answer.rows.at(0).at(0) != "0") return failed("find no row", 0);
  }
  const double first = ms.front();
  ms.erase(ms.begin());
  print_line(fmt::format(
      R"("bench":"prune","side":"claimlake","table":"{}","first_ms":{:.1f},"median_ms":{:.1f})",
      table, first, median(ms)));
  return done();
}

Done run(const std::vector<std::string>& words) {
  const auto number = [&](std::size_t i) { return std::strtoll(words[i].c_str(), nullptr, 10); };
  if (words.size() == 4 && words[0] == "make") return make(words[1], number(2), number(3));
  if (words.size() == 3 && words[0] == "append") {
    return measure_append(words[1], static_cast<int>(number(2)));
  }
  if (words.size() == 3 && words[0] == "commits") {
    return measure_commits(words[1], static_cast<int>(number(2)));
  }
  if (words.size() == 3 && words[0] == "writers") {
    return measure_writers(words[1], static_cast<int>(number(2)));
  }
  if (words.size() == 3 && words[0] == "refresh") {
    return measure_refresh(words[1], static_cast<int>(number(2)));
  }
  if (words.size() == 3 && words[0] == "open") return measure_open(words[1], words[2]);
  if (words.size() == 4 && words[0] == "prune") {
    return measure_prune(words[1], words[2], static_cast<int>(number(3)));
  }
  return Error{Fault::kInvalidInput,
               "usage: log_bench make LAKE COMMITS FILES | append LAKE N | commits LAKE N | "
               "writers LAKE SECONDS | refresh LAKE N | open LAKE TABLE | prune LAKE TABLE N"};
}

}  // namespace
}  // namespace claimlake::bench

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto ran = claimlake::bench::run(words);
  if (!ran) fmt::print(stderr, "{}\n", ran.error().text());
  return ran ? 0 : 1;
}
