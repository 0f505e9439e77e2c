#include "delta/row_set.h"

#include <gmock/gmock.h>

#include <set>

#include "base/random.h"
#include "delta/z85.h"

namespace claimlake::delta {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::uint64_t> rows_of(const RowSet& rows) {
  std::vector<std::uint64_t> out;
  rows.for_each([&](std::uint64_t row) { out.push_back(row); });
  return out;
}

// ZeroMQ RFC 32 gives this pair as its test case.
TEST(Z85, encodes_the_example_of_its_specification) {
  const std::string bytes = "\x86\x4F\xD2\x6F\xB5\x59\xF7\x5B";

  EXPECT_EQ(z85_encode(bytes), "HelloWorld");
  EXPECT_EQ(z85_decode("HelloWorld"), bytes);
}

TEST(Z85, refuses_what_stands_for_no_bytes) {
  EXPECT_EQ(z85_decode("Hell"), std::nullopt);
  EXPECT_EQ(z85_decode("Hell\""), std::nullopt);
  EXPECT_EQ(z85_decode("Hell~"), std::nullopt);
  EXPECT_EQ(z85_decode("#####"), std::nullopt);  // 85^5 - 1, more than four bytes hold
  EXPECT_EQ(z85_decode("%nSc0"), std::string("\xFF\xFF\xFF\xFF"));  // the greatest that they do
  EXPECT_EQ(z85_decode("%nSc1"), std::nullopt);
}

// The inline vector in the tests of delta-kernel-rs (the protocol's own example has a wrong magic
// number); its rows are those that the protocol names.
TEST(RowSet, reads_an_inline_vector_of_another_writer) {
  const auto bytes = z85_decode("^Bg9^0rr910000000000iXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L");
  ASSERT_TRUE(bytes);

  const auto rows = RowSet::parse(bytes->substr(0, 44));

  ASSERT_TRUE(rows) << rows.error().text();
  EXPECT_THAT(rows_of(*rows), ElementsAre(3, 4, 7, 11, 18, 29));
}

// As Trino 476 wrote it for a DELETE of the second row of a file: four zeros too many at the end.
TEST(RowSet, reads_a_vector_of_trino_that_zeros_fill_up) {
  const std::string bytes(
      "\xD1\xD3\x39\x64\1\0\0\0\0\0\0\0\0\0\0\0\x3A\x30\0\0\1\0\0\0\0\0\0\0\x10\0\0\0\1\0\0\0\0\0",
      38);

  const auto rows = RowSet::parse(bytes);

  ASSERT_TRUE(rows) << rows.error().text();
  EXPECT_THAT(rows_of(*rows), ElementsAre(1));
}

TEST(RowSet, gives_back_what_was_put_in_at_any_size) {
  SeededRandom random(7);
  for (const std::uint64_t limit : {100u, 70'000u, 3'000'000u}) {
    for (const std::size_t count : {1u, 50u, 20'000u}) {
      RowSet rows;
      std::set<std::uint64_t> expected;
      for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t row = random.below(limit) + (random.below(2) << 33);
        rows.add(row);
        expected.insert(row);
      }
      rows.add_range((std::uint64_t{1} << 32) - 5, 10);  // over the border of two bitmaps
      for (std::uint64_t i = 0; i < 10; ++i) expected.insert((std::uint64_t{1} << 32) - 5 + i);

      const auto read = RowSet::parse(rows.serialize());

      ASSERT_TRUE(read) << read.error().text();
      EXPECT_EQ(*read, rows);
      EXPECT_EQ(read->size(), expected.size());
      const auto list = rows_of(*read);
      EXPECT_TRUE(std::equal(list.begin(), list.end(), expected.begin(), expected.end()));
    }
  }
}

TEST(RowSet, marks_the_rows_of_a_stretch) {
  RowSet rows;
  rows.add(5);
  rows.add_range((std::uint64_t{1} << 32) - 1, 2);
  bool marked[4] = {true, true, true, true};

  rows.mark(4, marked);
  EXPECT_THAT(marked, ElementsAre(false, true, false, false));
  rows.mark((std::uint64_t{1} << 32) - 2, marked);
  EXPECT_THAT(marked, ElementsAre(false, true, true, false));
  rows.mark(std::uint64_t{1} << 40, marked);
  EXPECT_THAT(marked, ElementsAre(false, false, false, false));
}

TEST(RowSet, unites_and_subtracts) {
  RowSet a;
  a.add_range(0, 10);
  RowSet b;
  b.add_range(5, 10);
  RowSet both = a;

  both.add_all(b);
  EXPECT_EQ(both.size(), 15u);
  both.remove_all(a);
  EXPECT_THAT(rows_of(both), ElementsAre(10, 11, 12, 13, 14));
  both.remove_all(b);
  EXPECT_TRUE(both.empty());
  EXPECT_EQ(both, RowSet());
}

// Damage never goes unnoticed where it changes which bytes belong to what, and never does harm.
TEST(RowSet, refuses_bytes_that_are_cut_short_or_run_on) {
  RowSet rows;
  rows.add(3);
  rows.add_range(100, 5'000);
  for (std::uint64_t i = 0; i < 10'000; i += 2) rows.add(200'000 + i);
  const std::string bytes = rows.serialize();

  for (std::size_t size = 0; size < bytes.size(); size += size < 64 ? 1 : 97) {
    const auto read = RowSet::parse(std::string_view(bytes).substr(0, size));
    ASSERT_FALSE(read) << size;
    EXPECT_EQ(read.error().fault, Fault::kCorrupt);
    EXPECT_THAT(read.error().message, HasSubstr("the deletion vector is damaged"));
  }
  EXPECT_FALSE(RowSet::parse(bytes + "x"));
}

TEST(RowSet, says_what_is_wrong_with_other_numbers) {
  // Magic number 1681511376: the old format, big-endian, which nobody writes any more.
  EXPECT_THAT(
      RowSet::parse(std::string_view("\x64\x39\xD3\xD0\0\0\0\0\0\0\0\0", 12)).error().message,
      HasSubstr("begins with another number"));
  RowSet rows;
  rows.add(1);
  rows.add(2);
  std::string swapped = rows.serialize();
  std::swap(swapped[swapped.size() - 2], swapped[swapped.size() - 4]);
  EXPECT_THAT(RowSet::parse(swapped).error().message, HasSubstr("do not ascend"));
}

}  // namespace
}  // namespace claimlake::delta
