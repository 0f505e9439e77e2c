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
      // Some rows: of how many the log says nothing.
      files.push_back(
          {"gold/t/" + delta::decode_path(file.path), file.size, 1, file.partition_values, ""});
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

// What was told is read back, with what files tell by themselves.

TEST_P(ChangeFeedTest, all_changes_are_read_with_their_version_and_time) {
  table();
  ASSERT_EQ(run("UPDATE t SET kind = 'c' WHERE id = 1"), "");
  ASSERT_EQ(run("DELETE FROM t WHERE id IN (2, 4)"), "");

  // The clock stood at 10:31:00 and goes on by a second before each statement.
  EXPECT_THAT(
      lines("SELECT * FROM table_changes('gold.t', 0) ORDER BY _commit_version, id, _change_type"),
      ElementsAre("1|a|insert|1|2026-01-09 10:31:02+00", "2|b|insert|1|2026-01-09 10:31:02+00",
                  "3|a|insert|1|2026-01-09 10:31:02+00", "4|b|insert|2|2026-01-09 10:31:03+00",
                  "1|c|update_postimage|3|2026-01-09 10:31:04+00",
                  "1|a|update_preimage|3|2026-01-09 10:31:04+00",
                  "2|b|delete|4|2026-01-09 10:31:05+00", "4|b|delete|4|2026-01-09 10:31:05+00"));
}

TEST_P(ChangeFeedTest, a_range_has_both_of_its_ends) {
  table();
  ASSERT_EQ(run("DELETE FROM t WHERE id = 4"), "");
  const auto ids = [&](const std::string& range) {
    return lines("SELECT id FROM table_changes('t', " + range + ") ORDER BY 1");
  };

  EXPECT_THAT(ids("1, 2"), ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(ids("2, 2"), ElementsAre("4"));
  EXPECT_THAT(ids("2"), ElementsAre("4", "4"));
  EXPECT_THAT(ids("'2026-01-09 10:31:03', '2026-01-09 10:31:03'"), ElementsAre("4"));
  EXPECT_THAT(ids("'2026-01-09 10:31:02.5', TIMESTAMP '2026-01-09 10:31:03.9'"), ElementsAre("4"));
  EXPECT_THAT(ids("'2020-01-01', '2026-01-09 10:31:02.9'"), ElementsAre("1", "2", "3"));
}

TEST_P(ChangeFeedTest, mistakes_in_a_range_say_what_is_wrong) {
  table();
  const auto answer = [&](const std::string& arguments) {
    return lines("SELECT * FROM table_changes(" + arguments + ")");
  };

  EXPECT_THAT(answer("'t', 2, 1"), ElementsAre(HasSubstr("the range ends before it begins")));
  EXPECT_THAT(answer("'t', 1, 9"),
              ElementsAre(AllOf(HasSubstr("no version 9"), HasSubstr("newest one is 2"))));
  EXPECT_THAT(answer("'t', 7"), ElementsAre(HasSubstr("no version 7")));
  EXPECT_THAT(answer("'t', '2030-01-01'"),
              ElementsAre(HasSubstr("2030-01-01 00:00:00.000000 UTC or later")));
  EXPECT_THAT(answer("'t', 'soon'"),
              ElementsAre(HasSubstr("'soon' is neither a version nor a time")));
  EXPECT_THAT(answer("'t', NULL"), ElementsAre(HasSubstr("is NULL")));
  EXPECT_THAT(answer("'gold.tt', 0"), ElementsAre(HasSubstr("does not exist")));
  EXPECT_THAT(answer("'a.b.c.d', 0"), ElementsAre(HasSubstr("'a.b.c.d' is no name of a table")));
}

TEST_P(ChangeFeedTest, a_version_without_the_feed_is_named) {
  table();
  ASSERT_EQ(run("ALTER TABLE t SET TBLPROPERTIES ('delta.enableChangeDataFeed' = 'false')"), "");
  ASSERT_EQ(run("DELETE FROM t WHERE id = 1"), "");
  ASSERT_EQ(run("ALTER TABLE t SET TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')"), "");
  ASSERT_EQ(run("DELETE FROM t WHERE id = 2"), "");

  EXPECT_THAT(lines("SELECT * FROM table_changes('t', 0)"),
              ElementsAre(HasSubstr("off at version 3")));
  EXPECT_THAT(lines("SELECT * FROM table_changes('t', 4)"),
              ElementsAre(HasSubstr("off at version 4")));
  EXPECT_THAT(lines("SELECT id, _change_type FROM table_changes('t', 5)"), ElementsAre("2|delete"));
  EXPECT_THAT(lines("SELECT id FROM table_changes('t', 0, 2) ORDER BY 1"),
              ElementsAre("1", "2", "3", "4"));
}

TEST_P(ChangeFeedTest, a_version_whose_commit_is_gone_is_named) {
  table();
  for (int i = 0; i < 9; ++i) ASSERT_EQ(run("INSERT INTO t VALUES (9, 'c')"), "");
  for (int version = 0; version <= 4; ++version) {
    ASSERT_TRUE(store_.remove(delta::commit_path("gold/t", version)));
  }

  EXPECT_THAT(lines("SELECT * FROM table_changes('t', 3)"),
              ElementsAre(AllOf(HasSubstr("The changes of version 3 cannot be told any more"),
                                HasSubstr("ask from version 5 or later"))));
}

TEST_P(ChangeFeedTest, columns_are_those_of_the_end_of_the_range) {
  table();
  ASSERT_EQ(run("ALTER TABLE t ADD COLUMN note STRING"), "");
  ASSERT_EQ(run("UPDATE t SET note = 'new' WHERE id = 2"), "");

  EXPECT_THAT(lines("SELECT id, note, _change_type FROM table_changes('t', 2) ORDER BY ALL"),
              ElementsAre("2|new|update_postimage", "2|-|update_preimage", "4|-|insert"));
  EXPECT_THAT(lines("SELECT * EXCLUDE _commit_timestamp FROM table_changes('t', 2, 2)"),
              ElementsAre("4|b|insert|2"));
}

TEST_P(ChangeFeedTest, rearranged_files_are_no_change_and_restored_ones_are) {
  table();
  ASSERT_EQ(run("DELETE FROM t WHERE id = 1"), "");
  ASSERT_EQ(run("OPTIMIZE t"), "");
  const auto version = std::to_string(newest());

  EXPECT_THAT(lines("SELECT * FROM table_changes('t', " + version + ")"), IsEmpty());

  ASSERT_EQ(run("RESTORE t TO VERSION AS OF 2"), "");
  // Rows that go and come back in other files cancel each other.
  EXPECT_THAT(lines("SELECT id, kind, sum(CASE _change_type WHEN 'insert' THEN 1 ELSE -1 END) AS n "
                    "FROM table_changes('t', " +
                    version + ") GROUP BY ALL HAVING n <> 0"),
              ElementsAre("1|a|1"));
}

TEST_P(ChangeFeedTest, restoring_a_deletion_vector_tells_the_rows_that_come_back) {
  if (GetParam() == Way::kRewriting) GTEST_SKIP() << "there are no deletion vectors";
  table();
  ASSERT_EQ(run("DELETE FROM t WHERE id = 1"), "");
  ASSERT_EQ(run("DELETE FROM t WHERE id = 2"), "");

  ASSERT_EQ(run("RESTORE t TO VERSION AS OF 3"), "");
  EXPECT_THAT(lines("SELECT id, _change_type FROM table_changes('t', 5)"), ElementsAre("2|insert"));
  ASSERT_EQ(run("RESTORE t TO VERSION AS OF 4"), "");
  EXPECT_THAT(lines("SELECT id, _change_type FROM table_changes('t', 6)"), ElementsAre("2|delete"));
  EXPECT_THAT(lines("SELECT count(*) FROM table_changes('t', 5)"), ElementsAre("2"));
}

TEST_P(ChangeFeedTest, conditions_on_what_is_the_same_in_a_file_leave_files_out) {
  table("PARTITIONED BY (kind)");
  ASSERT_EQ(run("UPDATE t SET kind = 'c' WHERE id = 1"), "");

  EXPECT_THAT(lines("SELECT id, kind FROM table_changes('t', 0) WHERE _commit_version = 2"),
              ElementsAre("4|b"));
  std::int64_t read = 0;
  for (const auto& scan : session_->scan_reports()) read += scan.files_read;
  EXPECT_EQ(read, 1);
  EXPECT_THAT(lines("SELECT id, _commit_version FROM table_changes('t', 0) WHERE kind = 'c'"),
              ElementsAre("1|3"));
}

TEST_P(ChangeFeedTest, people_may_read_changes_and_join_them) {
  table();
  ASSERT_EQ(run("DELETE FROM t WHERE id = 3"), "");
  auto people = *engine_->session({.access = engine::Access::kReadOnly});
  const auto rows = people->query(
      "WITH gone AS (SELECT id FROM table_changes('t', 3) AS c WHERE c._change_type = 'delete') "
      "SELECT before.kind FROM table_changes('gold.t', 0, 2) AS before JOIN gone USING (id)");
  ASSERT_TRUE(rows) << rows.error().text();

  EXPECT_EQ(engine::read_all(**rows)->rows.at(0).at(0), "a");
}

TEST_P(ChangeFeedTest, vacuum_keeps_change_files_for_as_long_as_removed_files) {
  table();
  ASSERT_EQ(run("UPDATE t SET kind = 'c' WHERE id = 1"), "");
  const std::string change_file = "gold/t/" + delta::decode_path(change_files(3).at(0).path);

  clock_.advance(6 * 24h);
  ASSERT_EQ(run("VACUUM t"), "");
  EXPECT_TRUE(store_.head(change_file));
  clock_.advance(2 * 24h);
  ASSERT_EQ(run("VACUUM t"), "");
  EXPECT_FALSE(store_.head(change_file));
  EXPECT_THAT(lines("SELECT * FROM table_changes('t', 3)"), ElementsAre(HasSubstr(change_file)));
  EXPECT_THAT(lines("SELECT id FROM t ORDER BY 1"), ElementsAre("1", "2", "3", "4"));
}

TEST_P(ChangeFeedTest, two_versions_differ_by_rows_and_how_often_they_stand_there) {
  ASSERT_EQ(run("CREATE TABLE t (id BIGINT, kind STRING)"), "");
  ASSERT_EQ(run("INSERT INTO t VALUES (1, 'a'), (1, 'a'), (1, 'a'), (2, 'b'), (3, NULL)"), "");
  ASSERT_EQ(run("DELETE FROM t WHERE id = 1"), "");
  ASSERT_EQ(run("INSERT INTO t VALUES (1, 'a'), (4, NULL), (4, NULL)"), "");
  ASSERT_EQ(run("UPDATE t SET kind = 'c' WHERE id = 2"), "");

  EXPECT_THAT(lines("SELECT * FROM table_diff('t', 1, 4) ORDER BY ALL"),
              ElementsAre("1|a|delete", "1|a|delete", "2|b|delete", "2|c|insert", "4|-|insert",
                          "4|-|insert"));
  EXPECT_THAT(lines("SELECT * FROM table_diff('t', 4, 1) WHERE id = 1"),
              ElementsAre("1|a|insert", "1|a|insert"));
  EXPECT_THAT(lines("SELECT * FROM table_diff('t', 3, 3)"), IsEmpty());
  EXPECT_THAT(lines("SELECT count(*) FROM table_diff('t', 1, 4)"), ElementsAre("6"));
}

TEST_P(ChangeFeedTest, two_versions_are_compared_by_the_columns_that_are_named) {
  ASSERT_EQ(run("CREATE TABLE t (id BIGINT, kind STRING, n BIGINT)"), "");
  ASSERT_EQ(run("INSERT INTO t VALUES (1, 'a', 7), (2, 'b', 7)"), "");
  ASSERT_EQ(run("UPDATE t SET n = id"), "");
  ASSERT_EQ(run("UPDATE t SET kind = 'c' WHERE id = 2"), "");

  EXPECT_THAT(lines("SELECT * FROM table_diff('t', 1, 3, ['KIND', 'id']) ORDER BY ALL"),
              ElementsAre("2|b|delete", "2|c|insert"));
  EXPECT_THAT(lines("SELECT * FROM table_diff('t', 1, 2, ['id'])"), IsEmpty());
  EXPECT_THAT(lines("SELECT * FROM table_diff('t', 1, 2, ['id', 'size'])"),
              ElementsAre(HasSubstr("no column size")));
}

TEST_P(ChangeFeedTest, two_versions_that_only_lie_otherwise_in_files_do_not_differ) {
  table();
  ASSERT_EQ(run("DELETE FROM t WHERE id = 1"), "");
  ASSERT_EQ(run("OPTIMIZE t"), "");

  EXPECT_THAT(lines("SELECT * FROM table_diff('t', 3, " + std::to_string(newest()) + ")"),
              IsEmpty());
  EXPECT_THAT(lines("SELECT * FROM table_diff('t', '2026-01-09 10:31:03', " +
                    std::to_string(newest()) + ")"),
              ElementsAre("1|a|delete"));
  EXPECT_THAT(lines("SELECT * FROM table_diff('t', 0, 17)"),
              ElementsAre(HasSubstr("no version 17")));
}

}  // namespace
}  // namespace claimlake::lake
