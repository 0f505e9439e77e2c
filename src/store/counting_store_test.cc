#include "store/counting_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/memory_store.h"

namespace claimlake::store {
namespace {

TEST(CountingStore, counts_files_opened_and_bytes_read) {
  MemoryStore memory;
  ASSERT_TRUE(memory.put("a", "12345"));
  ASSERT_TRUE(memory.put("b", "678"));
  CountingStore store(memory);

  const auto reader = store.open("a");
  ASSERT_TRUE(reader);
  char two[2];
  ASSERT_TRUE((*reader)->read(1, two));
  ASSERT_TRUE(store.read("b"));
  ASSERT_FALSE(store.read("c"));

  const StoreCounts counts = store.counts();
  EXPECT_EQ(counts.opens, 1);
  EXPECT_EQ(counts.reads, 2);
  EXPECT_EQ(counts.bytes_read, 5);
  EXPECT_THAT(counts.opened, testing::ElementsAre("a", "b"));
}

TEST(CountingStore, starts_again_at_zero_after_reset) {
  MemoryStore memory;
  CountingStore store(memory);
  ASSERT_TRUE(store.put("a", "12345"));
  EXPECT_EQ(store.counts().bytes_written, 5);

  store.reset();

  EXPECT_EQ(store.counts().bytes_written, 0);
  EXPECT_EQ(store.counts().writes, 0);
}

}  // namespace
}  // namespace claimlake::store
