// Hours of small refreshes with upkeep, on a clock that is put forward: what they leave behind
// stays as much as the first of them left. How long they take, bench/hour.cc measures.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "refresh/pack_for_test.h"

namespace claimlake::refresh {
namespace {

// What stands in the lake, and what the newest commits say.
struct Standing {
  double files = 0;
  double rows_out = 0;      // that deletion vectors take out
  double log_tail = 0;      // commits that a table is opened with, beside its checkpoint
  double commit_bytes = 0;  // of the newest commit of each table
  Standing& operator+=(const Standing& other) {
    files += other.files;
    rows_out += other.rows_out;
    log_tail += other.log_tail;
    commit_bytes += other.commit_bytes;
    return *this;
  }
};

// The version of the newest commit or checkpoint of a log; -1: none.
std::int64_t newest(const std::vector<store::ObjectInfo>& log, const char* kind) {
  std::int64_t version = -1;
  for (const store::ObjectInfo& object : log) {
    const std::string name = object.path.substr(object.path.rfind('/') + 1);
    if (name.size() < 20 || name.find(kind) == std::string::npos) continue;
    version = std::max<std::int64_t>(version, std::stoll(name.substr(0, 20)));
  }
  return version;
}

Standing standing(lake::Lake& lake) {
  Standing out;
  for (const lake::TableName& name : lake.all_tables()) {
    const auto table = *lake.snapshot(name);
    out.files += static_cast<double>(table->files().size());
    for (const delta::AddFile& file : table->files()) {
      if (file.deletion_vector) {
        out.rows_out += static_cast<double>(file.deletion_vector->cardinality);
      }
    }
    const auto log = *lake.store().list_all(name.folder() + "/_delta_log");
    out.log_tail += static_cast<double>(table->version() - newest(log, ".checkpoint"));
    const auto commit = lake.store().head(
        fmt::format("{}/_delta_log/{:020}.json", name.folder(), table->version()));
    EXPECT_TRUE(commit) << commit.error().text();
    out.commit_bytes += static_cast<double>(commit->size);
  }
  return out;
}

TEST(ManyRefreshes, leave_as_much_behind_as_their_first_twelfth) {
  constexpr int kTwelfth = 25;
  const PackFiles files;
  SimClock clock{Timestamp(std::chrono::hours(24 * 365 * 50))};
  SeededRandom random{1};
  store::MemoryStore store{clock};
  std::string first;
  for (int i = 0; i < 200; ++i) {
    first += fmt::format("{{\"id\":\"a{}\",\"policy\":\"p{}\",\"amount\":1}}\n", i, i);
  }
  ASSERT_TRUE(store.put("raw/claims.jsonl", first));
  PipelineProcess process(files, store, clock, random);
  process.ingest();
  process.run();

  std::vector<Standing> twelfths(12);
  int number = 0;
  for (Standing& twelfth : twelfths) {
    for (int i = 0; i < kTwelfth; ++i, ++number) {
      ASSERT_TRUE(store.put(fmt::format("raw/claims{:05}.jsonl", number),
                            fmt::format("{{\"id\":\"b{}\",\"policy\":\"p{}\",\"amount\":1}}\n",
                                        number, number % 200)));
      process.ingest();
      EXPECT_EQ(process.run().at("gold.policies").way, "by key (1 touched)");
      process.keep_up();
      twelfth += standing(process.lake());
    }
  }

  const Standing& before = twelfths.front();
  const Standing& after = twelfths.back();
  EXPECT_LE(after.files, 1.3 * before.files);
  // A file that has lost a twentieth of its rows is written anew.
  EXPECT_LE(after.rows_out, kTwelfth * 0.05 * 200 * 1.3);
  EXPECT_LE(after.log_tail, 1.3 * before.log_tail);
  EXPECT_LE(after.commit_bytes, 1.3 * before.commit_bytes);
  EXPECT_EQ(process.rows("SELECT count(*), sum(amount) FROM gold.policies"), "200 500 ");
}

}  // namespace
}  // namespace claimlake::refresh
