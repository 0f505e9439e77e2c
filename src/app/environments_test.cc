#include "app/environments.h"

#include <gtest/gtest.h>

#include "store/environment.h"
#include "store/memory_store.h"
#include "store/passing_store_for_test.h"

namespace claimlake::app {
namespace {

// Does what it is asked for, if at all, and loses the answer.
class LosesAnswers final : public store::PassingStore {
 public:
  LosesAnswers(store::Store& inner, bool does_it) : PassingStore(inner), does_it_(does_it) {}
  Result<store::Put> put_if_absent(std::string_view path, std::string_view bytes) override {
    if (does_it_) (void)inner_.put_if_absent(path, bytes);
    return store::Put::kAmbiguous;
  }

 private:
  const bool does_it_;
};

Environment dev(const char* by) {
  return {.name = "dev", .complete = false, .created_at = Timestamp{}, .created_by = by};
}

TEST(ClaimEnvironment, a_lost_answer_is_looked_up) {
  store::MemoryStore main;
  LosesAnswers store(main, true);

  EXPECT_TRUE(claim_environment(store, dev("me")));
  EXPECT_EQ(claim_environment(main, dev("me")).error().fault, Fault::kConflict);
}

TEST(ClaimEnvironment, says_so_where_the_name_may_be_taken_or_not) {
  store::MemoryStore main;
  LosesAnswers store(main, false);

  const Done claimed = claim_environment(store, dev("me"));

  ASSERT_FALSE(claimed);
  EXPECT_EQ(claimed.error().fault, Fault::kUnavailable);
  EXPECT_TRUE(claim_environment(main, dev("me")));
}

TEST(ClaimEnvironment, a_name_that_somebody_took_meanwhile_is_refused) {
  // Between the look at the name and the marker of ours.
  class TakenMeanwhile final : public store::PassingStore {
   public:
    using PassingStore::PassingStore;
    Result<store::Put> put_if_absent(std::string_view, std::string_view) override {
      EXPECT_TRUE(claim_environment(inner_, dev("other")));
      return store::Put::kAmbiguous;
    }
  };
  store::MemoryStore main;
  TakenMeanwhile store(main);

  EXPECT_EQ(claim_environment(store, dev("me")).error().fault, Fault::kConflict);
}

}  // namespace
}  // namespace claimlake::app
