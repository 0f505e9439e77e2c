#include "datagen/generate.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "datagen/block_text.h"

// Workers make blocks, each on its own, and append them to the files in the order of their numbers:
// who finishes early waits for its turn. So a worker holds one block (some 3 MB of text), nothing
// else grows with the scale but the lines that belong at the end of the files, about 1 %.

namespace claimlake::datagen {
namespace {

constexpr std::size_t kReportBlocks = 8;  // blocks between two calls of the progress function

std::string path_in(const std::string& folder, std::string_view name) {
  return folder.empty() ? std::string(name) : folder + '/' + std::string(name);
}

Done check(const GenerateOptions& options) {
  using std::chrono::year;
  const year as_of_year = std::chrono::year_month_day(options.as_of).year();
  if (options.scale < 1 || options.scale > 100'000) {
    return Error{Fault::kInvalidInput,
                 "Scale is outside 1 to 100000: " + std::to_string(options.scale)};
  }
  if (!(options.dirty >= 0 && options.dirty <= 1)) {
    return Error{Fault::kInvalidInput,
                 fmt::format("Share of dirty rows is outside 0 to 1: {}", options.dirty)};
  }
  if (as_of_year < year(1990) || as_of_year > year(9000)) {
    return Error{Fault::kInvalidInput,
                 "As-of date is outside 1990 to 9000: " + to_text(options.as_of)};
  }
  return done();
}

// 200 at scale 1; a book that is 100 times as large has ten times the clinics.
int providers_count(int scale) {
  std::int64_t root = 1;
  while ((root + 1) * (root + 1) <= std::int64_t{40'000} * scale) ++root;
  return static_cast<int>(root);
}

std::uint64_t thread_count(const GenerateOptions& options, std::uint32_t blocks) {
  const unsigned wanted = options.threads > 0 ? static_cast<unsigned>(options.threads)
                                              : std::max(1u, std::thread::hardware_concurrency());
  return std::min<std::uint64_t>(wanted, blocks);
}

// What is kept of the blocks of one table until the end of its file is written.
struct FileEnd {
  std::unique_ptr<store::Writer> writer;
  std::string lines;
  std::int64_t regular_rows = 0;
  std::int64_t at_end_rows = 0;
  struct Defect {
    PlantedDefect planted;
    std::int64_t row;  // among the regular rows, or among those at the end
  };
  std::vector<Defect> defects;
};

class Generation {
 public:
  Generation(const GenerateOptions& options, store::Store& store, const GenerateProgress& progress,
             const Cancel& cancel)
      : options_(options),
        store_(store),
        progress_(progress),
        cancel_(cancel),
        blocks_(static_cast<std::uint32_t>(options.scale) * kBlocksPerScale),
        world_(options.seed, options.as_of, providers_count(options.scale)) {}

  Result<GenerateReport> run() {
    TRY_DONE(open_files());
    make_blocks();
    if (failure_) return *std::move(failure_);
    TRY_DONE(remove_if_there("meta.json"));
    TRY_DONE(remove_if_there("defects.csv"));
    for (const RawTable table : kRawTables) {
      TRY_DONE(finish_file(table));
    }
    if (options_.dirty > 0) {
      TRY_DONE(write_defects());
    }
    report_.loss_ratio_tenths_pct = static_cast<int>(
        report_.paid.cents() * 1'000 / std::max<std::int64_t>(1, report_.earned.cents()));
    TRY_DONE(write_meta());
    return report_;
  }

 private:
  FileEnd& file(RawTable table) { return files_[static_cast<std::size_t>(table)]; }

  Done open_files() {
    for (const RawTable table : kRawTables) {
      TRY(file(table).writer, store_.create(path_in(options_.folder, file_name(table))));
      TRY_DONE(file(table).writer->append(header(table)));
      report_.bytes += static_cast<std::int64_t>(header(table).size());
    }
    return done();
  }

  void make_blocks() {
    std::vector<std::thread> workers;
    for (std::uint64_t i = 1; i < thread_count(options_, blocks_); ++i) {
      workers.emplace_back([this] { work(); });
    }
    work();
    for (std::thread& worker : workers) worker.join();
  }

  void work() {
    const auto dirty = static_cast<std::uint32_t>(options_.dirty * 1'000'000);
    BlockText text;
    for (;;) {
      const std::uint32_t block = next_block_.fetch_add(1);
      if (block >= blocks_) return;
      write_block(world_, dirty, block, text);
      std::unique_lock lock(mutex_);
      turn_.wait(lock, [&] { return failure_ || turn_block_ == block; });
      if (failure_) return;
      Done appended = append(text);
      if (appended && cancel_.cancelled()) {
        appended = Error{Fault::kCancelled, "Generating was stopped"};
      }
      if (!appended) failure_ = std::move(appended).error();
      ++turn_block_;
      if (progress_ && turn_block_ % kReportBlocks == 0) report_progress();
      turn_.notify_all();
    }
  }

  // Under the lock, in the order of the blocks.
  Done append(BlockText& text) {
    for (const RawTable table : kRawTables) {
      TableText& part = text.tables[static_cast<std::size_t>(table)];
      FileEnd& end = file(table);
      TRY_DONE(end.writer->append(part.regular.view()));
      report_.bytes += static_cast<std::int64_t>(part.regular.size());
      for (PlantedDefect& defect : part.defects) {
        const std::int64_t before = defect.at_end ? end.at_end_rows : end.regular_rows;
        const std::int64_t row = before + defect.row;
        end.defects.push_back({std::move(defect), row});
      }
      end.lines += part.at_end.view();
      end.regular_rows += part.regular_rows;
      end.at_end_rows += part.at_end_rows;
    }
    TRY(report_.paid, add(report_.paid, Money::cents(text.paid_cents)));
    TRY(report_.earned, add(report_.earned, Money::cents(text.earned_cents)));
    return done();
  }

  void report_progress() const {
    constexpr std::int64_t kRowsPerBlock =
        kCustomersPerBlock + kPetsPerBlock + kPoliciesPerBlock + kClaimsPerBlock;
    progress_(turn_block_ * kRowsPerBlock, blocks_ * kRowsPerBlock);
  }

  Done finish_file(RawTable table) {
    FileEnd& end = file(table);
    TRY_DONE(end.writer->append(end.lines));
    TRY_DONE(end.writer->finish());
    report_.bytes += static_cast<std::int64_t>(end.lines.size());
    report_.rows[static_cast<std::size_t>(table)] = end.regular_rows + end.at_end_rows;
    return done();
  }

  Done remove_if_there(std::string_view name) {
    Done removed = store_.remove(path_in(options_.folder, name));
    if (!removed && removed.error().fault != Fault::kNotFound) return removed;
    return done();
  }

  Done write_defects() {
    std::string text = "file,line,key,defect,expected_rule,expected_action\n";
    for (const RawTable table : kRawTables) {
      FileEnd& end = file(table);
      const std::int64_t first_line = header(table).empty() ? 1 : 2;
      const auto line_of = [&](const FileEnd::Defect& defect) {
        return first_line + defect.row + (defect.planted.at_end ? end.regular_rows : 0);
      };
      std::sort(end.defects.begin(), end.defects.end(),
                [&](const auto& a, const auto& b) { return line_of(a) < line_of(b); });
      for (const FileEnd::Defect& defect : end.defects) {
        const DefectKind& kind = *defect.planted.kind;
        for (std::size_t i = 0; i < std::max<std::size_t>(1, kind.rules.size()); ++i) {
          text += fmt::format("{},{},{},{},{},{}\n", file_name(table), line_of(defect),
                              defect.planted.key, kind.name,
                              kind.rules.empty() ? std::string_view() : kind.rules[i], kind.action);
          ++report_.defects;
        }
      }
    }
    return store_.put(path_in(options_.folder, "defects.csv"), text);
  }

  Done write_meta() {
    const int ratio = report_.loss_ratio_tenths_pct;
    return store_.put(
        path_in(options_.folder, "meta.json"),
        fmt::format("{{\n \"as_of\": \"{}\",\n \"scale\": {},\n \"seed\": {},\n \"dirty\": {},\n"
                    " \"rows\": {{\n  \"customers\": {},\n  \"pets\": {},\n  \"policies\": {},\n"
                    "  \"vet_providers\": {},\n  \"claims\": {}\n }},\n"
                    " \"sum_paid_newest\": {},\n \"earned_premium\": {},\n"
                    " \"loss_ratio_pct\": {}.{}\n}}\n",
                    to_text(options_.as_of), options_.scale, options_.seed, options_.dirty,
                    report_.rows[0], report_.rows[1], report_.rows[2], report_.rows[3],
                    report_.rows[4], to_text(report_.paid), to_text(report_.earned), ratio / 10,
                    ratio % 10));
  }

  const GenerateOptions& options_;
  store::Store& store_;
  const GenerateProgress& progress_;
  const Cancel& cancel_;
  const std::uint32_t blocks_;
  const World world_;
  std::atomic<std::uint32_t> next_block_ = 0;

  std::mutex mutex_;  // guards all below while workers run
  std::condition_variable turn_;
  std::uint32_t turn_block_ = 0;  // the block that is appended next
  std::optional<Error> failure_;
  std::array<FileEnd, kRawTableCount> files_;
  GenerateReport report_;
};

}  // namespace

Result<GenerateReport> generate(const GenerateOptions& options, store::Store& store,
                                const GenerateProgress& progress, const Cancel& cancel) {
  TRY_DONE(check(options));
  return Generation(options, store, progress, cancel).run();
}

}  // namespace claimlake::datagen
