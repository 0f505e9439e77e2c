#include "datagen/generate.h"

#include <set>

#include "datagen/raw_rows_for_test.h"

namespace claimlake::datagen {
namespace {

TEST(Generate, scale_1_has_the_promised_counts) {
  const RawBook& book = clean_book();

  EXPECT_EQ(newest(book.customers, "customer_id").size(), 5'000);
  EXPECT_EQ(newest(book.pets, "pet_id").size(), 6'500);
  EXPECT_EQ(newest(book.policies, "policy_id").size(), 6'000);
  EXPECT_EQ(book.vet_providers.size(), 200);
  EXPECT_EQ(newest(book.claims, "claim_id").size(), 15'000);
  EXPECT_EQ(book.report.rows[4], static_cast<std::int64_t>(book.claims.size()));
}

TEST(Generate, bytes_do_not_depend_on_threads_or_time) {
  GenerateOptions options{.scale = 2, .dirty = 0.05, .threads = 1};
  const auto once = make_files(options).files;
  const auto again = make_files(options).files;
  options.threads = 3;
  const auto parallel = make_files(options).files;

  EXPECT_TRUE(once == again);
  EXPECT_TRUE(once == parallel);
  EXPECT_EQ(once.size(), 7);
}

TEST(Generate, another_seed_is_another_book) {
  const auto other = make_files({.seed = 7}).files;

  EXPECT_NE(other.at("claims.jsonl"), clean_book().files.at("claims.jsonl"));
  EXPECT_EQ(clean_book().files.count("defects.csv"), 0);
}

TEST(Generate, defects_leave_the_rest_of_the_book_as_it_is) {
  const RawBook dirty = make_book({.dirty = 0.01});
  const auto clean = newest(clean_book().policies, "policy_id");

  std::size_t same = 0;
  for (const RawRow& row : dirty.policies) {
    const auto found = clean.find(at(row, "policy_id"));
    same += found != clean.end() && found->second == row;
  }

  EXPECT_GT(same, 5'900);
}

TEST(Generate, keys_are_unique_but_for_older_versions) {
  const RawBook& book = clean_book();
  std::set<std::string> pets, policies, providers;
  for (const RawRow& row : book.pets) EXPECT_TRUE(pets.insert(at(row, "pet_id")).second);
  for (const RawRow& row : book.policies) EXPECT_TRUE(policies.insert(at(row, "policy_id")).second);
  for (const RawRow& row : book.vet_providers) {
    EXPECT_TRUE(providers.insert(at(row, "provider_id")).second);
  }
  EXPECT_NEAR(static_cast<double>(book.claims.size()), 15'150, 50);
  EXPECT_NEAR(static_cast<double>(book.customers.size()), 5'050, 25);
}

TEST(Generate, older_versions_stand_at_the_end_and_lose) {
  const RawBook& book = clean_book();

  for (const auto& [rows, key, regular] :
       {std::tuple(&book.customers, "customer_id", std::size_t{5'000}),
        std::tuple(&book.claims, "claim_id", std::size_t{15'000})}) {
    std::map<std::string, std::string> updated;
    for (std::size_t i = 0; i < rows->size(); ++i) {
      const RawRow& row = (*rows)[i];
      if (i < regular) {
        EXPECT_TRUE(updated.emplace(at(row, key), at(row, "updated_at")).second);
      } else {
        EXPECT_LT(at(row, "updated_at"), updated.at(at(row, key)));
      }
    }
  }
}

TEST(Generate, references_resolve) {
  const RawBook& book = clean_book();
  const auto customers = newest(book.customers, "customer_id");
  const auto pets = newest(book.pets, "pet_id");
  const auto policies = newest(book.policies, "policy_id");
  std::set<std::string> providers;
  for (const RawRow& row : book.vet_providers) providers.insert(at(row, "provider_id"));

  for (const RawRow& pet : book.pets) EXPECT_TRUE(customers.contains(at(pet, "customer_id")));
  for (const RawRow& policy : book.policies) {
    EXPECT_EQ(at(pets.at(at(policy, "pet_id")), "customer_id"), at(policy, "customer_id"));
  }
  for (const RawRow& claim : book.claims) {
    const RawRow& policy = policies.at(at(claim, "policy_id"));
    EXPECT_EQ(at(policy, "pet_id"), at(claim, "pet_id"));
    EXPECT_EQ(at(policy, "customer_id"), at(claim, "customer_id"));
    EXPECT_TRUE(providers.contains(at(claim, "provider_id")));
  }
}

TEST(Generate, options_out_of_range_are_refused) {
  store::MemoryStore store;
  const Date as_of = *parse_date("2025-12-22");

  EXPECT_FALSE(generate({.scale = 0, .as_of = as_of}, store));
  EXPECT_FALSE(generate({.as_of = as_of, .dirty = 1.5}, store));
  EXPECT_FALSE(generate({.as_of = *parse_date("1890-01-01")}, store));
  EXPECT_TRUE(store.list_all("")->empty());
}

TEST(Generate, cancelled_it_leaves_nothing_behind) {
  store::MemoryStore store;
  Cancel cancel;
  GenerateOptions options{.scale = 4, .as_of = *parse_date("2025-12-22"), .folder = "raw"};

  const auto report = generate(
      options, store, [&](std::int64_t, std::int64_t) { cancel.cancel(); }, cancel);

  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().fault, Fault::kCancelled);
  EXPECT_TRUE(store.list_all("")->empty());
}

TEST(Generate, progress_ends_near_the_whole) {
  store::MemoryStore store;
  std::int64_t last = 0;
  std::int64_t whole = 0;
  GenerateOptions options{.scale = 4, .as_of = *parse_date("2025-12-22"), .folder = "raw"};

  const auto report = generate(options, store, [&](std::int64_t rows, std::int64_t total) {
    EXPECT_GT(rows, last);
    last = rows;
    whole = total;
  });

  ASSERT_TRUE(report);
  EXPECT_GT(last, whole / 2);
  EXPECT_LE(last, whole);
  EXPECT_TRUE(store.head("raw/meta.json"));
}

}  // namespace
}  // namespace claimlake::datagen
