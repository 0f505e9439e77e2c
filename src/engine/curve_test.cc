#include "engine/curve.h"

#include <gmock/gmock.h>

namespace claimlake::engine {
namespace {

using testing::ElementsAre;

std::string key(unsigned value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
}

// The keys 0 to `count` - 1, each once.
std::vector<std::string> keys(unsigned count) {
  std::vector<std::string> out;
  for (unsigned i = 0; i < count; ++i) out.push_back(key(i));
  return out;
}

// Every second bit of `place`, from bit `first` on, put together.
std::uint64_t every_second_bit(std::uint64_t place, unsigned first) {
  std::uint64_t out = 0;
  for (unsigned bit = 0; bit < 32; ++bit) out |= (place >> (2 * bit + first) & 1) << bit;
  return out;
}

TEST(Curve, bits_of_the_ranges_alternate_and_the_first_column_leads) {
  const Curve curve({keys(1024), keys(1024)});

  // Of 1024 values each has a range of its own.
  for (const unsigned value : {0U, 1U, 2U, 511U, 512U, 1000U, 1023U}) {
    EXPECT_EQ(every_second_bit(curve.part(0, key(value)), 1), value);
    EXPECT_EQ(every_second_bit(curve.part(0, key(value)), 0), 0u);
    EXPECT_EQ(every_second_bit(curve.part(1, key(value)), 0), value);
    EXPECT_EQ(every_second_bit(curve.part(1, key(value)), 1), 0u);
  }
}

TEST(Curve, ranges_rise_with_the_values_also_outside_the_sample) {
  const Curve curve({keys(3000)});

  std::uint64_t last = 0;
  for (unsigned value = 0; value < 5000; ++value) {
    const std::uint64_t place = curve.part(0, key(value));
    EXPECT_GE(place, last);
    last = place;
  }
  EXPECT_EQ(last, 1023u);
  EXPECT_EQ(curve.part(0, ""), 0u);
}

TEST(Curve, two_values_are_told_apart_by_the_highest_bit) {
  const Curve curve({{"a", "b", "a", "b"}, keys(4)});

  EXPECT_EQ(curve.part(0, "a"), 0u);
  EXPECT_EQ(curve.part(0, "b"), std::uint64_t{1} << 19);
}

TEST(Curve, of_many_columns_each_still_has_two_ranges) {
  const Curve curve(std::vector<std::vector<std::string>>(Curve::kMostColumns, keys(2)));

  std::uint64_t all = 0;
  for (std::size_t column = 0; column < Curve::kMostColumns; ++column) {
    const std::uint64_t part = curve.part(column, key(1));
    EXPECT_NE(part, 0u);
    EXPECT_EQ(all & part, 0u) << "the columns share no bit";
    all |= part;
  }
}

TEST(Curve, without_a_sample_all_rows_are_in_one_place) {
  const Curve curve({{}, {}});
  EXPECT_EQ(curve.part(0, "x") | curve.part(1, "y"), 0u);
}

}  // namespace
}  // namespace claimlake::engine
