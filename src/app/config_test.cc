#include "app/config.h"

#include <gtest/gtest.h>

namespace claimlake::app {
namespace {

TEST(Config, reads_every_key) {
  const auto config = parse_config(
      "pack: auto\npacks_folder: /p\nmemory: 512MB\nthreads: 3\naddress: localhost\nport: 0\n"
      "query_seconds_max: 5\nlog_level: info\nindex_folder: /fast/keys\n",
      "claimlake.yml");

  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->pack, "auto");
  EXPECT_EQ(config->packs_folder, "/p");
  EXPECT_EQ(config->memory_bytes, 512'000'000);
  EXPECT_EQ(config->threads, 3);
  EXPECT_EQ(config->address, "localhost");
  EXPECT_EQ(config->port, 0);
  EXPECT_EQ(config->query_seconds_max, 5);
  EXPECT_EQ(config->log_level, LogLevel::kInfo);
  EXPECT_EQ(config->index_folder, "/fast/keys");
}

TEST(Config, takes_the_keys_of_stores_and_secrets_only_by_reference) {
  const auto config =
      parse_config("s3_region: eu-central-1\nazure_sas: env:SAS\n", "claimlake.yml");
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->store.value("s3_region"), "eu-central-1");

  const auto secret = parse_config("s3_secret_access_key: hunter2\n", "claimlake.yml");
  ASSERT_FALSE(secret);
  EXPECT_EQ(secret.error().text().find("hunter2"), std::string::npos);
  EXPECT_EQ(secret.error().where, "claimlake.yml:1:23");
  const auto slip = parse_config("s3_regoin: x\n", "claimlake.yml");
  ASSERT_FALSE(slip);
  EXPECT_EQ(slip.error().next, "did you mean s3_region?");
}

TEST(Config, what_init_writes_is_the_default) {
  std::string text = default_config_text();
  for (std::size_t at = text.find("\n#"); at != std::string::npos; at = text.find("\n#", at + 1)) {
    if (text[at + 2] != ' ') text.erase(at + 1, 1);
  }
  const auto config = parse_config(text, "claimlake.yml");

  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->memory_bytes, Config{}.memory_bytes);
  EXPECT_EQ(config->port, Config{}.port);
  EXPECT_EQ(config->pack, Config{}.pack);
}

TEST(Config, names_the_place_and_the_likely_key) {
  const auto config = parse_config("pack: pet\nthread: 2\n", "lake/claimlake.yml");

  ASSERT_FALSE(config);
  EXPECT_EQ(
      config.error().text(),
      "Unknown key 'thread'\n  where  lake/claimlake.yml:2:1\n  try    did you mean threads?");
}

TEST(Config, refuses_values_that_do_not_fit) {
  for (const char* text :
       {"port: 70000", "port: x", "threads: -1", "memory: 12", "memory: lots", "log_level: loud",
        "index_folder: keys", "pack: [a]", "- a", "a: b: c", "pack: \"x"}) {
    EXPECT_FALSE(parse_config(text, "c.yml")) << text;
  }
}

TEST(Bytes, know_decimal_and_binary_units) {
  EXPECT_EQ(*parse_bytes("1GiB"), 1'073'741'824);
  EXPECT_EQ(*parse_bytes("1.5GB"), 1'500'000'000);
  EXPECT_EQ(*parse_bytes("512 mb"), 512'000'000);
  EXPECT_FALSE(parse_bytes("GB"));
  EXPECT_FALSE(parse_bytes("1..5GB"));
  EXPECT_FALSE(parse_bytes("9999999TB"));
}

}  // namespace
}  // namespace claimlake::app
