#include "lake/drop_table.h"

#include <gmock/gmock.h>

#include "engine/engine.h"
#include "lake/statement_for_test.h"
#include "store/faulty_store.h"

namespace claimlake::lake {
namespace {

using namespace std::chrono_literals;
using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;

bool changes_the_store(store::Operation operation) {
  return operation >= store::Operation::kPutIfAbsent;
}

// A process that may die before the nth change that it makes in the store, or that something else
// happens before.
class Process final : private store::FaultPlan {
 public:
  Process(store::Store& store, SimClock& clock, Random& random) : clock_(clock) {
    store::FaultPlan& plan = *this;
    store_ = std::make_unique<store::FaultyStore>(store, plan);
    engine_ =
        *engine::open_engine({.threads = 1, .spill_folder = "", .random = &random}, *store_, clock);
    lake_.emplace(LakeContext{*store_, clock, random, engine_->parquet_io(), "tester"});
    engine_->attach(*lake_);
    session_ = *engine_->session({.access = engine::Access::kInternal});
  }

  // "", or the error's text.
  std::string run(const std::string& sql) {
    clock_.advance(1s);
    const auto statement = parse_table_statement(sql);
    if (!statement) return statement.error().text();
    if (!*statement) return "cannot be read";
    const auto answer = run_table_statement(*lake_, *session_, **statement, "run-1");
    return answer ? "" : answer.error().text();
  }
  void die_before(int change, store::Fate fate) {
    left_ = change;
    fate_ = fate;
  }
  bool dead() const { return store_->dead(); }
  // It cannot look into this folder.
  void fail_list(const std::string& folder) { failing_list_ = folder; }
  void before_commit(std::function<void()> happens) { before_commit_ = std::move(happens); }
  // The number of rows, or the error's text.
  std::string count() {
    const auto rows = session_->query("SELECT CAST(count(*) AS VARCHAR) FROM gold.t");
    if (!rows) return rows.error().text();
    const auto table = engine::read_all(**rows);
    return table ? *table->rows[0][0] : table.error().text();
  }
  Lake& lake() { return *lake_; }

 private:
  store::Fate next(store::Operation operation, std::string_view path) override {
    if (operation == store::Operation::kList && path == failing_list_) return store::Fate::kFail;
    const bool commit = operation == store::Operation::kPutIfAbsent &&
                        path.find("_delta_log") != std::string_view::npos;
    if (commit && before_commit_) std::exchange(before_commit_, nullptr)();
    if (left_ > 0 && changes_the_store(operation) && --left_ == 0) return fate_;
    return store::Fate::kNormal;
  }
  bool arrives(std::string_view) override { return true; }

  SimClock& clock_;
  int left_ = 0;
  store::Fate fate_ = store::Fate::kNormal;
  std::string failing_list_;
  std::function<void()> before_commit_;
  std::unique_ptr<store::FaultyStore> store_;
  std::unique_ptr<engine::Engine> engine_;
  std::optional<Lake> lake_;
  std::unique_ptr<engine::Session> session_;
};

class DropTableTest : public testing::Test {
 protected:
  // A table with all that a folder may hold: partitions, vectors, changes, and a checkpoint.
  void make_table(store::Store& store) {
    Process process(store, clock_, random_);
    ASSERT_EQ(process.run("CREATE TABLE t PARTITIONED BY (k) TBLPROPERTIES "
                          "('delta.enableChangeDataFeed' = 'true', 'delta.checkpointInterval' = "
                          "'3') AS SELECT i AS id, i % 2 AS k FROM range(10) r(i)"),
              "");
    for (const char* sql : {"DELETE FROM t WHERE id = 3", "INSERT INTO t VALUES (10, 0)",
                            "UPDATE t SET id = 20 WHERE id = 2", "INSERT INTO t VALUES (11, 1)"}) {
      ASSERT_EQ(process.run(sql), "") << sql;
    }
    ASSERT_EQ(process.count(), "11");
  }
  static std::vector<std::string> objects(const store::Store& store) {
    std::vector<std::string> out;
    const auto listed = store.list_all("gold/t");
    for (const auto& object : *listed) out.push_back(object.path);
    return out;
  }

  SimClock clock_{Timestamp{1767954660s}};
  SeededRandom random_{7};
};

TEST_F(DropTableTest, a_dropped_table_is_gone_with_its_folder) {
  store::MemoryStore store{clock_};
  make_table(store);
  Process process(store, clock_, random_);

  EXPECT_EQ(process.run("DROP TABLE gold.t"), "");

  EXPECT_THAT(objects(store), IsEmpty());
  EXPECT_THAT(process.count(), HasSubstr("t does not exist"));
  EXPECT_THAT(process.run("DROP TABLE t"), HasSubstr("There is no table gold.t"));
  EXPECT_EQ(process.run("DROP TABLE IF EXISTS t"), "");
  EXPECT_EQ(process.run("CREATE TABLE t AS SELECT 1 AS id"), "");
  EXPECT_EQ(process.count(), "1");
  EXPECT_THAT(process.run("DROP TABLE t CASCADE"), HasSubstr("Expected the end"));
}

TEST_F(DropTableTest, wherever_it_dies_the_table_is_whole_or_dropped_and_dropping_again_ends_it) {
  for (const store::Fate fate : {store::Fate::kDieBefore, store::Fate::kDieAfter}) {
    bool died = true;
    bool was_whole = false;
    for (int change = 1; died; ++change) {
      SCOPED_TRACE(change);
      store::MemoryStore store{clock_};
      make_table(store);
      {
        Process process(store, clock_, random_);
        process.die_before(change, fate);
        (void)process.run("DROP TABLE t");
        died = process.dead();
      }
      Process after(store, clock_, random_);
      const std::string seen = after.count();
      if (seen == "11") {
        EXPECT_EQ(change, 1) << "the first change is the commit";
        was_whole = true;
      } else if (!objects(store).empty()) {
        EXPECT_THAT(seen, AnyOf(HasSubstr("was dropped"), HasSubstr("does not exist")));
        EXPECT_THAT(after.run("INSERT INTO t VALUES (1, 1)"),
                    AnyOf(HasSubstr("was dropped"), HasSubstr("does not exist")));
        EXPECT_THAT(after.run("CREATE TABLE t AS SELECT 1 AS id"), HasSubstr("was dropped"));
        EXPECT_THAT(after.run("CREATE TABLE IF NOT EXISTS t AS SELECT 1 AS id"),
                    HasSubstr("DROP TABLE once more"));
        EXPECT_THAT(after.run("RESTORE t TO VERSION AS OF 1"), HasSubstr("was dropped"));
      }
      EXPECT_EQ(after.run("DROP TABLE IF EXISTS t"), "");
      EXPECT_THAT(objects(store), IsEmpty());
      EXPECT_EQ(after.run("CREATE TABLE t AS SELECT 1 AS id"), "");
      EXPECT_EQ(after.count(), "1");
    }
    EXPECT_EQ(was_whole, fate == store::Fate::kDieBefore);
  }
}

TEST_F(DropTableTest, who_cannot_see_whether_it_was_dropped_makes_no_table_of_its_name) {
  store::MemoryStore store{clock_};
  make_table(store);
  const auto last = [&] { return objects(store).size() == 1; };
  for (int change = 1; !last(); ++change) {
    Process dropper(store, clock_, random_);
    dropper.die_before(2, store::Fate::kDieBefore);
    (void)dropper.run("DROP TABLE IF EXISTS t");
    ASSERT_LT(change, 100);
  }
  Process process(store, clock_, random_);
  process.fail_list("gold/t/_delta_log");

  const delta::Schema schema{{{"id", delta::PrimitiveType{"long"}}}};
  const auto made = process.lake().create({"gold", "t"}, schema, {}, {}, "");

  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().fault, Fault::kUnavailable) << made.error().text();
  EXPECT_TRUE(last());
}

TEST_F(DropTableTest, an_old_version_is_not_read_once_the_table_is_dropped) {
  store::MemoryStore store{clock_};
  make_table(store);
  Process process(store, clock_, random_);
  process.die_before(3, store::Fate::kDieBefore);
  (void)process.run("DROP TABLE t");
  ASSERT_TRUE(process.dead());

  Process after(store, clock_, random_);
  const auto old = after.lake().table("gold", "t", {.version = 1, .timestamp = {}});
  ASSERT_FALSE(old);
  EXPECT_EQ(old.error().fault, Fault::kNotFound);
  EXPECT_THAT(old.error().text(), HasSubstr("was dropped"));
}

TEST_F(DropTableTest, a_writer_that_comes_too_late_loses_and_leaves_nothing) {
  for (const char* sql : {"INSERT INTO t VALUES (30, 0)", "DELETE FROM t WHERE id = 5",
                          "ALTER TABLE t ADD COLUMN note STRING", "OPTIMIZE t"}) {
    // 0: all of the DROP comes before; else only its first changes.
    for (const int changes : {0, 2, 12}) {
      SCOPED_TRACE(std::string(sql) + " " + std::to_string(changes));
      store::MemoryStore store{clock_};
      make_table(store);
      Process writer(store, clock_, random_);
      Process dropper(store, clock_, random_);
      writer.before_commit([&] {
        dropper.die_before(changes, store::Fate::kDieBefore);
        const std::string said = dropper.run("DROP TABLE t");
        EXPECT_EQ(said.empty(), changes == 0) << said;
      });

      EXPECT_THAT(writer.run(sql), HasSubstr("dropped"));

      Process after(store, clock_, random_);
      EXPECT_EQ(after.run("DROP TABLE IF EXISTS t"), "");
      EXPECT_THAT(objects(store), IsEmpty());
    }
  }
}

TEST_F(DropTableTest, what_others_commit_meanwhile_is_dropped_too) {
  store::MemoryStore store{clock_};
  make_table(store);
  Process dropper(store, clock_, random_);
  Process writer(store, clock_, random_);
  dropper.before_commit([&] { EXPECT_EQ(writer.run("INSERT INTO t VALUES (30, 0)"), ""); });

  EXPECT_EQ(dropper.run("DROP TABLE t"), "");

  EXPECT_THAT(objects(store), IsEmpty());
}

TEST_F(DropTableTest, of_two_who_drop_a_table_both_succeed) {
  store::MemoryStore store{clock_};
  make_table(store);
  Process one(store, clock_, random_);
  Process other(store, clock_, random_);
  one.before_commit([&] { EXPECT_EQ(other.run("DROP TABLE t"), ""); });

  EXPECT_EQ(one.run("DROP TABLE t"), "");

  EXPECT_THAT(objects(store), IsEmpty());
}

TEST_F(DropTableTest, other_engines_see_an_empty_table_until_the_log_goes) {
  store::MemoryStore store{clock_};
  make_table(store);
  Process process(store, clock_, random_);
  process.die_before(2, store::Fate::kDieBefore);
  (void)process.run("DROP TABLE t");

  auto entry = *store.read("gold/t/_delta_log/00000000000000000005.json");

  EXPECT_THAT(entry, HasSubstr(R"("operation":"DROP TABLE")"));
  EXPECT_THAT(entry, HasSubstr(R"("claimlake.dropped":"true")"));
  EXPECT_THAT(entry, HasSubstr(R"({"remove":)"));
  EXPECT_THAT(entry, testing::Not(HasSubstr(R"({"add":)")));
}

class DropStatementTest : public StatementTest {};

TEST_F(DropStatementTest, a_table_that_keeps_its_rows_can_be_dropped) {
  ASSERT_EQ(run("CREATE TABLE t (id BIGINT GENERATED ALWAYS AS IDENTITY, a INT DEFAULT 1, "
                "CONSTRAINT positive CHECK (a > 0)) TBLPROPERTIES ('delta.appendOnly' = 'true')"),
            "");
  ASSERT_EQ(run("INSERT INTO t (a) VALUES (1)"), "");

  EXPECT_EQ(run("DROP TABLE t"), "");
  EXPECT_EQ(store_.list_all("gold/t")->size(), 0u);
}

TEST_F(DropStatementTest, what_the_pipeline_builds_is_not_dropped) {
  ASSERT_EQ(run("CREATE TABLE t AS SELECT 1 AS id"), "");
  lake_->define_built({"gold", "t"}, "the model gold.t of the pack");
  lake_->define_view({"gold", "v"}, {"SELECT 1 AS id", ""});

  EXPECT_THAT(run("DROP TABLE t"), HasSubstr("is built by the model gold.t of the pack"));
  EXPECT_THAT(run("DROP TABLE IF EXISTS v"), HasSubstr("gold.v is a view"));
  EXPECT_EQ(rows("SELECT * FROM gold.t"), "1 ");
}

TEST_F(DropStatementTest, a_damaged_table_is_not_dropped) {
  ASSERT_EQ(run("CREATE TABLE t AS SELECT 1 AS id"), "");
  ASSERT_EQ(run("INSERT INTO t VALUES (2)"), "");
  const std::string entry = "gold/t/_delta_log/00000000000000000000.json";
  const std::string bytes = *store_.read(entry);
  ASSERT_TRUE(store_.remove(entry));
  lake_->forget({"gold", "t"});

  EXPECT_THAT(run("DROP TABLE t"), HasSubstr("00000000000000000000.json"));

  ASSERT_TRUE(store_.put(entry, bytes));
  lake_->forget({"gold", "t"});
  EXPECT_EQ(rows("SELECT count(*) FROM gold.t"), "2 ");
}

}  // namespace
}  // namespace claimlake::lake
