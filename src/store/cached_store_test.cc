#include "store/cached_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "store/counting_store.h"
#include "store/memory_store.h"
#include "store/temporary_folder_for_test.h"

namespace claimlake::store {
namespace {

namespace fs = std::filesystem;

constexpr const char* kData = "t/part-0f8fad5b-d9cb-469f-a165-70867728950e.parquet";
constexpr std::int64_t kLimit = 64 << 20;

// Passes on to a store that others hold.
std::unique_ptr<CountingStore> counting(Store& store) {
  return std::make_unique<CountingStore>(store);
}

struct Fixture {
  // One process with the cache, and what it asks of the store.
  struct Process {
    CountingStore* asked;
    std::unique_ptr<Store> store;
  };
  Process process(std::int64_t limit = kLimit) {
    auto inner = counting(memory);
    CountingStore* asked = inner.get();
    auto made = make_cached_store(std::move(inner), folder.path() + "/cache", limit);
    EXPECT_TRUE(made) << made.error().text();
    return {asked, std::move(*made)};
  }
  std::int64_t kept_bytes() const {
    std::int64_t bytes = 0;
    for (const auto& entry : fs::directory_iterator(folder.path() + "/cache"))
      bytes += static_cast<std::int64_t>(entry.file_size());
    return bytes;
  }

  TemporaryFolder folder;
  MemoryStore memory;
};

std::string numbered_bytes(std::size_t size) {
  std::string bytes;
  for (int i = 0; bytes.size() < size; ++i) bytes += std::to_string(i) + ",";
  bytes.resize(size);
  return bytes;
}

std::string read_part(Store& store, const char* path, std::int64_t offset, std::size_t size) {
  const auto reader = store.open(path);
  EXPECT_TRUE(reader) << reader.error().text();
  std::string part(size, ' ');
  const Done read = (*reader)->read(offset, part);
  EXPECT_TRUE(read) << read.error().text();
  return part;
}

TEST(CachedStore, asks_for_a_data_file_once_also_for_another_process) {
  Fixture fixture;
  const std::string bytes = numbered_bytes(1'000'000);
  ASSERT_TRUE(fixture.memory.put(kData, bytes));
  auto first = fixture.process();
  auto second = fixture.process();

  EXPECT_EQ(read_part(*first.store, kData, 300'000, 400'000), bytes.substr(300'000, 400'000));
  EXPECT_EQ(read_part(*second.store, kData, 350'000, 10), bytes.substr(350'000, 10));

  EXPECT_EQ(first.asked->counts().opens, 1);
  EXPECT_EQ(second.asked->counts().opens, 0);
  EXPECT_EQ(second.asked->counts().bytes_read, 0);
}

TEST(CachedStore, asks_for_what_is_missing_only_and_for_neighbours_at_once) {
  Fixture fixture;
  const std::string bytes = numbered_bytes(2'000'000);
  ASSERT_TRUE(fixture.memory.put(kData, bytes));
  auto process = fixture.process();
  read_part(*process.store, kData, 600'000, 10);  // the block in the middle
  process.asked->reset();

  EXPECT_EQ(*process.store->read(kData), bytes);

  // All but the block of 256 KiB that was kept.
  EXPECT_EQ(process.asked->counts().bytes_read, 2'000'000 - 256 * 1024);
  EXPECT_EQ(process.asked->counts().opens, 1);
}

TEST(CachedStore, never_keeps_what_may_change) {
  Fixture fixture;
  auto process = fixture.process();
  for (const char* path : {"t/_delta_log/00000000000000000001.json",
                           "t/_delta_log/_last_checkpoint", "raw/claims.csv", "claimlake.yml"}) {
    EXPECT_FALSE(never_changes(path)) << path;
    ASSERT_TRUE(process.store->put(path, "old"));
    EXPECT_EQ(*process.store->read(path), "old");
    ASSERT_TRUE(fixture.memory.put(path, "new"));
    EXPECT_EQ(*process.store->read(path), "new") << path;
  }
  EXPECT_TRUE(never_changes("t/deletion_vector_0f8fad5b-d9cb-469f-a165-70867728950e.bin"));
  EXPECT_FALSE(never_changes("0f8fad5b-d9cb-469f-a165-70867728950e/x.parquet"));
}

TEST(CachedStore, reads_again_what_is_damaged_on_disk) {
  Fixture fixture;
  const std::string bytes = numbered_bytes(600'000);
  ASSERT_TRUE(fixture.memory.put(kData, bytes));
  auto process = fixture.process();
  ASSERT_EQ(*process.store->read(kData), bytes);
  int damaged = 0;
  for (const auto& entry : fs::directory_iterator(fixture.folder.path() + "/cache")) {
    if (damaged++ % 2 == 0) {
      fs::resize_file(entry.path(), entry.file_size() / 2);
    } else {
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(-1, std::ios::end);
      file.put('!');
    }
  }
  process.asked->reset();

  EXPECT_EQ(*process.store->read(kData), bytes);
  EXPECT_EQ(process.asked->counts().bytes_read, 600'000);
  EXPECT_EQ(*process.store->read(kData), bytes);
  EXPECT_EQ(process.asked->counts().bytes_read, 600'000);
}

TEST(CachedStore, stays_within_its_limit_while_processes_share_it) {
  Fixture fixture;
  constexpr std::int64_t kSmall = 4 << 20;
  const std::string bytes = numbered_bytes(1'000'000);
  std::vector<std::string> paths;
  for (int i = 10; i < 40; ++i) {
    paths.push_back("t/part-0f8fad5b-d9cb-469f-a165-7086772895" + std::to_string(i) + ".parquet");
    ASSERT_TRUE(fixture.memory.put(paths.back(), bytes));
  }
  {
    std::vector<std::jthread> processes;
    for (int i = 0; i < 4; ++i) {
      processes.emplace_back([&] {
        auto process = fixture.process(kSmall);
        for (const std::string& path : paths) EXPECT_TRUE(*process.store->read(path) == bytes);
      });
    }
  }

  // Each process may be ahead of its next look by a sixteenth, and by one object.
  EXPECT_LE(fixture.kept_bytes(), kSmall + 4 * (kSmall / 16 + 1'000'000));
  EXPECT_GT(fixture.kept_bytes(), kSmall / 2);
}

TEST(CachedStore, an_absent_object_is_absent_each_time) {
  Fixture fixture;
  auto process = fixture.process();

  EXPECT_EQ(process.store->open(kData).error().fault, Fault::kNotFound);
  ASSERT_TRUE(process.store->put(kData, "1"));
  EXPECT_EQ(*process.store->read(kData), "1");
}

}  // namespace
}  // namespace claimlake::store
