#include "bronze/raw_files.h"

#include <gtest/gtest.h>

#include "store/memory_store.h"

namespace claimlake::bronze {
namespace {

TEST(Pattern, star_stays_within_a_folder) {
  EXPECT_TRUE(matches_pattern("claims.jsonl", "claims.jsonl"));
  EXPECT_TRUE(matches_pattern("claims/*.json", "claims/claim_1_2026.json"));
  EXPECT_TRUE(matches_pattern("c*/*.json", "claims/.json"));
  EXPECT_TRUE(matches_pattern("claims/batch_?.jsonl", "claims/batch_1.jsonl"));
  EXPECT_TRUE(matches_pattern("c?stom*rs.csv", "customers.csv"));
  EXPECT_TRUE(matches_pattern("*a*b*", "xxaxbx"));
  EXPECT_FALSE(matches_pattern("*a*b", "xxaxbx"));
  EXPECT_FALSE(matches_pattern("claims/*.json", "claims/old/claim.json"));
  EXPECT_FALSE(matches_pattern("*.json", "claims/claim.json"));
  EXPECT_FALSE(matches_pattern("claims/*.json", "claims/claim.jsonl"));
  EXPECT_FALSE(matches_pattern("claims?x", "claims/x"));
  EXPECT_FALSE(matches_pattern("claims.csv", "claims.csv.part"));
}

TEST(RawFiles, are_found_by_pattern_and_hidden_ones_are_not) {
  store::MemoryStore store;
  for (const char* path : {"raw/claims.jsonl", "raw/claims/b.json", "raw/claims/a.json",
                           "raw/.part/claims.jsonl", "raw/claims/.c.json", "raw/pets.csv"}) {
    ASSERT_TRUE(store.put(path, "x"));
  }

  const auto files = find_raw_files(store, "raw", {"claims.jsonl", "claims/*.json"});

  ASSERT_TRUE(files) << files.error().text();
  std::vector<std::string> names;
  for (const RawFile& file : *files) names.push_back(file.name);
  EXPECT_EQ(names, (std::vector<std::string>{"claims.jsonl", "claims/a.json", "claims/b.json"}));
}

TEST(RawFiles, are_known_by_their_bytes) {
  store::MemoryStore store;
  ASSERT_TRUE(store.put("raw/a.json", "abc"));
  const auto files = find_raw_files(store, "raw", {"*.json"});

  const auto hash = content_hash(store, (*files)[0], Cancel());

  ASSERT_TRUE(hash) << hash.error().text();
  // FIPS 180-2, appendix B.1: SHA-256 of "abc".
  EXPECT_EQ(*hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(RawFiles, notice_a_change) {
  store::MemoryStore store;
  ASSERT_TRUE(store.put("raw/a.json", "abc"));
  const auto files = find_raw_files(store, "raw", {"*.json"});
  ASSERT_TRUE(store.put("raw/a.json", "abcd"));

  const auto hash = content_hash(store, (*files)[0], Cancel());

  ASSERT_FALSE(hash);
  EXPECT_EQ(hash.error().fault, Fault::kConflict);
}

}  // namespace
}  // namespace claimlake::bronze
