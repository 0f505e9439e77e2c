// Tables that other engines wrote keep to the protocol as `table check` understands it. Those that
// do not are listed with what is wrong with them and why.
#include <gmock/gmock.h>

#include <filesystem>
#include <set>

#include "check/check_table.h"
#include "golden_lake.h"

namespace claimlake {
namespace {

using check::Severity;

struct Odd {
  std::set<std::string> errors;
  const char* why;
};

// The suites' tests of logs name data files that were never written, and some leave out fields
// that no reader of theirs looks at.
const std::map<std::string, Odd> kOdd = {
    {"tables/checkpoint/delta", {{"file-missing"}, "a test of logs: it has no data files"}},
    {"tables/data-reader-absolute-paths-escaped-chars/delta",
     {{"metadata-missing", "file-missing"}, "names a folder of the machine that made it"}},
    {"tables/delete-re-add-same-file-different-transactions/delta",
     {{"file-missing"}, "a test of logs: it has no data files"}},
    {"tables/deltalog-commit-info/delta",
     {{"log-gap", "action-field", "file-missing"}, "its metaData has no schemaString"}},
    {"tables/deltalog-getChanges/delta",
     {{"feature-undeclared", "partition-values"}, "one of each action, made by hand"}},
    {"tables/deltalog-state-reconstruction-from-checkpoint-missing-metadata/delta",
     {{"action-field", "metadata-missing", "file-missing"}, "as its name says"}},
    {"tables/deltalog-state-reconstruction-from-checkpoint-missing-protocol/delta",
     {{"action-field", "protocol-missing", "metadata-missing", "file-missing"},
      "as its name says"}},
    {"tables/deltalog-state-reconstruction-without-metadata/delta",
     {{"metadata-missing", "file-missing"}, "as its name says"}},
    {"tables/update-deleted-directory/delta",
     {{"action-field", "metadata-missing", "file-missing"}, "its metaData has no schemaString"}},
    {"features/300k-add-files-100-col-partitioned",
     {{"file-missing"}, "a test of a large checkpoint: it has no data files"}},
    {"features/app-txn-with-last-updated",
     {{"file-missing"}, "a test of transactions: it has no data files"}},
    {"features/crc-full",
     {{"checksum-counts", "checksum-files", "checksum-transactions", "checksum-domains"},
      "a checksum of every field beside a log that says nothing of them"}},
    {"features/parquet_row_group_skipping",
     {{"checkpoint-metadata"}, "its log was edited after the checkpoint was written"}},
    {"features/table-with-cdf",
     {{"remove-unknown", "partition-values"}, "one of each action, made by hand"}},
    {"features/with_checkpoint_no_last_checkpoint",
     {{"file-missing"}, "a test of logs: it has no data files"}},
};

std::vector<std::string> folders_with_a_log() {
  std::vector<std::string> out;
  const std::filesystem::path root(GOLDEN_DATA);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().filename() != "_delta_log") continue;
    out.push_back(std::filesystem::relative(entry.path().parent_path(), root).string());
  }
  std::ranges::sort(out);
  return out;
}

TEST(GoldenCheck, finds_no_error_in_tables_of_other_engines) {
  SKIP_WITHOUT_GOLDEN_DATA();
  GoldenLake& golden = *golden_lake();
  SystemClock clock;
  SeededRandom random(1);
  NoProgress progress;
  const auto session = *golden.engine().session({.access = engine::Access::kInternal});
  std::size_t checked = 0;
  for (const std::string& folder : folders_with_a_log()) {
    SCOPED_TRACE(folder);

    const auto report = check::check_table(
        {{golden.store(), golden.engine().parquet_io(), clock, random}, *session, progress, {}},
        folder, {.with_rows = true});

    if (!report && report.error().fault == Fault::kNotFound) continue;  // a log without entries
    ASSERT_TRUE(report) << report.error().text();
    ++checked;
    const auto odd = kOdd.find(folder);
    std::set<std::string> errors;
    std::string said;
    for (const check::Finding& finding : report->findings.kept()) {
      const check::RuleInfo& rule = check::info(finding.rule);
      if (rule.severity != Severity::kError) continue;
      errors.emplace(rule.name);
      said += std::string(rule.name) + " " + finding.where + ": " + finding.seen + "\n";
    }
    EXPECT_EQ(errors, odd == kOdd.end() ? std::set<std::string>() : odd->second.errors) << said;
  }
  EXPECT_GE(checked, 100U);
}

}  // namespace
}  // namespace claimlake
