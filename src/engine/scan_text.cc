#include "engine/scan_text.h"

#include <fmt/format.h>

#include <array>

namespace claimlake::engine {
namespace {

using Lines = duckdb::InsertionOrderPreservingMap<std::string>;

// "12.3 MiB"
std::string bytes_text(std::int64_t bytes) {
  constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  auto shown = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (shown >= 1024 && unit + 1 < kUnits.size()) {
    shown /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", shown, kUnits[unit]);
}

std::string left_out_text(const std::vector<LeftOut>& all) {
  std::string text;
  for (const LeftOut& each : all) {
    text += fmt::format("{}{} by {}", text.empty() ? "" : "\n", each.files, each.why);
  }
  return text;
}

Lines describe(const LakeFileList& list) {
  const TableFiles& table = list.table();
  std::int64_t bytes = 0;
  std::optional<std::int64_t> rows = 0;
  for (const std::size_t file : list.kept()) {
    bytes += table.snapshot()->files()[file].size;
    const auto count = table.live_rows(file);
    rows = rows && count ? std::optional(*rows + *count) : std::nullopt;
  }
  Lines lines;
  lines["Table"] = fmt::format("{} version {}", table.name(), table.snapshot()->version());
  lines["Files"] = fmt::format("{} of {}", list.kept().size(), table.file_count());
  lines["Size"] = bytes_text(bytes);
  lines["Rows in files"] = rows ? std::to_string(*rows) : "not known";
  return lines;
}

}  // namespace

Lines describe_plan(const LakeFileList& list) {
  Lines lines = describe(list);
  if (!list.left_out().empty()) lines["Files left out"] = left_out_text(list.left_out());
  return lines;
}

Lines describe_outcome(const LakeFileList& list, const ScanCounter& counter) {
  Lines lines = describe(list);
  std::vector<LeftOut> left_out = list.left_out();
  const std::vector<LeftOut> skipped = counter.skipped();
  left_out.insert(left_out.end(), skipped.begin(), skipped.end());
  if (!left_out.empty()) lines["Files left out"] = left_out_text(left_out);
  const ScanReport report = counter.report();
  lines["Files read"] = fmt::format("{} of {}, {}", report.files_read, report.files_total,
                                    bytes_text(counter.bytes_read()));
  return lines;
}

}  // namespace claimlake::engine
