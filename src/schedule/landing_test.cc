#include "schedule/landing.h"

#include <gmock/gmock.h>

#include "store/counting_store.h"
#include "store/memory_store.h"

namespace claimlake::schedule {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::size_t kAll = 1'000'000;

// raw/ in memory, with a clock that stands still, and a kernel that knows who writes.
class LandingTest : public testing::Test {
 protected:
  LandingTest() {
    pack::Source claims;
    claims.name = "claims";
    claims.table = "bronze.claims_raw";
    claims.files = {"claims.jsonl", "claims/*.json"};
    sources_.push_back(claims);
  }

  Landing landing(LandingRules rules = {}) {
    return Landing({counted_, "raw", sources_, clock_,
                    [this](const std::string& name) {
                      const auto found = writing_.find(name);
                      return found == writing_.end() ? Writing::kNo : found->second;
                    },
                    rules});
  }
  void put(const std::string& name, const std::string& text) {
    ASSERT_TRUE(store_.put("raw/" + name, text));
  }
  static std::vector<std::string> names(const std::vector<bronze::RawFile>& files) {
    std::vector<std::string> names;
    for (const bronze::RawFile& file : files) names.push_back(file.name);
    return names;
  }
  static std::vector<std::string> names(const std::vector<WaitingFile>& files) {
    std::vector<std::string> names;
    for (const WaitingFile& file : files) names.push_back(file.name);
    return names;
  }

  SimClock clock_{*parse_timestamp("2026-01-09 10:31:00")};
  store::MemoryStore store_{clock_};
  store::CountingStore counted_{store_};
  std::vector<pack::Source> sources_;
  std::map<std::string, Writing> writing_;
};

TEST_F(LandingTest, a_file_that_was_renamed_in_is_complete_at_once) {
  Landing landing = this->landing();
  put("claims/one.json", "{}");

  ASSERT_TRUE(landing.look_at({{"claims/one.json", true}}));

  EXPECT_THAT(names(landing.complete(kAll)), ElementsAre("claims/one.json"));
}

TEST_F(LandingTest, a_file_that_was_written_in_place_is_complete_when_it_is_at_rest) {
  Landing landing = this->landing();
  put("claims/one.json", "{");
  ASSERT_TRUE(landing.look_at({{"claims/one.json", false}}));
  EXPECT_THAT(landing.complete(kAll), IsEmpty());

  clock_.advance(200ms);
  put("claims/one.json", "{}");
  clock_.advance(200ms);
  EXPECT_THAT(landing.complete(kAll), IsEmpty());

  EXPECT_EQ(landing.look_again(), clock_.steady_now() + 100ms);
  clock_.advance(100ms);
  const auto files = landing.complete(kAll);
  ASSERT_THAT(names(files), ElementsAre("claims/one.json"));
  EXPECT_EQ(files[0].size, 2);
}

TEST_F(LandingTest, a_file_that_somebody_has_open_waits_however_long_and_is_named) {
  Landing landing = this->landing();
  put("claims/slow.json", "{");
  writing_["claims/slow.json"] = Writing::kYes;
  ASSERT_TRUE(landing.look_at({{"claims/slow.json", false}}));
  EXPECT_THAT(landing.complete(kAll), IsEmpty());

  clock_.advance(1h);
  EXPECT_THAT(landing.complete(kAll), IsEmpty());
  const auto waits = landing.being_written();
  ASSERT_EQ(waits.size(), 1U);
  EXPECT_EQ(waits[0].name, "claims/slow.json");
  EXPECT_EQ(to_text(waits[0].since).substr(0, 19), "2026-01-09 10:31:00");

  // Also one that was there before this process was.
  Landing after_restart = this->landing();
  ASSERT_TRUE(after_restart.look_at_all());
  EXPECT_THAT(after_restart.complete(kAll), IsEmpty());

  writing_.clear();
  clock_.advance(1s);
  EXPECT_THAT(names(landing.complete(kAll)), ElementsAre("claims/slow.json"));
  EXPECT_THAT(landing.being_written(), IsEmpty());
  EXPECT_EQ(counted_.counts().opens + counted_.counts().reads, 0);
}

TEST_F(LandingTest, a_file_that_grows_for_an_hour_is_being_written_although_nobody_has_it_open) {
  Landing landing = this->landing();
  put("claims/slow.json", "{");
  ASSERT_TRUE(landing.look_at({{"claims/slow.json", false}}));
  std::string text;
  for (int i = 0; i < 3600 * 4; ++i) {
    clock_.advance(250ms);
    put("claims/slow.json", text += "{}\n");
    ASSERT_THAT(landing.complete(kAll), IsEmpty());
    const bool long_enough = i >= 2 * 4 + 1;
    if (i < 2 * 4 - 2 || long_enough) {
      ASSERT_EQ(landing.being_written().size(), long_enough ? 1U : 0U) << i;
    }
  }
  EXPECT_GT(landing.being_written()[0].size, 3600 * 4 * 2) << "as large as it is by now";
  EXPECT_EQ(counted_.counts().opens + counted_.counts().reads, 0);

  clock_.advance(300ms);
  landing.complete(kAll);  // sees it in its last form
  clock_.advance(300ms);
  EXPECT_THAT(names(landing.complete(kAll)), ElementsAre("claims/slow.json"));
  EXPECT_THAT(landing.being_written(), IsEmpty());
}

TEST_F(LandingTest, what_a_folder_held_is_known_when_it_comes_back) {
  Landing landing = this->landing({.appear_whole = true});
  put("claims/one.json", "{}");
  put("claims/two.json", "{}");
  ASSERT_TRUE(landing.look_at_all());
  landing.taken(landing.complete(kAll));

  ASSERT_TRUE(store_.remove("raw/claims/one.json"));
  ASSERT_TRUE(store_.remove("raw/claims/two.json"));
  ASSERT_TRUE(landing.look_at_all());
  put("claims/one.json", "{}");  // at the same time as before
  put("claims/two.json", "{}{}");
  ASSERT_TRUE(landing.look_at_all());

  EXPECT_THAT(names(landing.complete(kAll)), ElementsAre("claims/two.json")) << "it is another one";
}

TEST_F(LandingTest, where_nobody_knows_who_writes_the_rest_is_longer) {
  Landing landing = this->landing();
  put("claims/one.json", "{}");
  writing_["claims/one.json"] = Writing::kUnknown;
  ASSERT_TRUE(landing.look_at({{"claims/one.json", false}}));

  clock_.advance(1'999ms);
  EXPECT_THAT(landing.complete(kAll), IsEmpty());
  EXPECT_THAT(names(landing.being_written()), ElementsAre("claims/one.json"));
  clock_.advance(1ms);
  EXPECT_THAT(names(landing.complete(kAll)), ElementsAre("claims/one.json"));
}

TEST_F(LandingTest, what_the_store_shows_only_when_it_is_whole_needs_no_rest) {
  Landing landing = this->landing({.appear_whole = true});
  put("claims/one.json", "{}");

  ASSERT_TRUE(landing.look_at_all());

  EXPECT_THAT(names(landing.complete(kAll)), ElementsAre("claims/one.json"));
}

TEST_F(LandingTest, temporary_names_and_files_of_no_source_are_passed_over) {
  Landing landing = this->landing();
  const std::vector<std::string> passed_over{
      "claims/.one.json",     "claims/_one.json", "_half/one.json",      "claims/one.json.tmp",
      "claims/one.json.part", "claims/one.txt",   "claims/deep/one.json"};
  std::vector<ArrivedFile> told;
  for (const std::string& name : passed_over) {
    put(name, "{}");
    told.push_back({name, true});
  }
  put("claims.jsonl", "{}");

  ASSERT_TRUE(landing.look_at(told));
  EXPECT_THAT(landing.complete(kAll), IsEmpty());
  clock_.advance(1min);
  ASSERT_TRUE(landing.look_at_all());
  EXPECT_THAT(names(landing.complete(kAll)), ElementsAre("claims.jsonl"));
}

TEST_F(LandingTest, a_hundred_thousand_files_are_listed_once_and_one_more_costs_one_look) {
  for (int i = 0; i < 100'000; ++i) put("claims/f" + std::to_string(i) + ".json", "{}");
  clock_.advance(1min);
  Landing landing = this->landing();
  ASSERT_TRUE(landing.look_at_all());
  const auto first = landing.complete(kAll);
  ASSERT_EQ(first.size(), 100'000U);
  landing.taken(first);
  counted_.reset();

  put("claims/new.json", "{}");
  ASSERT_TRUE(landing.look_at({{"claims/new.json", true}}));

  EXPECT_THAT(names(landing.complete(kAll)), ElementsAre("claims/new.json"));
  EXPECT_EQ(counted_.counts().heads, 1);
  EXPECT_EQ(counted_.counts().lists, 0);

  // Listed again, none that is known is looked at or read.
  counted_.reset();
  clock_.advance(1min);
  ASSERT_TRUE(landing.look_at_all());
  EXPECT_THAT(names(landing.complete(kAll)), ElementsAre("claims/new.json"));
  EXPECT_EQ(counted_.counts().heads, 0);
  EXPECT_EQ(counted_.counts().opens + counted_.counts().reads, 0);
}

TEST_F(LandingTest, a_file_that_changed_comes_again) {
  Landing landing = this->landing();
  put("claims/one.json", "{}");
  ASSERT_TRUE(landing.look_at({{"claims/one.json", true}}));
  landing.taken(landing.complete(kAll));
  ASSERT_TRUE(landing.look_at({{"claims/one.json", true}}));
  EXPECT_THAT(landing.complete(kAll), IsEmpty());

  clock_.advance(1s);
  put("claims/one.json", R"({"claim_id":"K1"})");
  ASSERT_TRUE(landing.look_at({{"claims/one.json", true}}));

  EXPECT_THAT(names(landing.complete(kAll)), ElementsAre("claims/one.json"));
}

TEST_F(LandingTest, a_change_while_a_file_is_taken_in_is_not_lost) {
  Landing landing = this->landing();
  put("claims/one.json", "{}");
  ASSERT_TRUE(landing.look_at({{"claims/one.json", true}}));
  const auto first = landing.complete(kAll);

  clock_.advance(1s);
  put("claims/one.json", R"({"claim_id":"K1"})");
  ASSERT_TRUE(landing.look_at({{"claims/one.json", true}}));
  landing.taken(first);

  EXPECT_THAT(names(landing.complete(kAll)), ElementsAre("claims/one.json"));
}

TEST_F(LandingTest, a_refused_file_is_left_alone_until_it_changes) {
  Landing landing = this->landing();
  put("claims/bad.json", "[");
  clock_.advance(1min);
  ASSERT_TRUE(landing.look_at_all());
  landing.refuse(landing.complete(kAll).at(0), "no record in it");
  ASSERT_TRUE(landing.look_at_all());
  EXPECT_THAT(landing.complete(kAll), IsEmpty());
  ASSERT_EQ(landing.refused().size(), 1U);
  EXPECT_EQ(landing.refused()[0].reason, "no record in it");

  put("claims/bad.json", "{}");
  ASSERT_TRUE(landing.look_at({{"claims/bad.json", true}}));

  EXPECT_THAT(names(landing.complete(kAll)), ElementsAre("claims/bad.json"));
  EXPECT_THAT(landing.refused(), IsEmpty());
}

TEST_F(LandingTest, files_that_are_gone_wait_no_more) {
  Landing landing = this->landing();
  put("claims/one.json", "{}");
  put("claims/two.json", "{}");
  clock_.advance(1min);
  ASSERT_TRUE(landing.look_at_all());
  ASSERT_TRUE(store_.remove("raw/claims/one.json"));
  ASSERT_TRUE(landing.look_at({{"claims/one.json", false}}));
  ASSERT_TRUE(store_.remove("raw/claims/two.json"));
  ASSERT_TRUE(landing.look_at_all());

  EXPECT_EQ(landing.waiting_count(), 0U);
}

}  // namespace
}  // namespace claimlake::schedule
