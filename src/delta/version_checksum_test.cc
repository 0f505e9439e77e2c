#include "delta/version_checksum.h"

#include "delta/log_fixture_for_test.h"
#include "store/passing_store_for_test.h"

namespace claimlake::delta {
namespace {

using testing::HasSubstr;
using testing::Not;

class FarStore final : public store::PassingStore {
 public:
  using PassingStore::PassingStore;
  int asides = 0;
  void put_aside(std::string_view, std::string_view) override { ++asides; }
  bool distant() const override { return true; }
};

class VersionChecksumTest : public LogTest {
 public:
  std::string checksum(LogVersion version) {
    const auto bytes = store.read(checksum_path(kTable, version));
    return bytes ? *bytes : bytes.error().message;
  }
};

// Each figure by hand: two files of 100 bytes, of which one goes.
TEST_F(VersionChecksumTest, each_version_says_what_it_holds) {
  auto snapshot = must_commit(create(), {file("a"), file("b"), Txn{"app", 7}});
  EXPECT_THAT(checksum(1), HasSubstr(R"("tableSizeBytes":200,"numFiles":2,"numMetadata":1,)"
                                     R"("numProtocol":1,)"
                                     R"("setTransactions":[{"appId":"app","version":7}],)"
                                     R"("domainMetadata":[],"metadata":{"id":"table-id",)"));
  EXPECT_THAT(checksum(1), HasSubstr(R"("protocol":{"minReaderVersion":1,"minWriterVersion":2}})"));
  const auto history = log.history(1);
  const std::string txn_id = history->front().info.txn_id;
  EXPECT_THAT(checksum(1), HasSubstr("{\"txnId\":\"" + txn_id + "\","));

  must_commit(snapshot, {removal("a"), DomainMetadata{"d", "{}"}}, {.whole_table = true});
  EXPECT_THAT(checksum(2), HasSubstr(R"("tableSizeBytes":100,"numFiles":1,)"));
  EXPECT_THAT(
      checksum(2),
      HasSubstr(R"("domainMetadata":[{"domain":"d","configuration":"{}","removed":false}])"));
}

TEST_F(VersionChecksumTest, the_time_in_the_commit_is_told_where_there_is_one) {
  create();
  EXPECT_THAT(checksum(0), Not(HasSubstr("inCommitTimestampOpt")));
  Log other({store, parquet, clock, random}, "t");
  ASSERT_TRUE(other.commit({.actions = {Protocol{1, 7, {}, {"inCommitTimestamp"}},
                                        metadata({{"delta.enableInCommitTimestamps", "true"}})}}));
  EXPECT_THAT(*store.read(checksum_path("t", 0)),
              HasSubstr(R"("inCommitTimestampOpt":1700000000000)"));
}

TEST_F(VersionChecksumTest, very_many_positions_are_left_out) {
  std::vector<Action> actions;
  for (int i = 0; i < 101; ++i) actions.emplace_back(Txn{"app" + std::to_string(i), 1});
  must_commit(create(), std::move(actions));
  EXPECT_THAT(checksum(1), Not(HasSubstr("setTransactions")));
}

TEST_F(VersionChecksumTest, one_that_is_there_is_not_overwritten) {
  put("00000000000000000001.crc", "of somebody else");
  must_commit(create(), {file("a")});
  EXPECT_EQ(checksum(1), "of somebody else");
}

TEST_F(VersionChecksumTest, far_away_it_comes_with_the_checkpoint_only) {
  FarStore far(store);
  Log log_far_away({far, parquet, clock, random}, kTable);
  const auto first =
      log_far_away.commit({.actions = {Protocol{}, metadata({{"delta.checkpointInterval", "2"}})}});
  ASSERT_TRUE(first);
  SnapshotPtr snapshot = *first;
  for (int v = 1; v <= 3; ++v) {
    auto made = log_far_away.commit({.base = snapshot, .actions = {file(std::to_string(v))}});
    ASSERT_TRUE(made) << made.error().text();
    snapshot = *made;
  }
  EXPECT_EQ(far.asides, 0);
  EXPECT_FALSE(store.head(checksum_path(kTable, 1)));
  EXPECT_THAT(checksum(2), HasSubstr(R"("numFiles":2)"));
  EXPECT_FALSE(store.head(checksum_path(kTable, 3)));
}

// Twelve files, a checkpoint at version 10 that has lost one of them.
class DamagedCheckpointTest : public VersionChecksumTest {
 protected:
  void SetUp() override {
    SnapshotPtr snapshot = create();
    for (int v = 1; v <= 12; ++v) snapshot = must_commit(snapshot, {file(std::to_string(v))});
    std::string checkpoint =
        *store.read(std::string(kTable) + "/_delta_log/" + checkpoint_name(10));
    const auto line = checkpoint.find(R"({"add":{"path":"5")");
    ASSERT_NE(line, std::string::npos) << checkpoint;
    checkpoint.erase(line, checkpoint.find('\n', line) + 1 - line);
    put(checkpoint_name(10), checkpoint);
  }
  std::size_t files() {
    const auto snapshot = Log({store, parquet, clock, random}, kTable).snapshot();
    EXPECT_TRUE(snapshot) << snapshot.error().text();
    return snapshot ? (*snapshot)->files().size() : 0;
  }
};

TEST_F(DamagedCheckpointTest, is_passed_over_where_the_checksum_tells) { EXPECT_EQ(files(), 12u); }

TEST_F(DamagedCheckpointTest, is_read_where_no_checksum_tells) {
  put("00000000000000000012.crc", R"({"numFiles":12,"tableSizeBy)");
  EXPECT_EQ(files(), 11u) << "torn";
  ASSERT_TRUE(store.remove(checksum_path(kTable, 12)));
  EXPECT_EQ(files(), 11u);
}

TEST_F(DamagedCheckpointTest, is_all_there_is_where_the_log_before_it_is_gone) {
  for (LogVersion v = 0; v <= 10; ++v) ASSERT_TRUE(store.remove(commit_path(kTable, v)));
  EXPECT_EQ(files(), 11u);
}

TEST_F(VersionChecksumTest, one_that_is_wrong_counts_for_nothing) {
  SnapshotPtr snapshot = create();
  for (int v = 1; v <= 12; ++v) snapshot = must_commit(snapshot, {file(std::to_string(v))});
  for (const char* text : {R"({"numFiles":7})", R"({"tableSizeBytes":-1})", "[]", "", "{",
                           R"({"metadata":{"schemaString":"{}"}})", R"({"numFiles":"many"})"}) {
    put("00000000000000000012.crc", text);
    const auto read = Log({store, parquet, clock, random}, kTable).snapshot();
    ASSERT_TRUE(read) << text << read.error().text();
    EXPECT_EQ((*read)->files().size(), 12u) << text;
  }
}

}  // namespace
}  // namespace claimlake::delta
