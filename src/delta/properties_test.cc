#include "delta/properties.h"

#include <gmock/gmock.h>

namespace claimlake::delta {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(Interval, is_read_in_the_forms_that_other_engines_write) {
  EXPECT_EQ(*parse_interval("interval 1 week"), hours(7 * 24));
  EXPECT_EQ(*parse_interval("INTERVAL 30 DAYS"), hours(30 * 24));
  EXPECT_EQ(*parse_interval(" interval  1 day 12 hours "), hours(36));
  EXPECT_EQ(*parse_interval("1500 milliseconds"), milliseconds(1500));
}

TEST(Interval, refuses_what_has_no_fixed_length_or_is_none) {
  for (const char* text :
       {"", "interval", "7", "days 7", "1 month", "2 years", "-1 days", "1.5 days",
        "999999999999 weeks", "9223372036854775807 microseconds 1 week"}) {
    EXPECT_FALSE(parse_interval(text)) << text;
  }
}

TEST(Properties, have_the_defaults_of_the_protocol) {
  const auto properties = parse_properties({});

  ASSERT_TRUE(properties);
  EXPECT_EQ(properties->checkpoint_interval, 0);
  EXPECT_EQ(properties->deleted_file_retention, hours(7 * 24));
  EXPECT_EQ(properties->txn_retention, std::nullopt);
  EXPECT_EQ(properties->stats_columns, 32);
  EXPECT_FALSE(properties->append_only);
}

TEST(Properties, a_bad_value_is_named_for_writers_and_skipped_by_readers) {
  const std::map<std::string, std::string> bad = {{"delta.appendOnly", "yes"},
                                                  {"delta.checkpointInterval", "20"}};
  const auto parsed = parse_properties(bad);

  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().message,
            "table property delta.appendOnly = 'yes' must be true or false");
  EXPECT_EQ(read_properties(bad).checkpoint_interval, 20);
  EXPECT_FALSE(read_properties(bad).append_only);
}

TEST(Properties, checkpoints_of_a_table_with_many_files_are_fewer_unless_it_says_otherwise) {
  const TableProperties silent;
  EXPECT_EQ(commits_per_checkpoint(silent, 0), 10);
  EXPECT_EQ(commits_per_checkpoint(silent, 999), 10);
  EXPECT_EQ(commits_per_checkpoint(silent, 1'000), 20);
  EXPECT_EQ(commits_per_checkpoint(silent, 10'000), 100);
  EXPECT_EQ(commits_per_checkpoint(silent, 1'000'000), 100);

  const TableProperties often = read_properties({{"delta.checkpointInterval", "5"}});
  EXPECT_EQ(commits_per_checkpoint(often, 10'000), 5);
}

}  // namespace
}  // namespace claimlake::delta
