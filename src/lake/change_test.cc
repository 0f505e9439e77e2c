#include "lake/change.h"

#include <gmock/gmock.h>

#include "check/clean_for_test.h"
#include "engine/engine.h"
#include "store/memory_store.h"

namespace claimlake::lake {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// kNarrowed: as a MERGE reads a large table.
enum class Way { kVectors, kRewriting, kNarrowed };

// The same statements on tables with deletion vectors and on tables without.
class ChangeTest : public testing::TestWithParam<Way> {
 protected:
  ChangeTest() {
    engine_ = *engine::open_engine({.threads = 2, .spill_folder = "", .random = &random_}, store_,
                                   clock_);
    LakeContext context{store_, clock_, random_, engine_->parquet_io(), "tester"};
    if (GetParam() == Way::kNarrowed) context.large_table_rows = 0;
    lake_.emplace(context);
    engine_->attach(*lake_);
    session_ = *engine_->session({.access = engine::Access::kInternal});
  }
  static bool with_vectors() { return GetParam() != Way::kRewriting; }
  void TearDown() override {
    check::expect_tables_keep_to_the_protocol(store_, *engine_, clock_, random_);
  }

  // A table gold.t of the SELECT's rows, one file for each of `selects`.
  void table(const std::vector<std::string>& selects, const std::string& name = "t",
             std::map<std::string, std::string> properties = {}) {
    if (with_vectors()) properties["delta.enableDeletionVectors"] = "true";
    delta::SnapshotPtr base;
    for (const std::string& select : selects) {
      auto staged = lake_->stage(*session_, {"gold", name}, select);
      ASSERT_TRUE(staged) << staged.error().text();
      WriteRequest request;
      request.staged = *std::move(staged);
      request.base = base;
      request.properties = properties;
      auto committed = lake_->commit(std::move(request));
      ASSERT_TRUE(committed) << committed.error().text();
      base = *committed;
    }
  }

  Result<ChangeReport> change(const std::string& sql) {
    clock_.advance(1s);
    TRY(const auto statement, engine::parse_change(sql));
    if (!statement) return Error{Fault::kInvalidInput, "this changes no rows"};
    return change_rows(*lake_, *session_, *statement, {.run = "run-1"});
  }
  ChangeReport changed(const std::string& sql) {
    auto report = change(sql);
    EXPECT_TRUE(report) << sql << "\n" << report.error().text();
    return report ? *report : ChangeReport{};
  }
  std::string refused(const std::string& sql) {
    const auto version = (*lake_->snapshot({"gold", "t"}))->version();
    const auto report = change(sql);
    EXPECT_FALSE(report) << sql;
    EXPECT_EQ((*lake_->snapshot({"gold", "t"}))->version(), version) << "nothing was committed";
    return report ? "" : report.error().text();
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
  std::vector<std::string> rows() { return lines("SELECT * FROM gold.t ORDER BY ALL"); }
  std::size_t data_files() const {
    const auto objects = *store_.list_all("gold/t");
    return static_cast<std::size_t>(std::count_if(
        objects.begin(), objects.end(),
        [](const store::ObjectInfo& object) { return object.path.ends_with(".parquet"); }));
  }

  SimClock clock_{Timestamp{1767954660s}};
  SeededRandom random_{7};
  store::MemoryStore store_{clock_};
  std::unique_ptr<engine::Engine> engine_;
  std::optional<Lake> lake_;
  std::unique_ptr<engine::Session> session_;
};

INSTANTIATE_TEST_SUITE_P(, ChangeTest,
                         testing::Values(Way::kVectors, Way::kRewriting, Way::kNarrowed),
                         [](const auto& info) {
                           return info.param == Way::kVectors     ? "vectors"
                                  : info.param == Way::kRewriting ? "rewriting"
                                                                  : "narrowed";
                         });

TEST_P(ChangeTest, delete_takes_the_rows_that_match) {
  table({"SELECT i AS id, i % 3 AS kind FROM range(6) r(i)",
         "SELECT CAST(10 AS BIGINT) AS id, CAST(0 AS BIGINT) AS kind"});

  const auto report = changed("DELETE FROM gold.t WHERE kind = 0 AND id < 10");

  EXPECT_EQ(report.rows_deleted, 2);
  EXPECT_THAT(rows(), ElementsAre("1|1", "2|2", "4|1", "5|2", "10|0"));
  EXPECT_EQ(lines("SELECT count(*) FROM gold.t"), std::vector<std::string>{"5"});
  EXPECT_EQ(report.vectors_added, with_vectors() ? 1 : 0);
}

TEST_P(ChangeTest, deleting_again_adds_to_what_is_gone) {
  table({"SELECT i AS id FROM range(6) r(i)"});

  changed("DELETE FROM gold.t WHERE id IN (1, 2)");
  changed("DELETE FROM gold.t WHERE id IN (2, 4)");

  EXPECT_THAT(rows(), ElementsAre("0", "3", "5"));
  EXPECT_THAT(lines("SELECT * FROM gold.t AT (VERSION => 1) ORDER BY 1"),
              ElementsAre("0", "3", "4", "5"));
}

TEST_P(ChangeTest, a_file_without_rows_leaves_the_table) {
  table({"SELECT 1 AS id", "SELECT 2 AS id"});

  const auto report = changed("DELETE FROM gold.t WHERE id = 1");

  EXPECT_EQ(report.files_removed, 1);
  EXPECT_EQ(report.vectors_added, 0);
  EXPECT_EQ(report.snapshot->files().size(), 1u);
  EXPECT_THAT(rows(), ElementsAre("2"));
}

TEST_P(ChangeTest, deleting_everything_leaves_an_empty_table) {
  table({"SELECT 1 AS id", "SELECT 2 AS id"});

  EXPECT_EQ(changed("DELETE FROM gold.t").rows_deleted, 2);

  EXPECT_THAT(rows(), IsEmpty());
  EXPECT_TRUE(lake_->snapshot({"gold", "t"}).operator*()->files().empty());
}

TEST_P(ChangeTest, nothing_to_do_makes_no_version) {
  table({"SELECT 1 AS id, 'a' AS note"});

  EXPECT_FALSE(changed("DELETE FROM gold.t WHERE id = 5").committed);
  EXPECT_FALSE(changed("UPDATE gold.t SET note = 'a' WHERE id = 1").committed);
  EXPECT_FALSE(
      changed("MERGE INTO gold.t USING (SELECT 1 AS id, 'a' AS note) s ON t.id = s.id WHEN "
              "MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *")
          .committed);

  EXPECT_EQ((*lake_->snapshot({"gold", "t"}))->version(), 0);
  EXPECT_EQ(data_files(), 1u);
}

TEST_P(ChangeTest, update_sets_from_the_old_row_and_keeps_types) {
  table({"SELECT i AS id, CAST(i * 10 AS DECIMAL(10,2)) AS amount FROM range(4) r(i)"});

  const auto report = changed("UPDATE gold.t SET amount = amount / 4, id = id + 100 WHERE id >= 2");

  EXPECT_EQ(report.rows_updated, 2);
  EXPECT_THAT(rows(), ElementsAre("0|0.00", "1|10.00", "102|5.00", "103|7.50"));
}

TEST_P(ChangeTest, update_takes_values_from_another_table) {
  table({"SELECT i AS id, 'old' AS note FROM range(3) r(i)"});

  changed(
      "UPDATE gold.t SET note = s.note FROM (VALUES (1, 'one'), (2, 'two')) s(id, note) WHERE "
      "t.id = s.id");

  EXPECT_THAT(rows(), ElementsAre("0|old", "1|one", "2|two"));
}

TEST_P(ChangeTest, merge_updates_inserts_and_deletes_by_its_first_clause_that_fits) {
  table({"SELECT i AS id, 'old' AS note FROM range(5) r(i)"});

  const auto report = changed(
      "MERGE INTO gold.t AS target USING (VALUES (1, 'new'), (2, 'gone'), (7, 'seven'), (8, 'no')) "
      "s(id, note) ON target.id = s.id "
      "WHEN MATCHED AND s.note = 'gone' THEN DELETE "
      "WHEN MATCHED THEN UPDATE SET note = s.note || '!' "
      "WHEN NOT MATCHED AND s.note <> 'no' THEN INSERT (note, id) VALUES (s.note, s.id) "
      "WHEN NOT MATCHED BY SOURCE AND target.id = 4 THEN UPDATE SET note = 'alone'");

  EXPECT_EQ(report.rows_updated, 2);
  EXPECT_EQ(report.rows_deleted, 1);
  EXPECT_EQ(report.rows_inserted, 1);
  EXPECT_THAT(rows(), ElementsAre("0|old", "1|new!", "3|old", "4|alone", "7|seven"));
}

TEST_P(ChangeTest, set_and_insert_star_go_by_name) {
  table({"SELECT 1 AS id, 'a' AS note"});

  changed(
      "MERGE INTO gold.t USING (SELECT 'b' AS NOTE, 1 AS id, true AS more UNION ALL SELECT 'c', "
      "2, true) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *");

  EXPECT_THAT(rows(), ElementsAre("1|b", "2|c"));
  EXPECT_THAT(refused("MERGE INTO gold.t USING (SELECT 1 AS id) s ON t.id = s.id WHEN MATCHED THEN "
                      "UPDATE SET *"),
              HasSubstr("The source has no column note"));
}

TEST_P(ChangeTest, a_row_that_matches_twice_is_an_error_that_names_its_key) {
  table({"SELECT i AS id, 'old' AS note FROM range(3) r(i)"});
  const std::string twice =
      "MERGE INTO gold.t USING (VALUES (1, 'x'), (1, 'y'), (2, 'z')) s(id, note) ON t.id = s.id ";

  EXPECT_THAT(
      refused(twice + "WHEN MATCHED THEN UPDATE SET *"),
      AllOf(HasSubstr("Several rows of the source match the same row"), HasSubstr("id = 1")));
  EXPECT_THAT(
      refused("UPDATE gold.t SET note = s.note FROM (VALUES (1, 'x'), (1, 'y')) s(id, note) "
              "WHERE t.id = s.id"),
      HasSubstr("Several rows of the source match the same row"));
  // One DELETE without a condition does the same however often it is told.
  EXPECT_EQ(changed(twice + "WHEN MATCHED THEN DELETE").rows_deleted, 2);
  EXPECT_THAT(rows(), ElementsAre("0|old"));
}

TEST_P(ChangeTest, conditions_may_ask_other_tables) {
  table({"SELECT i AS id, 'old' AS note FROM range(4) r(i)"});
  table({"SELECT CAST(2 AS BIGINT) AS id"}, "wanted");

  changed(
      "MERGE INTO gold.t USING (SELECT i AS id FROM range(6) r(i)) s ON t.id = s.id WHEN MATCHED "
      "AND t.id IN (SELECT id FROM gold.wanted) THEN UPDATE SET note = 'wanted' WHEN NOT MATCHED "
      "AND s.id = (SELECT max(id) + 2 FROM gold.t) THEN INSERT (id, note) VALUES (s.id, 'new')");
  changed("DELETE FROM gold.t WHERE id < (SELECT min(id) FROM gold.wanted)");

  EXPECT_THAT(rows(), ElementsAre("2|wanted", "3|old", "5|new"));
}

TEST_P(ChangeTest, a_clause_that_says_error_stops_the_change) {
  table({"SELECT i AS id, 'old' AS note FROM range(4) r(i)"});
  const std::string merge =
      "MERGE INTO gold.t USING (SELECT CAST(9 AS BIGINT) AS id) s ON t.id = s.id WHEN MATCHED THEN "
      "UPDATE SET note = 'a' ";

  EXPECT_THAT(refused(merge + "WHEN NOT MATCHED THEN ERROR"), HasSubstr("says ERROR"));
  EXPECT_THAT(refused(merge + "WHEN NOT MATCHED THEN INSERT VALUES (s.id)"),
              HasSubstr("INSERT gives 1 values for 2 columns"));
  EXPECT_THAT(refused(merge + "WHEN NOT MATCHED AND random() < 2 THEN INSERT (id) VALUES (s.id)"),
              HasSubstr("compute random values in the source"));
}

// The order of a snapshot's files depends on how it was read: from a checkpoint, or from commits.
TEST_P(ChangeTest, rows_are_found_whatever_the_order_in_which_the_log_gives_files) {
  table({"SELECT CAST(1 AS BIGINT) AS id", "SELECT CAST(2 AS BIGINT) AS id",
         "SELECT CAST(3 AS BIGINT) AS id"});
  delta::Log log({store_, engine_->parquet_io(), clock_, random_}, "gold/t");
  ASSERT_TRUE(log.checkpoint(*lake_->snapshot({"gold", "t"})));
  Lake other(LakeContext{store_, clock_, random_, engine_->parquet_io(), "tester"});

  const auto statement = engine::parse_change("DELETE FROM gold.t WHERE id = 2");
  ASSERT_TRUE(change_rows(other, *session_, **statement, {.run = "run-1"}));

  EXPECT_THAT(rows(), ElementsAre("1", "3"));
}

// The name of a table is short here, and a letter of many other words.
TEST_P(ChangeTest, an_insert_reads_its_table_only_where_it_names_it) {
  table({"SELECT CAST(1 AS BIGINT) AS id, 'first' AS note"});
  const auto is_blind = [&](const std::string& sql) {
    changed(sql);
    return (*lake_->history({"gold", "t"}, 1))[0].info.is_blind_append;
  };

  EXPECT_TRUE(is_blind("INSERT INTO gold.t SELECT 2, 'text'"));
  EXPECT_FALSE(is_blind("INSERT INTO gold.t SELECT 3, 'x' FROM gold.T"));
  EXPECT_FALSE(is_blind("INSERT INTO gold.t SELECT 4, 'x' FROM gold.\"t\" WHERE id = 1"));
}

// What a table was computed from is said with its rows: then nobody else's may slip in between.
TEST_P(ChangeTest, positions_are_committed_with_the_rows_and_no_other_change_comes_before_them) {
  table({"SELECT CAST(i AS BIGINT) AS id FROM range(3) r(i)"});
  const auto base = *lake_->snapshot({"gold", "t"});
  const auto statement = engine::parse_change("DELETE FROM gold.t WHERE id = 1");
  const ChangeOptions options{
      .base = base, .positions = {{"app", 7, std::nullopt}}, .parameters = [] {
        return std::map<std::string, std::string>{{"way", "by key"}};
      }};
  changed("INSERT INTO gold.t VALUES (9)");
  const auto late = change_rows(*lake_, *session_, **statement, options);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().fault, Fault::kConflict);

  ChangeOptions fresh = options;
  fresh.base = *lake_->snapshot({"gold", "t"});
  const auto done = change_rows(*lake_, *session_, **statement, fresh);
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(done->snapshot->txn("app"), 7);
  EXPECT_EQ((*lake_->history({"gold", "t"}, 1))[0].info.parameters.at("way"), "\"by key\"");
  EXPECT_THAT(rows(), ElementsAre("0", "2", "9"));
  const auto nothing =
      change_rows(*lake_, *session_, **statement, {.positions = {{"app", 8, std::nullopt}}});
  ASSERT_TRUE(nothing) << nothing.error().text();
  EXPECT_EQ(nothing->snapshot->txn("app"), 8) << "no row changed, and the position did";
}

TEST_P(ChangeTest, stopping_commits_nothing) {
  table({"SELECT CAST(1 AS BIGINT) AS id"});
  const auto files = store_.list_all("gold")->size();
  const Cancel cancel;
  cancel.cancel();

  const auto statement = engine::parse_change("UPDATE gold.t SET id = 2");
  const auto report =
      change_rows(*lake_, *session_, **statement, {.run = "run-1", .cancel = cancel});

  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().fault, Fault::kCancelled);
  EXPECT_THAT(rows(), ElementsAre("1"));
  EXPECT_EQ(store_.list_all("gold")->size(), files);
}

TEST_P(ChangeTest, people_may_call_in_a_change_what_they_may_call_in_a_query) {
  table({"SELECT CAST(1 AS BIGINT) AS id"});
  const char* const kRead = "read_parquet is not allowed";

  EXPECT_THAT(refused("DELETE FROM gold.t WHERE id IN (SELECT a FROM read_parquet('x') p(a))"),
              AllOf(HasSubstr(kRead), HasSubstr("1:47")));
  EXPECT_THAT(refused("INSERT INTO gold.t SELECT * FROM read_parquet('x')"), HasSubstr(kRead));
  EXPECT_THAT(refused("WITH c AS (FROM read_parquet('x')) DELETE FROM gold.t USING c"),
              HasSubstr(kRead));
  EXPECT_THAT(refused("UPDATE gold.t SET id = 1 FROM (SELECT 1 FROM read_parquet('x')) p"),
              HasSubstr(kRead));
  EXPECT_THAT(
      refused("MERGE INTO gold.t USING read_parquet('x') s ON t.id = s.id WHEN MATCHED THEN "
              "DELETE"),
      HasSubstr(kRead));
}

TEST_P(ChangeTest, insert_takes_columns_by_place_and_by_name) {
  table({"SELECT 1 AS id, 'a' AS note"});

  changed("INSERT INTO gold.t VALUES (2, 'b')");
  changed("INSERT INTO gold.t (note) VALUES ('c')");
  changed("INSERT INTO gold.t BY NAME SELECT 'd' AS note, 4 AS id");
  changed("WITH more AS (SELECT 5 AS a) INSERT INTO gold.t SELECT a, 'e' FROM more");

  EXPECT_THAT(rows(), ElementsAre("1|a", "2|b", "4|d", "5|e", "-|c"));
  EXPECT_THAT(refused("INSERT INTO gold.t VALUES (2)"),
              HasSubstr("INSERT gives 1 values for 2 columns"));
}

TEST_P(ChangeTest, what_does_not_fit_is_refused_with_the_name) {
  table({"SELECT CAST(1 AS TINYINT) AS id, 'a' AS note"});

  EXPECT_THAT(refused("UPDATE gold.t SET nots = 'b'"), HasSubstr("did you mean note?"));
  EXPECT_THAT(refused("UPDATE gold.t SET id = 1000"), HasSubstr("1000"));
  EXPECT_THAT(refused("UPDATE gold.t SET id = 1, ID = 2"), HasSubstr("set twice"));
  EXPECT_THAT(refused("DELETE FROM gold.t RETURNING id"), HasSubstr("RETURNING is not supported"));
  EXPECT_THAT(refused("DELETE FROM gold.t AT (VERSION => 0)"), HasSubstr(""));
  EXPECT_THAT(change("DELETE FROM gold.absent").error().text(), HasSubstr("There is no table"));
}

TEST_P(ChangeTest, history_says_what_was_done) {
  table({"SELECT i AS id FROM range(4) r(i)"});

  changed("DELETE FROM gold.t WHERE id = 2");

  const auto history = *lake_->history({"gold", "t"}, 1);
  EXPECT_EQ(history[0].info.operation, "DELETE");
  EXPECT_EQ(history[0].info.metrics.at("numDeletedRows"), "1");
  EXPECT_THAT(history[0].info.parameters.at("predicate"), HasSubstr("id = 2"));
  EXPECT_FALSE(history[0].info.is_blind_append);
}

TEST_P(ChangeTest, failing_leaves_no_file_behind) {
  table({"SELECT i AS id, 'a' AS note FROM range(4) r(i)"});
  const auto before = store_.list_all("gold")->size();

  EXPECT_FALSE(change("UPDATE gold.t SET id = CAST(note AS INTEGER)"));
  EXPECT_FALSE(
      change("MERGE INTO gold.t USING (VALUES (1), (1)) s(id) ON t.id = s.id WHEN MATCHED "
             "THEN UPDATE SET note = 'b'"));

  EXPECT_EQ(store_.list_all("gold")->size(), before);
}

}  // namespace
}  // namespace claimlake::lake
