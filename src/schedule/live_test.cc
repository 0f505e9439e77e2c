#include "schedule/live.h"

#include <gmock/gmock.h>

#include <deque>

#include "schedule/zone_for_test.h"
#include "store/memory_store.h"

namespace claimlake::schedule {
namespace {

using namespace std::chrono_literals;
using refresh::RunReport;
using refresh::TableOutcome;
using refresh::TableReport;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Its wall clock can be put forward and back; what it measures time with goes on.
class TestClock final : public Clock {
 public:
  Timestamp now() const override { return sim_.now() + ahead_; }
  std::chrono::steady_clock::time_point steady_now() const override { return sim_.steady_now(); }
  void advance(std::chrono::microseconds step) { sim_.advance(step); }
  void jump(std::chrono::microseconds step) { ahead_ += step; }

 private:
  SimClock sim_{*parse_timestamp("2026-01-09 10:31:00")};
  std::chrono::microseconds ahead_{0};
};

// Work that takes time by the clock of the test, and writes down what it was asked for.
class RecordedWork final : public Work {
 public:
  explicit RecordedWork(TestClock& clock) : clock_(clock) {}

  Result<RunReport> ingest(const std::vector<bronze::RawFile>& files) override {
    std::string names;
    for (const auto& file : files) names += " " + file.name;
    done.push_back("ingest" + (files.size() > 3 ? " " + std::to_string(files.size()) : names));
    if (while_working) while_working();
    if (ingest_error) return *ingest_error;
    ++bronze;
    RunReport report;
    report.tables.push_back({.table = "bronze.claims_raw", .outcome = TableOutcome::kBuilt});
    if (!left_out.empty()) report.tables[0].outcome = TableOutcome::kFailed;
    report.tables[0].left_out = left_out;
    return report;
  }
  Result<RunReport> refresh(Date as_of, const Fails& fails) override {
    done.push_back("refresh " + to_text(as_of));
    clock_.advance(refresh_takes);
    if (while_working) while_working();
    if (refresh_error) return *refresh_error;
    RunReport report;
    report.tables.push_back(
        {.table = "silver.t", .outcome = TableOutcome::kBuilt, .version = bronze});
    report.tables[0].outcome = outcome;
    report.tables[0].message = outcome == TableOutcome::kBuilt ? "" : "it does not work";
    if (outcome == TableOutcome::kBuilt) {
      silver = bronze;
    } else {
      fails(report.tables[0]);
      clock_.advance(others_take);
    }
    return report;
  }
  Done finish(const std::function<bool()>& hurry) override {
    clock_.advance(others_take);
    hurried = hurry();
    return claimlake::done();
  }
  Result<std::map<std::string, delta::LogVersion>> versions() override {
    return std::map<std::string, delta::LogVersion>{{"bronze.claims_raw", bronze},
                                                    {"silver.t", silver}};
  }

  std::vector<std::string> done;
  bool hurried = false;  // by more that waits, when it finished last
  std::function<void()> while_working;
  std::chrono::microseconds refresh_takes{100ms};
  std::chrono::microseconds others_take{0};  // tables behind one that failed, and upkeep
  std::optional<Error> ingest_error, refresh_error;
  TableOutcome outcome = TableOutcome::kBuilt;
  std::vector<refresh::FileLeftOut> left_out;
  delta::LogVersion bronze = 1, silver = 1;

 private:
  TestClock& clock_;
};

// Waiting is to move the clock; what arrives is put there by the test.
class TestArrivals final : public Arrivals {
 public:
  explicit TestArrivals(TestClock& clock) : clock_(clock) {}
  Arrived wait(std::chrono::microseconds at_most) override {
    clock_.advance(at_most);
    return std::exchange(arrived, {});
  }
  void wake() override {}
  bool tells() const override { return true; }
  Arrived arrived;

 private:
  TestClock& clock_;
};

class LiveTest : public testing::Test {
 protected:
  LiveTest() {
    pack::Source claims;
    claims.table = "bronze.claims_raw";
    claims.files = {"*.json"};
    sources_.push_back(claims);
  }

  void start(LiveLimits limits = {}) {
    live_ = std::make_unique<Live>(
        Live::Context{work_, landing_, arrivals_, store_, zone_, clock_, Cancel(),
                      [this](const LiveEvent& event) { told_.push_back(event); }, limits});
  }
  // A file that gets its name now.
  void drop(const std::string& name) {
    ASSERT_TRUE(store_.put("raw/" + name, "{}"));
    arrivals_.arrived.files.push_back({name, true});
  }
  void set_mode(const std::string& mode, const std::string& rest = "") {
    ASSERT_TRUE(store_.put(kSchedulePath, R"({"mode":")" + mode + '"' + rest + "}"));
  }
  // Turns and waits until so much time has passed.
  void run_for(std::chrono::microseconds time) {
    const auto end = clock_.steady_now() + time;
    int turns = 0;
    do {
      const auto wait = live_->turn();
      const auto left =
          std::chrono::duration_cast<std::chrono::microseconds>(end - clock_.steady_now());
      live_->wait(std::max(0us, std::min(wait, left)));
      ASSERT_LT(++turns, 100'000) << "it turns without waiting";
    } while (clock_.steady_now() < end);
    live_->turn();
  }
  std::vector<std::string> done() { return std::exchange(work_.done, {}); }

  TestClock clock_;
  store::MemoryStore store_{clock_};
  std::vector<pack::Source> sources_;
  RecordedWork work_{clock_};
  TestArrivals arrivals_{clock_};
  Landing landing_{
      {store_, "raw", sources_, clock_, [](const std::string&) { return Writing::kNo; }}};
  ZoneWithSummer zone_;
  std::vector<LiveEvent> told_;
  std::unique_ptr<Live> live_;
};

TEST_F(LiveTest, begins_by_bringing_everything_up_to_date) {
  ASSERT_TRUE(store_.put("raw/old.json", "{}"));
  clock_.advance(1h);
  start();

  live_->turn();

  EXPECT_THAT(done(), ElementsAre("ingest old.json", "refresh 2026-01-09"));
  run_for(10min);
  EXPECT_THAT(done(), IsEmpty());
}

TEST_F(LiveTest, takes_what_arrives_at_rest_at_once) {
  start();
  run_for(10s);
  done();
  const auto before = clock_.steady_now();

  drop("one.json");
  live_->wait(0us);
  live_->turn();

  EXPECT_THAT(done(), ElementsAre("ingest one.json", "refresh 2026-01-09"));
  EXPECT_EQ(clock_.steady_now() - before, work_.refresh_takes);
}

TEST_F(LiveTest, under_load_it_collects_for_a_share_of_what_a_refresh_takes) {
  work_.refresh_takes = 800ms;
  start({.collect_share = 0.25, .collect_max = 1s});
  run_for(10s);
  done();
  int dropped = 0;
  work_.while_working = [&] { drop("f" + std::to_string(dropped++) + ".json"); };

  drop("first.json");
  live_->wait(0us);
  const auto wait = live_->turn();
  EXPECT_EQ(wait, 200ms);
  done();
  live_->wait(0us);
  live_->turn();
  EXPECT_THAT(done(), IsEmpty()) << "it collects";
  clock_.advance(200ms);
  work_.while_working = nullptr;
  live_->turn();
  EXPECT_THAT(done(), ElementsAre("ingest f0.json f1.json", "refresh 2026-01-09"));

  // At rest again: at once.
  run_for(10s);
  drop("last.json");
  live_->wait(0us);
  live_->turn();
  EXPECT_THAT(done(), ElementsAre("ingest last.json", "refresh 2026-01-09"));
}

TEST_F(LiveTest, upkeep_hears_of_what_arrives_while_it_works) {
  start();
  run_for(2s);
  EXPECT_FALSE(work_.hurried);
  drop("a.json");
  live_->wait(0us);
  work_.while_working = [&] { drop("b.json"); };
  live_->turn();
  EXPECT_TRUE(work_.hurried);

  work_.while_working = nullptr;
  run_for(2s);
  EXPECT_FALSE(work_.hurried);
}

TEST_F(LiveTest, what_arrives_while_it_works_does_not_wait_for_the_next_look) {
  start();
  run_for(2s);
  done();
  drop("a.json");
  live_->wait(0us);
  work_.while_working = [&] {
    work_.while_working = nullptr;
    drop("b.json");
  };

  const auto wait = live_->turn();

  EXPECT_LE(wait, work_.refresh_takes);
  live_->wait(wait);
  live_->turn();
  EXPECT_THAT(done(), ElementsAre("ingest a.json", "refresh 2026-01-09", "ingest b.json",
                                  "refresh 2026-01-09"));
}

TEST_F(LiveTest, the_time_that_it_collects_is_bounded) {
  work_.refresh_takes = 1min;
  start({.collect_share = 0.25, .collect_max = 1s});
  run_for(10s);
  work_.while_working = [&] { drop("more.json"); };
  drop("first.json");
  live_->wait(0us);
  live_->turn();
  done();
  work_.while_working = nullptr;

  run_for(999ms);
  EXPECT_THAT(done(), IsEmpty());
  run_for(1ms);
  EXPECT_THAT(done(), ElementsAre("ingest more.json", "refresh 2026-01-09"));
}

TEST_F(LiveTest, a_flood_is_taken_in_in_rounds_that_grow) {
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(store_.put("raw/f" + std::to_string(i) + ".json", "{}"));
  }
  clock_.advance(1h);
  start({.files_first = 10, .files_growth = 5, .files_max = 80});

  run_for(10s);

  EXPECT_THAT(done(),
              ElementsAre("ingest 10", "refresh 2026-01-09", "ingest 50", "refresh 2026-01-09",
                          "ingest 80", "refresh 2026-01-09", "ingest 60", "refresh 2026-01-09"));
}

TEST_F(LiveTest, a_commit_of_another_process_brings_a_refresh) {
  start();
  run_for(10s);
  done();

  ++work_.bronze;
  run_for(2s);

  EXPECT_THAT(done(), ElementsAre("refresh 2026-01-09"));
}

TEST_F(LiveTest, a_file_that_nobody_told_of_is_found_by_listing) {
  start({.list_told_every = 5min});
  run_for(10s);
  done();
  ASSERT_TRUE(store_.put("raw/unseen.json", "{}"));

  run_for(4min);
  EXPECT_THAT(done(), IsEmpty());
  run_for(1min);
  EXPECT_THAT(done(), ElementsAre("ingest unseen.json", "refresh 2026-01-09"));
}

TEST_F(LiveTest, the_day_turns_at_midnight_of_the_zone) {
  start();
  run_for(10s);
  done();

  // 23:00 UTC is midnight there.
  run_for(*parse_timestamp("2026-01-09 22:59:59") - clock_.now());
  EXPECT_THAT(done(), IsEmpty());
  run_for(1s);

  EXPECT_THAT(done(), ElementsAre("refresh 2026-01-10"));
}

TEST_F(LiveTest, a_clock_that_jumps_over_midnight_is_noticed) {
  start();
  run_for(10s);
  done();

  clock_.jump(3 * 24h);
  run_for(1s);
  EXPECT_THAT(done(), ElementsAre("refresh 2026-01-12"));
  clock_.jump(-2 * 24h);
  run_for(1s);
  EXPECT_THAT(done(), ElementsAre("refresh 2026-01-10"));
}

TEST_F(LiveTest, a_clock_that_is_put_right_at_midnight_does_not_bring_yesterday_back) {
  start();
  run_for(*parse_timestamp("2026-01-09 23:00:01") - clock_.now());
  done();

  clock_.jump(-5s);
  run_for(20s);

  EXPECT_THAT(done(), IsEmpty());
}

TEST_F(LiveTest, by_hand_files_go_to_bronze_and_no_further) {
  set_mode("manual");
  start();
  run_for(10s);

  drop("one.json");
  run_for(13h);  // over midnight

  EXPECT_THAT(done(), ElementsAre("ingest one.json"));
}

TEST_F(LiveTest, a_change_of_the_mode_works_while_it_runs) {
  set_mode("manual");
  start();
  drop("one.json");
  run_for(10s);
  done();

  set_mode("continuous");
  run_for(2s);
  EXPECT_THAT(done(), ElementsAre("refresh 2026-01-09"));

  set_mode("manual");
  run_for(2s);
  drop("two.json");
  run_for(10s);
  EXPECT_THAT(done(), ElementsAre("ingest two.json"));
  EXPECT_EQ(told_.back().state.schedule.mode, Mode::kManual);
}

TEST_F(LiveTest, a_mode_that_cannot_be_read_leaves_it_as_it_was_and_says_so) {
  set_mode("manual");
  start();
  run_for(10s);

  set_mode("sometimes");
  run_for(2s);
  drop("one.json");
  run_for(10s);

  EXPECT_THAT(done(), ElementsAre("ingest one.json"));
  EXPECT_THAT(told_.back().state.problems.at("mode").what, HasSubstr("'sometimes'"));
}

TEST_F(LiveTest, at_its_hour_everything_is_done_and_nothing_before) {
  set_mode("scheduled", R"(,"every":"5m")");
  start();
  drop("one.json");
  run_for(3min + 59s);
  EXPECT_THAT(done(), IsEmpty());
  EXPECT_EQ(told_.back().state.next_due, *parse_timestamp("2026-01-09 10:35:00"));

  run_for(2s);
  EXPECT_THAT(done(), ElementsAre("ingest one.json", "refresh 2026-01-09"));
  // Nothing came since.
  run_for(10min);
  EXPECT_THAT(done(), IsEmpty());
}

TEST_F(LiveTest, a_cron_time_is_one_of_the_zone) {
  set_mode("scheduled", R"(,"cron":"0 12 * * *")");
  start();
  drop("one.json");

  run_for(29min);  // noon there is 11:00 UTC
  EXPECT_THAT(done(), ElementsAre("ingest one.json", "refresh 2026-01-09"));
}

TEST_F(LiveTest, a_schedule_survives_a_clock_that_is_put_back) {
  set_mode("scheduled", R"(,"every":"5m")");
  start();
  run_for(1min);
  clock_.jump(-24h);
  drop("one.json");

  run_for(5min);

  EXPECT_THAT(done(), ElementsAre("ingest one.json", "refresh 2026-01-08"));
}

TEST_F(LiveTest, what_fails_is_said_and_tried_again_later_each_time) {
  start({.retry_first = 1s, .retry_max = 4s});
  run_for(10s);
  done();
  work_.ingest_error = Error{Fault::kUnavailable, "The disk is full"};

  drop("one.json");
  run_for(12s);
  // At 0, 1, 3, 7 and 11 s.
  EXPECT_THAT(done(), ElementsAre("ingest one.json", "ingest one.json", "ingest one.json",
                                  "ingest one.json", "ingest one.json"));
  EXPECT_THAT(told_.back().state.problems.at("files").what, HasSubstr("The disk is full"));
  EXPECT_EQ(told_.back().state.files_waiting, 1U);

  work_.ingest_error.reset();
  run_for(4s);
  EXPECT_THAT(done(), ElementsAre("ingest one.json", "refresh 2026-01-09"));
  EXPECT_THAT(told_.back().state.problems, IsEmpty());
}

TEST_F(LiveTest, files_that_cannot_be_taken_in_do_not_keep_tables_from_being_refreshed) {
  start();
  run_for(10s);
  done();
  work_.ingest_error = Error{Fault::kUnavailable, "The disk is full"};
  drop("one.json");
  live_->wait(0us);
  ++work_.bronze;  // another process

  run_for(2s);

  EXPECT_THAT(done(), testing::Contains("refresh 2026-01-09"));
}

TEST_F(LiveTest, a_table_that_fails_is_tried_again_and_does_not_hold_up_what_arrives) {
  start({.retry_first = 10s});
  run_for(10s);
  done();
  work_.outcome = TableOutcome::kFailed;
  drop("one.json");
  live_->wait(0us);
  live_->turn();
  EXPECT_THAT(done(), ElementsAre("ingest one.json", "refresh 2026-01-09"));
  EXPECT_THAT(told_.back().state.problems.at("silver.t").what, "it does not work");

  drop("two.json");
  live_->wait(0us);
  live_->turn();
  EXPECT_THAT(done(), ElementsAre("ingest two.json", "refresh 2026-01-09"));
  work_.outcome = TableOutcome::kBuilt;
  run_for(30s);
  EXPECT_THAT(done(), ElementsAre("refresh 2026-01-09"));
  EXPECT_THAT(told_.back().state.problems, IsEmpty());
}

TEST_F(LiveTest, a_table_that_fails_is_told_before_the_others_are_done_and_when_it_is_tried_again) {
  start({.retry_first = 10s, .retry_max = 15s});
  run_for(10s);
  work_.outcome = TableOutcome::kFailed;
  work_.others_take = 1min;
  told_.clear();
  const Timestamp before = clock_.now();
  drop("one.json");
  live_->wait(0us);
  live_->turn();

  ASSERT_EQ(told_.size(), 2) << "that it failed, and then what was done";
  EXPECT_FALSE(told_[0].refreshed);
  EXPECT_EQ(told_[0].state.problems.at("silver.t").what, "it does not work");
  EXPECT_LT(told_[0].finished_at - before, 1min);
  EXPECT_TRUE(told_[1].refreshed);
  EXPECT_EQ(told_[1].state.problems.at("silver.t").again_at,
            before + work_.refresh_takes + 1min + 10s);
  run_for(1min);
  EXPECT_EQ(told_.back().state.problems.at("silver.t").since, told_[0].finished_at);
}

TEST_F(LiveTest, a_table_that_a_rule_refuses_waits_for_its_inputs) {
  start();
  run_for(10s);
  done();
  work_.outcome = TableOutcome::kRefused;
  drop("one.json");
  run_for(1h);

  EXPECT_THAT(done(), ElementsAre("ingest one.json", "refresh 2026-01-09"));
  EXPECT_EQ(told_.back().state.problems.at("silver.t").what,
            "it does not work\n  again  when an input of it changes");
  EXPECT_FALSE(told_.back().state.problems.at("silver.t").again_at);
}

TEST_F(LiveTest, a_file_that_no_source_can_read_is_named_and_not_tried_again) {
  start();
  run_for(10s);
  done();
  work_.left_out = {{"bad.json", Fault::kInvalidInput, "it holds no record"}};
  drop("bad.json");
  run_for(10min);

  EXPECT_THAT(done(), ElementsAre("ingest bad.json", "refresh 2026-01-09"));
  ASSERT_EQ(told_.back().state.files_refused.size(), 1U);
  EXPECT_EQ(told_.back().state.files_refused[0].reason, "it holds no record");
}

TEST_F(LiveTest, a_file_that_changes_while_it_is_read_comes_to_rest_first) {
  start();
  run_for(10s);
  done();
  work_.left_out = {{"one.json", Fault::kConflict, "it changed"}};
  drop("one.json");
  live_->wait(0us);
  live_->turn();
  work_.left_out.clear();
  done();

  run_for(100ms);
  EXPECT_THAT(done(), IsEmpty());
  run_for(1s);
  EXPECT_THAT(done(), ElementsAre("ingest one.json", "refresh 2026-01-09"));
}

TEST_F(LiveTest, a_file_that_cannot_be_opened_does_not_keep_the_loop_busy) {
  start();
  run_for(10s);
  done();
  work_.left_out = {{"mine.json", Fault::kUnavailable, "no permission"}};
  drop("mine.json");

  run_for(60s);

  // After 0.3, 0.6, 1.2, ... 38.4 s, none of them sooner than twice the last.
  EXPECT_LE(done().size(), 2U * 9U);
  ASSERT_EQ(told_.back().state.files_refused.size(), 1U);
  EXPECT_EQ(told_.back().state.files_refused[0].reason, "no permission");
}

TEST_F(LiveTest, a_problem_of_the_folder_is_told_and_goes) {
  start();
  run_for(10s);
  arrivals_.arrived.problem = "raw is not there";
  live_->wait(0us);
  live_->turn();
  EXPECT_EQ(told_.back().state.problems.at("raw folder").what, "raw is not there");

  run_for(2s);
  EXPECT_THAT(told_.back().state.problems, IsEmpty());
}

}  // namespace
}  // namespace claimlake::schedule
