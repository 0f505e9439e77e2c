#include "records/records.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "records/database_for_test.h"
#include "records/schema.h"

namespace claimlake::records {
namespace {

// What every database must keep to.
class RecordsContract : public testing::TestWithParam<DatabaseMaker> {
 protected:
  void SetUp() override {
    const auto why = GetParam().absent();
    if (!why.empty()) GTEST_SKIP() << why;
    place_ = GetParam().make();
    open();
  }
  void open() {
    records_.reset();
    auto opened = Records::open(place_->name(), clock_, random_);
    ASSERT_TRUE(opened) << opened.error().text();
    records_ = *std::move(opened);
  }
  Result<Rows> write(const std::string& sql, const std::vector<Value>& values = {}) {
    return records_->write<Rows>([&](Transaction& all) { return all.run(sql, values); });
  }
  Rows read(const std::string& sql, const std::vector<Value>& values = {}) {
    const auto rows = records_->read<Rows>([&](Transaction& all) { return all.run(sql, values); });
    EXPECT_TRUE(rows) << rows.error().text();
    return rows ? *rows : Rows{};
  }

  SimClock clock_;
  SeededRandom random_{7};
  std::unique_ptr<TestPlace> place_;
  std::unique_ptr<Records> records_;
};

const char* const kPut = "INSERT INTO store_facts (name, value) VALUES ($1, $2)";

TEST_P(RecordsContract, read_sees_what_was_written) {
  const auto written = write(kPut, {std::string("a"), std::string("one")});

  ASSERT_TRUE(written) << written.error().text();
  EXPECT_EQ(read("SELECT value FROM store_facts WHERE name = 'a'"), (Rows{{std::string("one")}}));
}

TEST_P(RecordsContract, values_come_back_as_they_went_in) {
  const std::string odd = "O'Hara \"x\" \xe2\x82\xac %s $1; DROP TABLE users";
  ASSERT_TRUE(write("INSERT INTO counters (name, value) VALUES ($1, $2)",
                    {odd, std::int64_t{9'223'372'036'854'775'807}}));
  ASSERT_TRUE(
      write("INSERT INTO relay_files (file_number, path, rows_count, decided_at, "
            "written_at) VALUES (1, 'p', 1, -5, $1)",
            {std::monostate{}}));

  EXPECT_EQ(read("SELECT name, value FROM counters WHERE name = $1", {odd}),
            (Rows{{odd, std::int64_t{9'223'372'036'854'775'807}}}));
  EXPECT_EQ(read("SELECT decided_at, written_at FROM relay_files"),
            (Rows{{std::int64_t{-5}, std::monostate{}}}));
}

TEST_P(RecordsContract, write_that_throws_is_an_error_and_the_next_one_goes_on) {
  const auto failed = records_->write<int>([](Transaction& all) -> Result<int> {
    TRY_DONE(all.run(kPut, {std::string("a"), std::string("one")}));
    throw std::runtime_error("as a library may");
  });

  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message.find("library"), std::string::npos) << "may hold a value";
  ASSERT_TRUE(write(kPut, {std::string("b"), std::string("two")}));
  EXPECT_EQ(read("SELECT name FROM store_facts WHERE name IN ('a', 'b')"),
            (Rows{{std::string("b")}}));
}

TEST_P(RecordsContract, failed_write_leaves_nothing_behind) {
  const auto failed = records_->write<int>([](Transaction& all) -> Result<int> {
    TRY_DONE(all.run(kPut, {std::string("a"), std::string("one")}));
    return Error{Fault::kInvalidInput, "no"};
  });

  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "no");
  EXPECT_TRUE(read("SELECT 1 FROM store_facts WHERE name = 'a'").empty());
}

TEST_P(RecordsContract, taken_key_and_missing_parent_are_conflicts_that_name_no_value) {
  ASSERT_TRUE(write(kPut, {std::string("secret"), std::string("one")}));

  const auto again = write(kPut, {std::string("secret"), std::string("two")});
  const auto orphan = write(
      "INSERT INTO claim_lines (claim_id, line, description, amount_cents) "
      "VALUES ('secret', 1, 'd', 1)");

  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().fault, Fault::kConflict);
  EXPECT_EQ(again.error().text().find("secret"), std::string::npos) << again.error().text();
  ASSERT_FALSE(orphan);
  EXPECT_EQ(orphan.error().fault, Fault::kConflict);
  EXPECT_EQ(orphan.error().text().find("'secret'"), std::string::npos) << orphan.error().text();
}

TEST_P(RecordsContract, insert_that_does_nothing_on_conflict_gives_no_row) {
  const std::string sql = std::string(kPut) + " ON CONFLICT DO NOTHING RETURNING name";

  const auto first = write(sql, {std::string("a"), std::string("one")});
  const auto second = write(sql, {std::string("a"), std::string("two")});

  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->size(), 1U);
  EXPECT_TRUE(second->empty());
}

TEST_P(RecordsContract, failure_of_one_write_leaves_those_at_the_same_time_alone) {
  std::atomic<int> written = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 32; ++i) {
    threads.emplace_back([&, i] {
      // Every fourth writes a key that is there already.
      const std::string name = i % 4 == 0 ? "store_id" : "n" + std::to_string(i);
      if (write(kPut, {name, std::string("v")})) ++written;
    });
  }
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(written, 24);
  EXPECT_EQ(read("SELECT COUNT(*) FROM store_facts WHERE value = 'v'"), (Rows{{std::int64_t{24}}}));
}

TEST_P(RecordsContract, read_sees_one_state_while_others_write) {
  const auto counts =
      records_->read<std::pair<Rows, Rows>>([&](Transaction& all) -> Result<std::pair<Rows, Rows>> {
        TRY(Rows before, all.run("SELECT COUNT(*) FROM store_facts", {}));
        EXPECT_TRUE(write(kPut, {std::string("a"), std::string("one")}));
        TRY(Rows after, all.run("SELECT COUNT(*) FROM store_facts", {}));
        return std::pair(std::move(before), std::move(after));
      });

  ASSERT_TRUE(counts) << counts.error().text();
  EXPECT_EQ(counts->first, counts->second);
}

TEST_P(RecordsContract, store_opened_again_is_the_same_one) {
  ASSERT_TRUE(write(kPut, {std::string("a"), std::string("one")}));
  const std::string id = records_->id();

  open();

  EXPECT_EQ(records_->id(), id);
  EXPECT_EQ(id.size(), 8U);
  EXPECT_EQ(read("SELECT COUNT(*) FROM store_facts WHERE name = 'a'"), (Rows{{std::int64_t{1}}}));
}

TEST_P(RecordsContract, two_processes_write_in_turn) {
  auto other = Records::open(place_->name(), clock_, random_);
  ASSERT_TRUE(other) << other.error().text();
  const auto count_up = [](Records& records) {
    for (int i = 0; i < 50; ++i) {
      const auto counted = records.write<Rows>([](Transaction& all) {
        return all.run("UPDATE counters SET value = value + 1 WHERE name = 'outbox'", {});
      });
      EXPECT_TRUE(counted) << counted.error().text();
    }
  };

  std::thread one([&] { count_up(*records_); });
  std::thread two([&] { count_up(**other); });
  one.join();
  two.join();

  EXPECT_EQ(read("SELECT value FROM counters WHERE name = 'outbox'"), (Rows{{std::int64_t{100}}}));
}

TEST_P(RecordsContract, store_of_a_newer_program_is_refused) {
  ASSERT_TRUE(write("UPDATE store_facts SET value = '99' WHERE name = 'schema_version'"));

  const auto opened = Records::open(place_->name(), clock_, random_);

  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().fault, Fault::kConflict);
  EXPECT_NE(opened.error().message.find("99"), std::string::npos);
}

TEST_P(RecordsContract, failed_step_of_the_schema_changes_nothing) {
  std::vector<SchemaStep> steps = schema_steps();
  steps.push_back({"CREATE TABLE one_more (name TEXT) STRICT", "not a statement"});
  const auto database = place_->database();

  const auto id = bring_forward(*database, steps, random_);

  EXPECT_FALSE(id);
  open();
  EXPECT_FALSE(
      records_->read<Rows>([](Transaction& all) { return all.run("SELECT * FROM one_more", {}); }));
}

INSTANTIATE_TEST_SUITE_P(Databases, RecordsContract, testing::ValuesIn(database_makers()),
                         [](const auto& info) { return info.param.name; });

// The statements of a script that has a ';' at the ends of lines only.
std::vector<std::string> statements_of(const std::string& script) {
  std::vector<std::string> statements;
  for (std::size_t at = 0, end = 0; (end = script.find(";\n", at)) != std::string::npos;
       at = end + 2) {
    statements.push_back(script.substr(at, end - at));
  }
  return statements;
}

class SqliteRecords : public testing::Test {
 protected:
  SimClock clock_;
  SeededRandom random_{7};
  store::TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/below/records.db";
};

TEST_F(SqliteRecords, file_that_is_none_is_told_by_its_name) {
  std::filesystem::create_directories(folder_.path() + "/below");
  std::ofstream(path_) << std::string(10'000, 'x');

  const auto opened = Records::open(path_, clock_, random_);

  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().fault, Fault::kCorrupt);
  EXPECT_EQ(opened.error().where, path_);
}

TEST_F(SqliteRecords, step_forward_keeps_the_file_as_it_was_beside_it) {
  { ASSERT_TRUE(Records::open(path_, clock_, random_)); }
  std::vector<SchemaStep> steps = schema_steps();
  const auto version = steps.size();
  steps.push_back({"CREATE TABLE one_more (name TEXT) STRICT"});

  const auto database = sqlite_database(path_);
  const auto moved = bring_forward(*database, steps, random_);

  ASSERT_TRUE(moved) << moved.error().text();
  // The backup opens with the program of before, the file itself no more.
  EXPECT_TRUE(Records::open(path_ + ".version_" + std::to_string(version), clock_, random_));
  EXPECT_FALSE(Records::open(path_, clock_, random_));
}

TEST_F(SqliteRecords, nobody_but_the_owner_may_read_the_file_and_what_stands_beside_it) {
  const auto records = Records::open(path_, clock_, random_);
  ASSERT_TRUE(records);
  ASSERT_TRUE(sqlite_database(path_)->back_up(1));

  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path() + "/below")) {
    const auto rights = entry.status().permissions() & std::filesystem::perms::mask;
    EXPECT_EQ(rights, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
        << entry.path();
    ++files;
  }
  EXPECT_GE(files, 2) << "the file and the backup";
}

// Each released schema, as text with rows, still opens and keeps its rows.
TEST_F(SqliteRecords, each_released_schema_opens) {
  for (std::size_t version = 1; version <= schema_steps().size(); ++version) {
    const std::string file =
        CLAIMLAKE_SOURCE_FOLDER "/src/records/released/version_" + std::to_string(version) + ".sql";
    std::ifstream in(file);
    ASSERT_TRUE(in) << "no fixture of schema " << version << ": " << file;
    std::stringstream sql;
    sql << in.rdbuf();
    const std::string path = folder_.path() + "/" + std::to_string(version) + ".db";
    const auto connection = *sqlite_database(path)->connect();
    for (const std::string& statement : statements_of(sql.str())) {
      const auto run = connection->run(statement, {});
      ASSERT_TRUE(run) << statement << run.error().text();
    }

    const auto opened = Records::open(path, clock_, random_);

    ASSERT_TRUE(opened) << opened.error().text();
    const auto rows = (*opened)->read<Rows>([](Transaction& all) {
      return all.run(
          "SELECT claim_id, claim_amount_cents, pets.pet_name FROM claims "
          "JOIN pets ON pets.pet_id = claims.pet_id",
          {});
    });
    ASSERT_TRUE(rows) << rows.error().text();
    EXPECT_EQ(
        *rows,
        (Rows{{std::string("CLM-00000000000A"), std::int64_t{12'345}, std::string("Biscuit")}}));
  }
}

TEST(PostgresUrl, bad_one_is_told_without_its_password) {
  SimClock clock;
  SeededRandom random(7);

  const auto bad = Records::open("postgresql://u:hunter2@[half", clock, random);
  const auto nobody = Records::open("postgresql://u:hunter2@127.0.0.1:1/d", clock, random);

  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().fault, Fault::kInvalidInput);
  EXPECT_EQ(bad.error().text().find("hunter2"), std::string::npos);
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().fault, Fault::kUnavailable);
  EXPECT_EQ(nobody.error().text().find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace claimlake::records
