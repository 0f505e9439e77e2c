// What changes tell the readers of the change feed. Oracle: rows worked out by hand.
#include <gmock/gmock.h>

#include "check/clean_for_test.h"
#include "delta/log_json.h"
#include "delta/log_segment.h"
#include "delta/partition_path.h"
#include "engine/engine.h"
#include "lake/table_statement.h"
#include "store/memory_store.h"

namespace claimlake::lake {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using testing::UnorderedElementsAre;

enum class Way { kVectors, kRewriting };

class ChangeFeedTest : public testing::TestWithParam<Way> {
 protected:
  ChangeFeedTest() {
    engine_ = *engine::open_engine({.threads = 2, .spill_folder = "", .random = &random_}, store_,
                                   clock_);
    lake_.emplace(LakeContext{store_, clock_, random_, engine_->parquet_io(), "tester"});
    engine_->attach(*lake_);
    session_ = *engine_->session({.access = engine::Access::kInternal});
  }
  void TearDown() override {
    check::expect_tables_keep_to_the_protocol(store_, *engine_, clock_, random_);
  }

  std::string run(const std::string& sql) {
    clock_.advance(1s);
    const auto statement = parse_table_statement(sql);
    if (!statement) return statement.error().text();
    if (!*statement) return "this is a query";
    const auto answer = run_table_statement(*lake_, *session_, **statement, "run-1");
    return answer ? "" : answer.error().text();
  }
  // A table gold.t (id, kind) with a change feed: 1 a, 2 b, 3 a in one file and 4 b in another.
  void table(const std::string& partitioning = "") {
    ASSERT_EQ(run("CREATE TABLE t (id BIGINT, kind STRING) " + partitioning +
                  " TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true', "
                  "'delta.enableDeletionVectors' = '" +
                  (GetParam() == Way::kVectors ? "true" : "false") + "')"),
              "");
    ASSERT_EQ(run("INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'a')"), "");
    ASSERT_EQ(run("INSERT INTO t VALUES (4, 'b')"), "");
  }
  std::vector<std::string> lines(const std::string& sql) {
    auto rows = session_->query(sql);
    if (!rows) return {rows.error().text()};
    const auto table = engine::read_all(**rows);
    if (!table) return {table.error().text()};
    std::vector<std::string> out;
    for (const auto& row : table->rows) {
      std::string line;
      for (const auto& cell : row) line += (line.empty() ? "" : "|") + cell.value_or("-");
      out.push_back(line);
    }
    return out;
  }
  delta::LogVersion newest() { return (*lake_->snapshot({"gold", "t"}))->version(); }

  std::vector<delta::CdcFile> change_files(delta::LogVersion version) {
    std::string bytes = *store_.read(delta::commit_path("gold/t", version));
    std::vector<delta::CdcFile> out;
    const auto read = delta::parse_commit(bytes, "", [&](delta::Action&& action) {
      if (const auto* cdc = std::get_if<delta::CdcFile>(&action)) out.push_back(*cdc);
    });
    EXPECT_TRUE(read);
    return out;
  }
  // The rows of the change files of the newest version.
  std::vector<std::string> told() {
    std::vector<engine::WrittenFile> files;
    for (const delta::CdcFile& file : change_files(newest())) {
      files.push_back(
          {"gold/t/" + delta::decode_path(file.path), file.size, 0, file.partition_values, ""});
    }
    if (files.empty()) return {};
    delta::Schema schema = (*lake_->snapshot({"gold", "t"}))->schema();
    schema.fields.push_back({"_change_type", delta::PrimitiveType{"string"}, true, {}});
    EXPECT_TRUE(session_->bind_files("told", schema, files));
    return lines("SELECT * FROM told ORDER BY ALL");
  }

  SimClock clock_{Timestamp{1767954660s}};
  SeededRandom random_{7};
  store::MemoryStore store_{clock_};
  std::unique_ptr<engine::Engine> engine_;
  std::optional<Lake> lake_;
  std::unique_ptr<engine::Session> session_;
};

INSTANTIATE_TEST_SUITE_P(, ChangeFeedTest, testing::Values(Way::kVectors, Way::kRewriting),
                         [](const auto& info) {
                           return info.param == Way::kVectors ? "vectors" : "rewriting";
                         });

TEST_P(ChangeFeedTest, rows_that_only_come_need_no_change_files) {
  table();

  EXPECT_THAT(change_files(newest()), IsEmpty());
}

TEST_P(ChangeFeedTest, an_update_tells_each_row_before_and_after) {
  table();

  ASSERT_EQ(run("UPDATE t SET kind = 'c' WHERE id >= 3"), "");

  EXPECT_THAT(told(), ElementsAre("3|a|update_preimage", "3|c|update_postimage",
                                  "4|b|update_preimage", "4|c|update_postimage"));
}

TEST_P(ChangeFeedTest, an_update_that_changes_nothing_tells_nothing) {
  table();

  ASSERT_EQ(run("UPDATE t SET kind = 'a' WHERE id IN (1, 2)"), "");
  EXPECT_THAT(told(), ElementsAre("2|a|update_postimage", "2|b|update_preimage"));

  const auto version = newest();
  ASSERT_EQ(run("UPDATE t SET kind = 'a' WHERE id IN (1, 2)"), "");
  EXPECT_EQ(newest(), version);
}

TEST_P(ChangeFeedTest, a_delete_of_some_rows_of_a_file_tells_them) {
  table();

  ASSERT_EQ(run("DELETE FROM t WHERE id IN (2, 4)"), "");

  // The file of row 4 goes as a whole, but a reader of change files looks at nothing else.
  EXPECT_THAT(told(), ElementsAre("2|b|delete", "4|b|delete"));
}

TEST_P(ChangeFeedTest, a_delete_of_whole_files_needs_no_change_files) {
  table();

  ASSERT_EQ(run("DELETE FROM t WHERE id = 4"), "");

  EXPECT_THAT(change_files(newest()), IsEmpty());
}

TEST_P(ChangeFeedTest, a_row_that_is_deleted_twice_is_told_once) {
  table();

  ASSERT_EQ(run("DELETE FROM t USING (VALUES ('a'), ('a')) AS s(k) WHERE t.kind = s.k"), "");

  EXPECT_THAT(told(), ElementsAre("1|a|delete", "3|a|delete"));
}

TEST_P(ChangeFeedTest, a_merge_tells_all_that_it_does) {
  table();

  ASSERT_EQ(run("MERGE INTO t USING (VALUES (1, 'x'), (2, ''), (3, 'a'), (7, 'n')) AS s(id, kind) "
                "ON t.id = s.id WHEN MATCHED AND s.kind = '' THEN DELETE "
                "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"),
            "");

  EXPECT_THAT(told(), ElementsAre("1|a|update_preimage", "1|x|update_postimage", "2|b|delete",
                                  "7|n|insert"));
}

TEST_P(ChangeFeedTest, a_merge_that_only_inserts_needs_no_change_files) {
  table();

  ASSERT_EQ(run("MERGE INTO t USING (VALUES (1, 'x'), (9, 'y')) AS s(id, kind) ON t.id = s.id "
                "WHEN NOT MATCHED THEN INSERT *"),
            "");

  EXPECT_THAT(change_files(newest()), IsEmpty());
}

TEST_P(ChangeFeedTest, change_files_lie_in_the_folders_of_their_partitions) {
  table("PARTITIONED BY (kind)");

  ASSERT_EQ(run("UPDATE t SET kind = 'b' WHERE id = 1"), "");

  EXPECT_THAT(told(), ElementsAre("1|a|update_preimage", "1|b|update_postimage"));
  std::vector<std::string> paths;
  for (const auto& file : change_files(newest())) paths.push_back(file.path);
  EXPECT_THAT(paths, UnorderedElementsAre(StartsWith("_change_data/kind=a/"),
                                          StartsWith("_change_data/kind=b/")));
}

TEST_P(ChangeFeedTest, a_change_that_fails_leaves_no_change_files) {
  table();
  const auto files = store_.list_all("gold/t")->size();

  EXPECT_THAT(run("MERGE INTO t USING (VALUES (1, 'x'), (1, 'y')) AS s(id, kind) ON t.id = s.id "
                  "WHEN MATCHED THEN UPDATE SET *"),
              HasSubstr("Several rows"));

  EXPECT_EQ(store_.list_all("gold/t")->size(), files);
}

TEST_P(ChangeFeedTest, rows_are_not_told_while_the_feed_is_off) {
  table();
  ASSERT_EQ(run("ALTER TABLE t SET TBLPROPERTIES ('delta.enableChangeDataFeed' = 'false')"), "");

  ASSERT_EQ(run("DELETE FROM t WHERE id = 1"), "");

  EXPECT_THAT(change_files(newest()), IsEmpty());
}

TEST_P(ChangeFeedTest, a_column_with_the_name_of_one_of_the_feed_stops_the_change) {
  ASSERT_EQ(run("CREATE TABLE t (id BIGINT, _Commit_Version BIGINT)"), "");
  ASSERT_EQ(run("INSERT INTO t VALUES (1, 2), (3, 4)"), "");
  ASSERT_EQ(run("ALTER TABLE t SET TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')"), "");

  EXPECT_THAT(run("DELETE FROM t WHERE id = 1"),
              HasSubstr("column _Commit_Version has the name of one that the change feed adds"));
}

}  // namespace
}  // namespace claimlake::lake
