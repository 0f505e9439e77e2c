#include "records/book.h"

#include <gtest/gtest.h>

#include <set>

#include "records/database_for_test.h"

namespace claimlake::records {
namespace {

// What is kept of the entities, in each database.
class BookTest : public testing::TestWithParam<DatabaseMaker> {
 protected:
  void SetUp() override {
    const auto why = GetParam().absent();
    if (!why.empty()) GTEST_SKIP() << why;
    place_ = GetParam().make();
    auto opened = Records::open(place_->name(), clock_, random_);
    ASSERT_TRUE(opened) << opened.error().text();
    records_ = *std::move(opened);
  }
  // A record with something in each column that must have something.
  static Record filled(const Entity& entity) {
    Record record(entity);
    for (const Column& column : entity.columns) {
      const bool is_text = column.type == ColumnType::kText || column.type == ColumnType::kDate;
      record.set(column.name, is_text ? Value(std::string("2026-01-02")) : Value(std::int64_t{1}));
    }
    return record;
  }
  Result<Record> keep(Record record, std::string_view number = {}, const std::string& prefix = {}) {
    return records_->write<Record>([&](Transaction& all) -> Result<Record> {
      TRY_DONE(insert(all, *records_, record, number, prefix));
      return record;
    });
  }
  // A claim with all that it hangs on.
  Record a_claim() {
    const Record customer = *keep(filled(customers()));
    Record pet = filled(pets());
    pet.set("customer_id", customer.id());
    pet = *keep(pet);
    Record policy = filled(policies());
    policy.set("customer_id", customer.id());
    policy.set("pet_id", pet.id());
    policy = *keep(policy, "policy_number", "PI-20260109-");
    Record claim = filled(claims());
    claim.set("customer_id", customer.id());
    claim.set("pet_id", pet.id());
    claim.set("policy_id", policy.id());
    claim.set("claim_amount", std::int64_t{9'007'199'254'740'993});
    claim.set("denial_reason", std::monostate{});
    auto kept = keep(claim, "claim_number", "CLM-20260109-");
    EXPECT_TRUE(kept) << kept.error().text();
    return *kept;
  }
  Result<std::optional<Record>> find_one(const Entity& entity, const std::string& id) {
    return records_->read<std::optional<Record>>(
        [&](Transaction& all) { return find(all, entity, id); });
  }

  SimClock clock_{*parse_timestamp("2026-01-09T10:31:00.000001Z")};
  SeededRandom random_{7};
  std::unique_ptr<TestPlace> place_;
  std::unique_ptr<Records> records_;
};

TEST_P(BookTest, record_is_found_as_it_was_kept) {
  const Record kept = a_claim();

  const auto found = find_one(claims(), kept.id());

  ASSERT_TRUE(found && *found) << found.error().text();
  EXPECT_EQ((*found)->values(), kept.values());
  EXPECT_EQ((*found)->created_at, 1'767'954'660'000'001);
  EXPECT_EQ((*found)->revision, 1);
  EXPECT_FALSE(*find_one(claims(), "CLM-nothing"));
}

TEST_P(BookTest, record_without_what_it_refers_to_is_a_conflict) {
  Record pet = filled(pets());
  pet.set("customer_id", std::string("nobody"));

  const auto kept = keep(pet);

  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().fault, Fault::kConflict);
  EXPECT_EQ(*records_->read<std::int64_t>([](Transaction& all) { return count(all, pets(), {}); }),
            0);
}

TEST_P(BookTest, id_that_is_taken_is_drawn_again) {
  // Each drawn id comes twice: the second record meets the first one's.
  class Stutter final : public Random {
   public:
    std::uint64_t next() override { return (draws_++ / 2 + 1) << 32; }

   private:
    std::uint64_t draws_ = 0;
  };
  Stutter stutter;
  const auto place = GetParam().make();
  auto opened = Records::open(place->name(), clock_, stutter);
  ASSERT_TRUE(opened) << opened.error().text();
  std::set<std::string> ids;
  for (int i = 0; i < 4; ++i) {
    const auto id = (*opened)->write<std::string>([&](Transaction& all) -> Result<std::string> {
      Record record = filled(customers());
      TRY_DONE(insert(all, **opened, record));
      return record.id();
    });
    ASSERT_TRUE(id) << id.error().text();
    ids.insert(*id);
  }

  EXPECT_EQ(ids.size(), 4U);
}

TEST_P(BookTest, change_from_an_old_revision_is_a_conflict_and_changes_nothing) {
  Record first = *keep(filled(customers()));
  Record second = first;
  const auto change = [&](Record& record, const std::string& city) {
    record.set("city", city);
    return records_->write<int>([&](Transaction& all) -> Result<int> {
      TRY_DONE(update(all, *records_, record));
      return 0;
    });
  };

  ASSERT_TRUE(change(first, "Dallas"));
  const auto late = change(second, "Houston");

  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().fault, Fault::kConflict);
  const auto now = find_one(customers(), first.id());
  EXPECT_EQ((*now)->text("city"), "Dallas");
  EXPECT_EQ((*now)->revision, 2);
  EXPECT_EQ((*now)->updated_at, (*now)->created_at + 1);
}

TEST_P(BookTest, pages_go_from_the_newest_to_the_oldest_also_within_one_moment) {
  std::set<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.insert((*keep(filled(customers()))).id());

  Listing listing{.equal = {{"email", "2026-01-02"}}, .after = {}, .limit = 2};
  std::vector<std::string> seen;
  for (int page = 0; page < 3; ++page) {
    const auto found = records_->read<std::vector<Record>>(
        [&](Transaction& all) { return list(all, customers(), listing); });
    ASSERT_TRUE(found) << found.error().text();
    for (const Record& record : *found) seen.push_back(record.id());
    listing.after = After{found->back().created_at, found->back().id()};
  }

  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()), ids);
  EXPECT_EQ(seen.size(), 5U);
  EXPECT_EQ(*records_->read<std::int64_t>(
                [&](Transaction& all) { return count(all, customers(), listing); }),
            5);
}

TEST_P(BookTest, timeline_is_in_order) {
  const Record claim = a_claim();
  const auto told = records_->write<int>([&](Transaction& all) -> Result<int> {
    TRY_DONE(add_event(all, claim.id(), {"submitted", "ada", "", 5}));
    TRY_DONE(add_event(all, claim.id(), {"paid", "desk", "by card", 4}));
    return 0;
  });
  ASSERT_TRUE(told) << told.error().text();

  const auto events = records_->read<std::vector<ClaimEvent>>(
      [&](Transaction& all) { return events_of(all, claim.id()); });

  ASSERT_TRUE(events) << events.error().text();
  ASSERT_EQ(events->size(), 2U);
  EXPECT_EQ(events->at(0).kind, "submitted");
  EXPECT_EQ(events->at(1).detail, "by card");
  EXPECT_EQ(events->at(1).at, 4);
}

INSTANTIATE_TEST_SUITE_P(Databases, BookTest, testing::ValuesIn(database_makers()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace claimlake::records
