#include <gmock/gmock.h>

#include "engine/fixture_for_test.h"

namespace claimlake::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Parts of numbered rows: (id, name, amount, paid, at, flag); every third name is null.
class Numbers final : public RowSource {
 public:
  Numbers(std::size_t parts, std::int64_t rows_per_part) : parts_(parts), rows_(rows_per_part) {}

  const std::vector<SourceColumn>& columns() const override { return columns_; }
  std::size_t part_count() const override { return parts_; }
  std::int64_t estimated_rows() const override { return static_cast<std::int64_t>(parts_) * rows_; }
  Result<std::unique_ptr<PartScan>> scan(std::size_t part) const override;

  mutable std::atomic<bool> reads_name{false};

 private:
  const std::vector<SourceColumn> columns_{
      {"id", SourceType::kLong},        {"name", SourceType::kText},
      {"number", SourceType::kInteger}, {"paid", SourceType::kDecimal2},
      {"at", SourceType::kTimestamp},   {"flag", SourceType::kBool}};
  std::size_t parts_;
  std::int64_t rows_;
};

class NumbersScan final : public PartScan {
 public:
  NumbersScan(const Numbers& source, std::int64_t first, std::int64_t end)
      : source_(source), next_(first), end_(end) {}
  Result<std::monostate> next(Batch& batch) override {
    if (batch.columns[1].wanted) source_.reads_name = true;
    names_.clear();
    names_.reserve(kBatchRows);
    for (; next_ < end_ && batch.rows < kBatchRows; ++next_, ++batch.rows) {
      if (next_ == 666'666) return Error{Fault::kCorrupt, "Row 666666 is cursed", "claims.csv:7"};
      const std::size_t row = batch.rows;
      if (batch.columns[0].wanted) batch.columns[0].longs[row] = next_;
      if (batch.columns[1].wanted) {
        names_.push_back("the name of number " + std::to_string(next_));
        batch.columns[1].text[row] = names_.back();
        batch.columns[1].null[row] = next_ % 3 == 0;
      }
      if (batch.columns[2].wanted) batch.columns[2].ints[row] = static_cast<std::int32_t>(next_);
      if (batch.columns[3].wanted) batch.columns[3].longs[row] = next_ * 100 + 5;
      if (batch.columns[4].wanted) batch.columns[4].longs[row] = next_ * 1'000'000;
      if (batch.columns[5].wanted) batch.columns[5].bools[row] = next_ % 2;
    }
    return std::monostate{};
  }

 private:
  const Numbers& source_;
  std::int64_t next_;
  std::int64_t end_;
  std::vector<std::string> names_;
};

Result<std::unique_ptr<PartScan>> Numbers::scan(std::size_t part) const {
  const auto first = static_cast<std::int64_t>(part) * rows_;
  return std::unique_ptr<PartScan>(std::make_unique<NumbersScan>(*this, first, first + rows_));
}

class SourceScan : public EngineTest {};

TEST_F(SourceScan, gives_all_types_and_nulls) {
  auto session = internal_session();
  ASSERT_TRUE(session->bind_source("raw.claims", std::make_shared<Numbers>(1, 5)));

  EXPECT_THAT(lines(*session, "select * from raw.claims where id >= 3 order by id"),
              ElementsAre("3|-|3|3.05|1970-01-01 00:00:03+00|true",
                          "4|the name of number 4|4|4.05|1970-01-01 00:00:04+00|false"));
}

TEST_F(SourceScan, reads_parts_once_each_and_only_the_columns_that_are_asked_for) {
  auto session = internal_session();
  const auto source = std::make_shared<Numbers>(7, 10'000);
  ASSERT_TRUE(session->bind_source("raw.claims", source));

  EXPECT_THAT(lines(*session, "select count(*), sum(id), count(distinct number) from raw.claims"),
              ElementsAre("70000|2449965000|70000"));
  EXPECT_FALSE(source->reads_name);
  EXPECT_THAT(
      lines(*session,
            "select count(*), count(name), count(distinct name), max(name) from raw.claims"),
      ElementsAre("70000|46666|46666|the name of number 9998"));
  EXPECT_TRUE(source->reads_name);
}

TEST_F(SourceScan, keeps_the_order_of_its_parts_where_an_order_is_kept) {
  auto session = this->session();
  ASSERT_TRUE(session->bind_source("raw.claims", std::make_shared<Numbers>(9, 5'000)));

  const auto ids = lines(*session, "select id from raw.claims limit 10000 offset 30000");

  ASSERT_EQ(ids.size(), 10'000u);
  for (std::size_t i = 0; i < ids.size(); ++i) ASSERT_EQ(ids[i], std::to_string(30'000 + i));
}

TEST_F(SourceScan, is_found_by_every_form_of_its_name_until_dropped) {
  auto session = internal_session();
  ASSERT_TRUE(session->bind_source("lake.raw.claims", std::make_shared<Numbers>(1, 5)));
  ASSERT_TRUE(session->bind_source("Plain", std::make_shared<Numbers>(1, 6)));

  for (const char* table : {"raw.claims", "lake.raw.claims", "RAW.Claims"}) {
    EXPECT_THAT(lines(*session, std::string("select count(*) from ") + table), ElementsAre("5"));
  }
  for (const char* table : {"plain", "temp.plain", "PLAIN"}) {
    EXPECT_THAT(lines(*session, std::string("select count(*) from ") + table), ElementsAre("6"));
  }
  ASSERT_TRUE(session->drop_source("raw.claims"));
  ASSERT_TRUE(session->drop_source("plain"));
  EXPECT_THAT(error_of(*session, "from raw.claims").message, HasSubstr("does not exist"));
  EXPECT_FALSE(session->query("from plain"));
  EXPECT_EQ(session->drop_source("plain").error().fault, Fault::kNotFound);
}

TEST_F(SourceScan, is_seen_by_its_own_session_only) {
  auto session = internal_session();
  ASSERT_TRUE(session->bind_source("raw.claims", std::make_shared<Numbers>(1, 5)));

  EXPECT_FALSE(internal_session()->query("from raw.claims"));
}

TEST_F(SourceScan, passes_the_error_of_a_source_on_unchanged) {
  auto session = internal_session();
  ASSERT_TRUE(session->bind_source("raw.claims", std::make_shared<Numbers>(20, 50'000)));

  const Error error = error_of(*session, "select sum(id) from raw.claims");

  EXPECT_EQ(error.fault, Fault::kCorrupt);
  EXPECT_EQ(error.message, "Row 666666 is cursed");
  EXPECT_EQ(error.where, "claims.csv:7");
  EXPECT_THAT(lines(*session, "select count(*) from raw.claims where id < 0 limit 0"),
              ElementsAre());
}

TEST_F(SourceScan, can_be_replaced) {
  auto session = internal_session();
  ASSERT_TRUE(session->bind_source("raw.claims", std::make_shared<Numbers>(1, 5)));
  ASSERT_TRUE(session->bind_source("raw.claims", std::make_shared<Numbers>(1, 8)));

  EXPECT_THAT(lines(*session, "select count(*) from raw.claims"), ElementsAre("8"));
}

}  // namespace
}  // namespace claimlake::engine
