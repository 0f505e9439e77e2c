#include "records/relay.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "base/text.h"
#include "records/book.h"
#include "records/database_for_test.h"
#include "records/faulty_database_for_test.h"
#include "records/relay_host.h"
#include "store/faulty_store.h"
#include "store/memory_store.h"

namespace claimlake::records {
namespace {

using Json = nlohmann::json;

Record a_customer(const std::string& name) {
  Record customer(customers());
  for (const Column& column : customers().columns) {
    if (column.type == ColumnType::kText) customer.set(column.name, std::string("x"));
    if (column.type == ColumnType::kMoney) customer.set(column.name, std::int64_t{0});
  }
  customer.set("first_name", name);
  customer.set("marketing_opt_in", std::int64_t{1});
  customer.set("customer_since", std::string("2026-01-02"));
  return customer;
}

Record a_pet(const std::string& customer_id) {
  Record pet(pets());
  for (const Column& column : pets().columns) {
    if (column.type == ColumnType::kText) pet.set(column.name, std::string("x"));
    if (column.type == ColumnType::kBoolean) pet.set(column.name, std::int64_t{0});
  }
  pet.set("customer_id", customer_id);
  pet.set("date_of_birth", std::string("2020-01-01"));
  return pet;
}

// Keeps a customer, and returns its id when it is durable.
Result<std::string> keep_customer(Records& records, const std::string& name) {
  return records.write<std::string>([&](Transaction& all) -> Result<std::string> {
    Record customer = a_customer(name);
    TRY_DONE(insert(all, records, customer));
    return customer.id();
  });
}

Result<std::string> keep_pet(Records& records, const std::string& customer_id) {
  return records.write<std::string>([&](Transaction& all) -> Result<std::string> {
    Record pet = a_pet(customer_id);
    TRY_DONE(insert(all, records, pet));
    return pet.id();
  });
}

// How often each id stands in the raw files.
std::map<std::string, int> ids_in_raw(const store::Store& store) {
  std::map<std::string, int> ids;
  const auto files = store.list_all("raw");
  EXPECT_TRUE(files);
  for (const auto& file : *files) {
    const auto bytes = store.read(file.path);
    EXPECT_TRUE(bytes);
    EXPECT_TRUE(bytes->ends_with("}\n")) << file.path;
    for (const std::string& line : split(*bytes, '\n')) {
      if (line.empty()) continue;
      const Json row = Json::parse(line);
      ++ids[row.contains("pet_id") ? row["pet_id"] : row["customer_id"]];
    }
  }
  return ids;
}

class RelayTest : public testing::TestWithParam<DatabaseMaker> {
 protected:
  void SetUp() override {
    const auto why = GetParam().absent();
    if (!why.empty()) GTEST_SKIP() << why;
    place_ = GetParam().make();
    auto opened = Records::open(place_->name(), clock_, random_);
    ASSERT_TRUE(opened) << opened.error().text();
    records_ = *std::move(opened);
  }
  std::vector<std::string> raw_paths() const {
    std::vector<std::string> paths;
    const auto files = store_.list_all("raw");
    for (const auto& file : *files) paths.push_back(file.path);
    return paths;
  }

  // 2026-01-09 10:31:00.000001 UTC
  SimClock clock_{*parse_timestamp("2026-01-09T10:31:00.000001Z")};
  SeededRandom random_{7};
  store::MemoryStore store_{clock_};
  std::unique_ptr<TestPlace> place_;
  std::unique_ptr<Records> records_;
};

TEST_P(RelayTest, one_row_becomes_one_file_named_after_it) {
  const auto id = keep_customer(*records_, "Ada");
  ASSERT_TRUE(id) << id.error().text();

  const auto turn = Relay(*records_, store_).turn();

  ASSERT_TRUE(turn) << turn.error().text();
  EXPECT_EQ(turn->rows, 1);
  EXPECT_EQ(raw_paths(),
            std::vector{"raw/customers/customer_" + *id + "_20260109T103100000001.json"});
}

TEST_P(RelayTest, line_has_the_columns_of_the_raw_files_and_no_more) {
  ASSERT_TRUE(keep_customer(*records_, "Ada \"O'Hara\" \xc3\xa9"));

  ASSERT_TRUE(Relay(*records_, store_).turn());

  const Json row = Json::parse(*store_.read(raw_paths().at(0)));
  EXPECT_EQ(row.size(), 19U);
  EXPECT_EQ(row["first_name"], "Ada \"O'Hara\" \xc3\xa9");
  EXPECT_EQ(row["marketing_opt_in"], "True");
  EXPECT_EQ(row["lifetime_value"], "0.00");
  EXPECT_EQ(row["date_of_birth"], nullptr);
  EXPECT_EQ(row["updated_at"], "2026-01-09T10:31:00.000001Z");
}

TEST_P(RelayTest, many_rows_share_a_file_per_folder) {
  const auto owner = keep_customer(*records_, "Ada");
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(keep_pet(*records_, *owner));
  ASSERT_TRUE(keep_customer(*records_, "Ben"));

  const auto turn = Relay(*records_, store_).turn();

  ASSERT_TRUE(turn) << turn.error().text();
  EXPECT_EQ(turn->rows, 5);
  EXPECT_EQ(raw_paths(), (std::vector<std::string>{
                             "raw/customers/batch_20260109_" + records_->id() + "_000000001.jsonl",
                             "raw/pets/batch_20260109_" + records_->id() + "_000000002.jsonl"}));
  EXPECT_EQ(ids_in_raw(store_).size(), 5U);
}

TEST_P(RelayTest, later_change_is_another_version_with_a_later_time) {
  ASSERT_TRUE(keep_customer(*records_, "Ada"));
  const auto changed = records_->write<int>([&](Transaction& all) -> Result<int> {
    TRY(auto found, list(all, customers(), {}));
    found.at(0).set("first_name", std::string("Eva"));
    TRY_DONE(update(all, *records_, found.at(0)));
    return 0;
  });
  ASSERT_TRUE(changed) << changed.error().text();

  ASSERT_TRUE(Relay(*records_, store_).turn());

  const auto lines = split(*store_.read(raw_paths().at(0)), '\n');
  EXPECT_EQ(Json::parse(lines.at(0))["updated_at"], "2026-01-09T10:31:00.000001Z");
  EXPECT_EQ(Json::parse(lines.at(1))["updated_at"], "2026-01-09T10:31:00.000002Z");
  EXPECT_EQ(Json::parse(lines.at(1))["first_name"], "Eva");
}

TEST_P(RelayTest, name_that_somebody_else_took_is_passed_over) {
  const auto id = keep_customer(*records_, "Ada");
  const std::string taken = "raw/customers/customer_" + *id + "_20260109T103100000001";
  ASSERT_TRUE(store_.put(taken + ".json", "{\"customer_id\":\"other\"}\n"));

  ASSERT_TRUE(Relay(*records_, store_).turn());

  EXPECT_EQ(ids_in_raw(store_), (std::map<std::string, int>{{*id, 1}, {"other", 1}}));
  EXPECT_TRUE(store_.head(taken + "_2.json"));
}

TEST_P(RelayTest, outbox_that_lost_rows_is_told_and_keeps_the_others) {
  ASSERT_TRUE(keep_customer(*records_, "Ada"));
  ASSERT_TRUE(records_->write<int>([](Transaction& all) -> Result<int> {
    TRY_DONE(
        all.run("INSERT INTO relay_files (file_number, path, rows_count, decided_at) VALUES "
                "(900, 'raw/customers/two.jsonl', 2, 1)",
                {}));
    TRY_DONE(all.run("UPDATE outbox SET file_number = 900", {}));
    return 0;
  }));
  Relay relay(*records_, store_);

  const auto turned = relay.turn();

  ASSERT_FALSE(turned);
  EXPECT_EQ(turned.error().fault, Fault::kCorrupt);
  EXPECT_EQ(*relay.waiting(), 1);
}

TEST_P(RelayTest, nothing_is_left_in_the_outbox_and_nothing_comes_twice) {
  ASSERT_TRUE(keep_customer(*records_, "Ada"));
  Relay relay(*records_, store_);
  ASSERT_TRUE(relay.turn());

  const auto again = relay.turn();

  ASSERT_TRUE(again);
  EXPECT_EQ(again->files, 0);
  EXPECT_EQ(*relay.waiting(), 0);
  EXPECT_EQ(raw_paths().size(), 1U);
}

TEST_P(RelayTest, host_brings_what_is_written_while_it_runs_and_what_was_before) {
  ASSERT_TRUE(keep_customer(*records_, "Ada"));
  std::set<std::string> ids;
  {
    const RelayHost host(*records_, store_);
    for (int i = 0; i < 20; ++i) ids.insert(*keep_customer(*records_, "Ben"));
  }
  // What it did not reach before it ended comes with the next.
  ASSERT_TRUE(Relay(*records_, store_).turn());

  const auto found = ids_in_raw(store_);
  EXPECT_EQ(found.size(), 21U);
  for (const auto& [id, times] : found) EXPECT_EQ(times, 1) << id;
}

TEST_P(RelayTest, two_processes_that_relay_one_store_bring_each_row_once) {
  auto other = Records::open(place_->name(), clock_, random_);
  ASSERT_TRUE(other) << other.error().text();
  const auto live = [this](Records& records) {
    Relay relay(records, store_);
    for (int i = 0; i < 15; ++i) {
      EXPECT_TRUE(keep_customer(records, "Ada"));
      const auto turn = relay.turn();
      EXPECT_TRUE(turn) << turn.error().text();
    }
  };

  std::thread one([&] { live(*records_); });
  std::thread two([&] { live(**other); });
  one.join();
  two.join();
  ASSERT_TRUE(Relay(*records_, store_).turn());

  const auto found = ids_in_raw(store_);
  EXPECT_EQ(found.size(), 30U);
  for (const auto& [id, times] : found) EXPECT_EQ(times, 1) << id;
  EXPECT_EQ(*Relay(*records_, store_).waiting(), 0);
}

INSTANTIATE_TEST_SUITE_P(Databases, RelayTest, testing::ValuesIn(database_makers()),
                         [](const auto& info) { return info.param.name; });

// One life of a process: some writes, with the relay in between. At operation number `at` of store
// and database together something happens.
class Life final : public store::FaultPlan {
 public:
  Life(std::int64_t at, store::Fate in_store, DatabaseFate in_database)
      : at_(at), in_store_(in_store), in_database_(in_database) {}

  // Returns the ids that were acknowledged.
  std::vector<std::string> live(const TestPlace& place, store::Store& ground, const Clock& clock,
                                Random& random) {
    store::FaultyStore store(ground, *this);
    const ProcessFate fate{[this] { return is_mine() ? in_database_ : DatabaseFate::kNormal; },
                           [&store] { return store.dead(); }, [&store] { store.kill(); }};
    std::vector<std::string> kept;
    auto opened =
        Records::open(std::make_unique<FaultyDatabase>(place.database(), fate), clock, random);
    if (opened) {
      Records& records = **opened;
      Relay relay(records, store);
      const auto keep = [&kept](const Result<std::string>& id) {
        if (id) kept.push_back(*id);
      };
      keep(keep_customer(records, "Ada"));
      (void)relay.turn();
      if (!kept.empty()) keep(keep_pet(records, kept.front()));
      keep(keep_customer(records, "Ben"));
      keep(keep_customer(records, "Cyd"));
      (void)relay.turn();
      (void)relay.turn();
    }
    if (opened) (*opened).reset();
    store.land_late();
    return kept;
  }
  bool was_reached() const { return operations_ >= at_; }

 private:
  bool is_mine() { return ++operations_ == at_; }
  store::Fate next(store::Operation, std::string_view) override {
    return is_mine() ? in_store_ : store::Fate::kNormal;
  }
  bool arrives(std::string_view) override { return false; }

  const std::int64_t at_;
  const store::Fate in_store_;
  const DatabaseFate in_database_;
  std::atomic<std::int64_t> operations_ = 0;
};

// What is in the tables, which is what was committed.
std::set<std::string> committed(Records& records) {
  std::set<std::string> ids;
  const auto rows = records.read<Rows>([](Transaction& all) {
    return all.run("SELECT customer_id FROM customers UNION ALL SELECT pet_id FROM pets");
  });
  EXPECT_TRUE(rows);
  for (const Row& row : *rows) ids.insert(text(row[0]));
  return ids;
}

// Something happens to each operation in turn; then a new process goes on.
TEST(RelayFaults, each_committed_row_reaches_raw_exactly_once) {
  const std::vector<std::pair<store::Fate, DatabaseFate>> fates = {
      {store::Fate::kDieBefore, DatabaseFate::kDieBefore},
      {store::Fate::kDieAfter, DatabaseFate::kDieAfter},
      {store::Fate::kFail, DatabaseFate::kFail},
      {store::Fate::kLoseRequest, DatabaseFate::kNormal},
      {store::Fate::kLoseAnswer, DatabaseFate::kNormal},
      {store::Fate::kLate, DatabaseFate::kNormal},
      {store::Fate::kTwice, DatabaseFate::kNormal},
  };
  std::int64_t lives = 0;
  for (std::size_t kind = 0; kind < fates.size(); ++kind) {
    for (std::int64_t at = 1;; ++at) {
      SCOPED_TRACE("fate " + std::to_string(kind) + " at operation " + std::to_string(at));
      SimClock clock(Timestamp(std::chrono::seconds(1'767'954'660)));
      SeededRandom random(static_cast<std::uint64_t>(at));
      store::MemoryStore store(clock);
      const SqlitePlace place;
      Life life(at, fates[kind].first, fates[kind].second);

      const auto acknowledged = life.live(place, store, clock, random);
      auto records = Records::open(place.name(), clock, random);
      ASSERT_TRUE(records) << records.error().text();
      for (int i = 0; i < 3; ++i) ASSERT_TRUE(Relay(**records, store).turn());

      const auto ids = committed(**records);
      for (const auto& id : acknowledged) ASSERT_TRUE(ids.contains(id)) << id;
      std::map<std::string, int> once;
      for (const auto& id : ids) once[id] = 1;
      ASSERT_EQ(ids_in_raw(store), once);
      ASSERT_EQ(*Relay(**records, store).waiting(), 0);
      ++lives;
      if (!life.was_reached()) break;
    }
  }
  EXPECT_GT(lives, 300);
}

}  // namespace
}  // namespace claimlake::records
