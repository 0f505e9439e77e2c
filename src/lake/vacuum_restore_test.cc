// VACUUM and RESTORE side by side: docs/formats/conflict.md.
#include <gmock/gmock.h>

#include <functional>

#include "lake/maintain.h"
#include "lake/statement_for_test.h"
#include "store/passing_store_for_test.h"

namespace claimlake::lake {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// Calls the two before it deletes, or writes an entry of a log; once each.
class Interrupted : public store::PassingStore {
 public:
  using PassingStore::PassingStore;
  Result<store::Put> put_if_absent(std::string_view path, std::string_view bytes) override {
    if (path.find("_delta_log/") != std::string_view::npos) call(before_commit);
    return PassingStore::put_if_absent(path, bytes);
  }
  Done remove(std::string_view path) override {
    call(before_remove);
    return PassingStore::remove(path);
  }
  std::function<void()> before_commit;
  std::function<void()> before_remove;

 private:
  static void call(std::function<void()>& what) {
    if (const auto once = std::exchange(what, nullptr)) once();
  }
};

// Version 1 has a file of ten rows that version 2 took away, more than the retention ago.
class VacuumRestoreTest : public StatementTest {
 protected:
  VacuumRestoreTest() {
    run("CREATE TABLE t (id BIGINT)");
    run("INSERT INTO t SELECT range FROM range(10)");
    run("DELETE FROM t");
    clock_.advance(24h * 8);
  }
  // As another process.
  Done interrupted(const char* sql, Interrupted& store) {
    Lake lake(LakeContext{store, clock_, random_, engine_->parquet_io(), "other"});
    const Maintenance what = **parse_maintenance(sql);
    if (const auto* restore = std::get_if<Restore>(&what)) {
      TRY(const auto report, lake::restore(lake, *restore, "run-2"));
    } else {
      TRY(const auto report, vacuum(lake, std::get<Vacuum>(what), "run-2", {}));
    }
    return done();
  }
  Interrupted store_of_other_{store_};
};

TEST_F(VacuumRestoreTest, the_history_says_that_files_were_deleted) {
  ASSERT_EQ(run("VACUUM t"), "");

  const auto history = *lake_->history({"gold", "t"}, 2);
  EXPECT_EQ(history[1].info.operation, "VACUUM START");
  EXPECT_EQ(history[1].info.metrics.at("numFilesToDelete"), "1");
  EXPECT_EQ(history[1].info.parameters.at("defaultRetentionMillis"), "604800000");
  EXPECT_EQ(history[0].info.operation, "VACUUM END");
  EXPECT_EQ(history[0].info.metrics.at("numDeletedFiles"), "1");
}

TEST_F(VacuumRestoreTest, a_vacuum_with_nothing_to_delete_is_not_in_the_history) {
  ASSERT_EQ(run("VACUUM t"), "");
  const auto version = newest()->version();
  ASSERT_EQ(run("VACUUM t"), "");
  EXPECT_EQ(newest()->version(), version);
}

TEST_F(VacuumRestoreTest, a_vacuum_keeps_what_a_restore_has_brought_back_before_it_began) {
  store_of_other_.before_commit = [&] { EXPECT_EQ(run("RESTORE t TO VERSION AS OF 1"), ""); };

  const auto vacuumed = interrupted("VACUUM t", store_of_other_);

  ASSERT_TRUE(vacuumed) << vacuumed.error().text();
  EXPECT_EQ(rows("SELECT count(*) FROM gold.t"), "10 ");
}

TEST_F(VacuumRestoreTest, a_restore_does_not_bring_back_what_a_vacuum_is_deleting) {
  std::string answer;
  store_of_other_.before_remove = [&] { answer = run("RESTORE t TO VERSION AS OF 1"); };

  ASSERT_TRUE(interrupted("VACUUM t", store_of_other_));

  EXPECT_THAT(answer, HasSubstr("A VACUUM (version 3) may be deleting"));
  EXPECT_THAT(run("RESTORE t TO VERSION AS OF 1"), HasSubstr("it was vacuumed"));
  EXPECT_EQ(rows("SELECT count(*) FROM gold.t"), "0 ");
}

TEST_F(VacuumRestoreTest, a_vacuum_that_begins_before_a_restore_commits_is_a_conflict) {
  store_of_other_.before_commit = [&] { EXPECT_EQ(run("VACUUM t"), ""); };

  const auto report = interrupted("RESTORE t TO VERSION AS OF 1", store_of_other_);

  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().fault, Fault::kConflict);
  EXPECT_THAT(report.error().text(), HasSubstr("version 3 is a VACUUM that began"));
}

TEST_F(VacuumRestoreTest, a_restore_goes_on_beside_a_vacuum_that_keeps_its_files) {
  run("INSERT INTO t SELECT range FROM range(3)");
  run("DELETE FROM t");  // lately
  std::string answer;
  store_of_other_.before_remove = [&] { answer = run("RESTORE t TO VERSION AS OF 3"); };

  ASSERT_TRUE(interrupted("VACUUM t", store_of_other_));

  EXPECT_EQ(answer, "");
  EXPECT_EQ(rows("SELECT count(*) FROM gold.t"), "3 ");
}

TEST_F(VacuumRestoreTest, a_vacuum_that_died_stands_in_the_way_for_a_day) {
  class Dead : public Interrupted {
    using Interrupted::Interrupted;
    Done remove(std::string_view) override { return Error{Fault::kUnavailable, "died"}; }
  } dead(store_);
  ASSERT_FALSE(interrupted("VACUUM t", dead));

  EXPECT_THAT(run("RESTORE t TO VERSION AS OF 1"), HasSubstr("may be deleting"));
  clock_.advance(kVacuumMayRun);
  EXPECT_EQ(run("RESTORE t TO VERSION AS OF 1"), "");
  EXPECT_EQ(rows("SELECT count(*) FROM gold.t"), "10 ");
}

TEST_F(VacuumRestoreTest, a_vacuum_stops_when_others_take_it_for_dead) {
  run("INSERT INTO t VALUES (1)");
  run("DELETE FROM t");
  clock_.advance(24h * 8);  // two files to delete
  store_of_other_.before_remove = [&] { clock_.advance(kVacuumMayRun); };

  const auto report = interrupted("VACUUM t", store_of_other_);

  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().text(), HasSubstr("VACUUM was stopped"));
}

}  // namespace
}  // namespace claimlake::lake
