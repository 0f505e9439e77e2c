// A change of the newest version, where others commit at the same time.
#include "lake/commit_anew.h"

#include "lake/statement_for_test.h"

namespace claimlake::lake {
namespace {

class CommitAnewTest : public testing::Test, protected StatementLake {
 protected:
  void SetUp() override { ASSERT_EQ(run("CREATE TABLE t AS SELECT 1 AS id"), ""); }
  // A write of a row, before which `meanwhile` is run the first time that it is made.
  MakeWrite write(const std::string& meanwhile, bool names_version) {
    return [=, this](const delta::SnapshotPtr& base) -> Result<std::optional<WriteRequest>> {
      if (++made_ == 1) {
        EXPECT_EQ(run(meanwhile), "");
      }
      WriteRequest request;
      TRY(request.staged, lake_->stage(*session_, {"gold", "t"}, "SELECT 2 AS id"));
      request.positions = {{"app", base->version() + 1, std::nullopt}};
      request.names_version = names_version;
      return std::optional(std::move(request));
    };
  }
  int made_ = 0;
};

TEST_F(CommitAnewTest, is_made_anew_where_its_version_was_taken) {
  ASSERT_TRUE(commit_anew(*lake_, {"gold", "t"}, write("INSERT INTO t SELECT 3", true)));

  EXPECT_EQ(made_, 2);
  EXPECT_EQ(newest()->txn("app"), newest()->version());
  EXPECT_EQ(rows("SELECT id FROM t ORDER BY id"), "1 2 3 ");
}

TEST_F(CommitAnewTest, follows_where_it_does_not_name_its_version) {
  ASSERT_TRUE(commit_anew(*lake_, {"gold", "t"}, write("INSERT INTO t SELECT 3", false)));

  EXPECT_EQ(made_, 1);
  EXPECT_EQ(newest()->version(), 2);
  EXPECT_EQ(rows("SELECT id FROM t ORDER BY id"), "1 2 3 ");
}

TEST_F(CommitAnewTest, says_what_is_in_the_way_if_others_are_always_first) {
  const auto done =
      commit_anew(*lake_, {"gold", "t"},
                  [&](const delta::SnapshotPtr& base) -> Result<std::optional<WriteRequest>> {
                    made_ = 0;
                    return write("INSERT INTO t SELECT 3", true)(base);
                  });

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().fault, Fault::kConflict);
  EXPECT_EQ(rows("SELECT count(*) FROM t WHERE id = 2"), "0 ");
}

TEST_F(CommitAnewTest, commits_nothing_where_there_is_nothing_to_do) {
  ASSERT_TRUE(commit_anew(*lake_, {"gold", "t"},
                          [](const delta::SnapshotPtr&) -> Result<std::optional<WriteRequest>> {
                            return std::optional<WriteRequest>();
                          }));

  EXPECT_EQ(newest()->version(), 0);
}

}  // namespace
}  // namespace claimlake::lake
