#include "refresh/upkeep.h"

#include <algorithm>
#include <chrono>

#include "base/log.h"
#include "lake/maintain.h"

namespace claimlake::refresh {
namespace {

// What is written anew in some tenths of a second.
constexpr std::int64_t kHurriedBytes = std::int64_t{16} << 20;
// So many files that are due cost more than it takes to write them anew, however large they are.
constexpr std::int64_t kFilesMax = 64;

}  // namespace

Result<std::vector<Debt>> debts(lake::Lake& lake) {
  std::vector<Debt> out;
  for (const lake::TableName& name : lake.all_tables()) {
    const auto table = lake.snapshot_if_any(name);
    if (!table || *table == nullptr) continue;  // who reads it says what is wrong with it
    const auto due = lake::little_due(**table);
    if (due.files > 0) out.push_back({name.text(), due.files, due.bytes});
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Debt& a, const Debt& b) { return a.files > b.files; });
  return out;
}

Result<std::vector<Upkeep>> keep_up(lake::Lake& lake, engine::Session& session, const Clock& clock,
                                    const std::string& run, const Cancel& cancel,
                                    const std::function<bool()>& hurry) {
  TRY(const auto due, debts(lake));
  std::vector<Upkeep> out;
  bool had_turn = false;
  for (const Debt& debt : due) {
    if (cancel.cancelled()) return Error{Fault::kCancelled, "Stopped"};
    TRY(auto name, lake::TableName::parse(debt.table));
    lake::Optimize what{.name = std::move(name)};
    what.little = true;
    if (hurry && hurry()) {
      if (had_turn) break;
      if (debt.files < kFilesMax) what.little_bytes_max = kHurriedBytes;
      const auto table = lake.snapshot_if_any(what.name);
      if (!table || *table == nullptr) continue;
      if (lake::little_due(**table, what.little_bytes_max).files == 0) continue;
    }
    Upkeep done_for{.table = debt.table};
    const auto start = clock.steady_now();
    const auto report = lake::optimize(lake, session, what, run, cancel);
    done_for.seconds = std::chrono::duration<double>(clock.steady_now() - start).count();
    if (report) {
      done_for.files_before = report->files_removed;
      done_for.files_after = report->files_added;
      had_turn = true;
    } else {
      if (report.error().fault == Fault::kCancelled) return report.error();
      done_for.message = report.error().text();
      const bool later = report.error().fault == Fault::kConflict;
      log(later ? LogLevel::kDebug : LogLevel::kWarning, "upkeep_left",
          {{"table", debt.table}, {"fault", fault_name(report.error().fault)}});
    }
    out.push_back(std::move(done_for));
  }
  return out;
}

}  // namespace claimlake::refresh
