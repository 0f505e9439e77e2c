#include "delta/file_set.h"

#include <gmock/gmock.h>

#include <set>

#include "base/random.h"

namespace claimlake::delta {
namespace {

AddFile file(std::uint64_t number, std::int64_t rows = 1) {
  return {.path = "f" + std::to_string(number),
          .size = 10,
          .stats_json = "{\"numRecords\":" + std::to_string(rows) + "}"};
}

std::multiset<std::string> paths(const FileSet& set) {
  std::multiset<std::string> out;
  set.for_each([&](const AddFile& add, std::int64_t) { out.insert(add.path); });
  return out;
}

// One version of the set beside what a plain set of names says it holds.
struct Version {
  FileSet files;
  std::multiset<std::string> expected;
};

void expect_right(const Version& version) {
  ASSERT_EQ(paths(version.files), version.expected);
  EXPECT_EQ(version.files.size(), version.expected.size());
  EXPECT_EQ(version.files.bytes(), static_cast<std::int64_t>(10 * version.expected.size()));
  EXPECT_EQ(version.files.row_count(), static_cast<std::int64_t>(version.expected.size()));
}

// Adds and removes some files of a small range of names, so that names meet again.
Version next_version(const Version& from, SeededRandom& random, std::uint64_t names) {
  Version next = from;
  FileSetBuilder builder(from.files);
  const std::uint64_t steps = random.below(10) == 0 ? 3'000 : random.below(20);
  const std::uint64_t removes_of_ten = random.below(10);
  for (std::uint64_t i = 0; i < steps; ++i) {
    const std::uint64_t number = random.below(names);
    const std::string name = "f" + std::to_string(number);
    const bool there = next.expected.contains(name);
    if (random.below(10) < removes_of_ten) {
      EXPECT_EQ(builder.remove(name, std::nullopt), there);
      next.expected.erase(name);
    } else {
      builder.add(file(number));
      if (!there) next.expected.insert(name);
    }
  }
  next.files = std::move(builder).finish();
  return next;
}

// Versions grow from any earlier one, so chunks are shared, forked, thinned out and rewritten.
TEST(FileSet, versions_equal_plain_sets_and_never_change) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    SCOPED_TRACE(seed);
    SeededRandom random(seed);
    std::vector<Version> versions(1);
    for (int step = 0; step < 60; ++step) {
      const std::uint64_t back = random.below(4) == 0 ? random.below(versions.size()) : 0;
      versions.push_back(next_version(versions[versions.size() - 1 - back], random, 6'000));
    }
    for (const Version& version : versions) expect_right(version);
  }
}

TEST(FileSet, a_file_without_a_row_count_makes_the_total_unknown) {
  FileSetBuilder first{FileSet()};
  first.add(file(1, 5));
  first.add({.path = "silent"});
  const FileSet both = std::move(first).finish();
  FileSetBuilder second(both);
  second.remove("silent", std::nullopt);

  EXPECT_EQ(both.row_count(), std::nullopt);
  EXPECT_EQ(std::move(second).finish().row_count(), 5);
}

TEST(FileSet, statistics_are_those_of_the_live_files_in_their_order) {
  FileSetBuilder builder{FileSet()};
  for (int i = 0; i < 5; ++i) {
    builder.add({.path = std::to_string(i),
                 .stats_json = R"({"minValues":{"a":)" + std::to_string(i) + "}}"});
  }
  builder.remove("1", std::nullopt);
  const FileSet set = std::move(builder).finish();

  std::vector<ColumnStatsEntry> entries;
  set.column_stats("a", entries);

  std::vector<std::string> mins;
  for (const ColumnStatsEntry& entry : entries) mins.push_back(entry.min.value_or("none"));
  EXPECT_THAT(mins, testing::ElementsAre("0", "2", "3", "4"));
}

TEST(SharedList, copies_share_and_never_see_each_others_changes) {
  SharedList<int> first;
  for (int i = 0; i < 100; ++i) first.push_back(i);

  SharedList<int> second = first;
  second.change(3) = -3;
  second.push_back(100);
  SharedList<int> third = second;
  third.change(3) = -33;
  third.change(99) = -99;
  second = third;
  second.push_back(101);

  EXPECT_EQ(first.size(), 100u);
  EXPECT_EQ(first[3], 3);
  EXPECT_EQ(first[99], 99);
  EXPECT_EQ(third.size(), 101u);
  EXPECT_EQ(third[3], -33);
  EXPECT_EQ(second.size(), 102u);
  EXPECT_EQ(second[99], -99);
  EXPECT_EQ(second[101], 101);
  EXPECT_EQ(&second[40], &first[40]);
}

TEST(FileChunk, tells_what_it_does_not_hold_but_for_a_few) {
  SeededRandom random(4);
  FileChunk chunk(FileChunk::kMaxFiles);
  std::vector<std::uint64_t> held;
  for (std::size_t i = 0; i < FileChunk::kMaxFiles; ++i) {
    held.push_back(random.next());
    ASSERT_TRUE(chunk.claim(i));
    chunk.append(file(i), held.back(), 1);
  }

  for (const std::uint64_t hash : held) ASSERT_TRUE(chunk.may_hold(hash));
  int in_vain = 0;
  for (int i = 0; i < 10'000; ++i) in_vain += chunk.may_hold(random.next()) ? 1 : 0;
  EXPECT_LT(in_vain, 300);
}

}  // namespace
}  // namespace claimlake::delta
