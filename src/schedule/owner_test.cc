#include "schedule/owner.h"

#include <gmock/gmock.h>

#include "store/temporary_folder_for_test.h"

namespace claimlake::schedule {
namespace {

TEST(Ownership, one_has_it_at_a_time_and_others_see_who) {
  const store::TemporaryFolder folder;
  const std::string lock = folder.path() + "/pipeline.lock";
  const SimClock clock(*parse_timestamp("2026-01-09 10:31:00"));
  EXPECT_FALSE(Ownership::holder(lock));

  auto first = Ownership::take(lock, "serve", clock);
  ASSERT_TRUE(first) << first.error().text();
  ASSERT_NE(*first, nullptr);
  const auto second = Ownership::take(lock, "watch", clock);
  ASSERT_TRUE(second);
  EXPECT_EQ(*second, nullptr);
  const auto owner = Ownership::holder(lock);
  ASSERT_TRUE(owner);
  EXPECT_THAT(owner->text(), testing::HasSubstr("claimlake serve (process "));
  EXPECT_THAT(owner->text(), testing::HasSubstr("since 2026-01-09 10:31:00 UTC"));

  first->reset();
  EXPECT_FALSE(Ownership::holder(lock));
  const auto third = Ownership::take(lock, "watch", clock);
  ASSERT_TRUE(third);
  EXPECT_NE(*third, nullptr);
}

TEST(Ownership, a_folder_that_cannot_be_written_is_an_error) {
  const SimClock clock;

  const auto taken = Ownership::take("absent/folder/pipeline.lock", "watch", clock);

  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().fault, Fault::kUnavailable);
}

}  // namespace
}  // namespace claimlake::schedule
