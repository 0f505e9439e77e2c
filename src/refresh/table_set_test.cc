// The tables of one refresh that are published together, or not at all.
#include <fmt/format.h>

#include <functional>

#include "refresh/pack_for_test.h"
#include "store/passing_store_for_test.h"

namespace claimlake::refresh {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kGold = "gold/policies";
constexpr const char* kSilver = "silver/claims";

// Something else happens before commits of a table arrive in the store.
class BeforeCommits final : public store::PassingStore {
 public:
  BeforeCommits(store::Store& inner, std::string table, std::function<void(int)> happens)
      : PassingStore(inner), table_(std::move(table)), happens_(std::move(happens)) {}
  Result<store::Put> put_if_absent(std::string_view path, std::string_view bytes) override {
    if (path.starts_with(table_ + "/_delta_log/") && path.ends_with(".json")) happens_(++times_);
    return inner_.put_if_absent(path, bytes);
  }

 private:
  const std::string table_;
  const std::function<void(int)> happens_;
  int times_ = 0;
};

class TableSetTest : public testing::Test {
 protected:
  TableSetTest() { publish("together"); }
  void publish(const std::string& how) const {
    files.write("pack.yml", "name: pack\ntitle: T\ntime_zone: UTC\npublish: " + how + "\n");
  }
  void claim(const std::string& id, const std::string& policy, int amount) {
    raw("claims_" + id + ".jsonl",
        fmt::format("{{\"id\":\"{}\",\"policy\":\"{}\",\"amount\":{}}}\n", id, policy, amount));
  }
  void raw(const std::string& name, const std::string& lines) {
    ASSERT_TRUE(store.put("raw/" + name, lines));
  }
  // Policies cost less than that together, or Gold is refused; a claim without an amount waits.
  void rules(int most) const {
    files.write(
        "3_gold/policies.yml",
        fmt::format("tables:\n  gold.policies:\n    set: {{little: {{sql: \"SELECT count(*) "
                    "FROM {{new}} WHERE amount >= {}\", expect: \"= 0\", else: fail}}}}\n",
                    most));
    files.write(
        "2_silver/claims.yml",
        "tables:\n  silver.claims:\n    row: {known: {column: amount, not_null: true, else: "
        "quarantine}}\n");
  }
  // One claim in Silver and Gold.
  void fill() {
    claim("c1", "p1", 10);
    PipelineProcess process = start();
    process.ingest();
    EXPECT_EQ(process.run().at("gold.policies").outcome, TableOutcome::kBuilt);
  }
  // A change of both tables is in Bronze.
  void change() {
    claim("c2", "p1", 20);
    start().ingest();
  }
  PipelineProcess start() { return PipelineProcess(files, store, clock, random); }
  std::string now() {
    PipelineProcess process = start();
    return process.claims() + "| " + process.policies();
  }
  std::string written(const std::string& table) {
    const auto objects = store.list_all(table);
    std::string out;
    for (const auto& object : *objects) out += object.path + " ";
    return out;
  }

  static constexpr const char* kBefore = "c1 p1 10 | p1 10 ";
  static constexpr const char* kAfter = "c1 p1 10 c2 p1 20 | p1 30 ";
  static constexpr const char* kHalf = "c1 p1 10 c2 p1 20 | p1 10 ";
  PackFiles files;
  SimClock clock{Timestamp(std::chrono::hours(24 * 365 * 50))};
  SeededRandom random{1};
  store::MemoryStore store{clock};
};

TEST_F(TableSetTest, a_table_that_is_refused_keeps_all_others_back_until_it_is_mended) {
  rules(25);
  fill();
  const std::string silver = written(kSilver);
  const std::string gold = written(kGold);
  change();
  raw("claims_c3.jsonl", "{\"id\":\"c3\",\"policy\":\"p1\"}\n");
  PipelineProcess process = start();
  process.ingest();

  const auto reports = process.run();

  EXPECT_EQ(reports.at("gold.policies").outcome, TableOutcome::kRefused);
  const TableReport& claims = reports.at("silver.claims");
  EXPECT_EQ(claims.outcome, TableOutcome::kRefused);
  EXPECT_EQ(claims.version, 0) << "that readers see";
  EXPECT_EQ(claims.rows, 0);
  EXPECT_THAT(claims.message, AllOf(HasSubstr("kept back, because gold.policies was refused"),
                                    HasSubstr("rule little")));
  EXPECT_EQ(process.claims() + "| " + process.policies(), kBefore);
  EXPECT_EQ(now(), kBefore);
  EXPECT_EQ(written(kSilver), silver) << "no file stays of what was kept back";
  EXPECT_EQ(written(kGold), gold);
  EXPECT_EQ(process.rows("SELECT key FROM ops.quarantine"), "");
  EXPECT_EQ(process.rows("SELECT table_name, outcome FROM ops.runs WHERE kind = 'run' AND message "
                         "LIKE '%rule little%' ORDER BY ALL"),
            "gold.policies refused silver.claims refused ");
  std::vector<std::string> stale;
  for (const Stale& each : process.stale()) {
    stale.push_back(each.table + " " + each.because_of);
    EXPECT_THAT(each.rules, ElementsAre("little"));
  }
  EXPECT_THAT(stale, ElementsAre("silver.claims gold.policies", "gold.policies gold.policies"));

  rules(100);
  PipelineProcess mended = start();
  EXPECT_EQ(mended.run().at("silver.claims").outcome, TableOutcome::kBuilt);
  EXPECT_EQ(now(), kAfter);
  EXPECT_THAT(mended.stale(), IsEmpty());
  EXPECT_EQ(mended.rows("SELECT key, state FROM ops.quarantine"), "c3 open ");
  EXPECT_EQ(mended.run().at("silver.claims").outcome, TableOutcome::kSkipped);
}

TEST_F(TableSetTest, the_same_process_goes_on_after_it_was_kept_back) {
  rules(25);
  fill();
  change();
  PipelineProcess process = start();
  EXPECT_EQ(process.run().at("silver.claims").outcome, TableOutcome::kRefused);
  EXPECT_EQ(process.run().at("silver.claims").outcome, TableOutcome::kRefused);
  ASSERT_EQ(process.say("DELETE FROM bronze.claims WHERE id = 'c1'"), "");

  const auto reports = process.run();

  EXPECT_EQ(reports.at("silver.claims").way, "by key (2 touched)");
  EXPECT_EQ(reports.at("silver.claims").version, 1);
  EXPECT_EQ(process.claims() + "| " + process.policies(), "c2 p1 20 | p1 20 ");
}

TEST_F(TableSetTest, a_first_refresh_that_is_refused_makes_no_table) {
  rules(5);
  claim("c1", "p1", 10);
  PipelineProcess process = start();
  process.ingest();

  const auto reports = process.run();

  EXPECT_EQ(reports.at("silver.claims").outcome, TableOutcome::kRefused);
  EXPECT_EQ(reports.at("silver.claims").version, std::nullopt);
  EXPECT_EQ(written(kSilver), "");
  EXPECT_EQ(written(kGold), "");
  EXPECT_EQ(process.stale().size(), 2u);

  rules(100);
  PipelineProcess mended = start();
  EXPECT_EQ(mended.run().at("silver.claims").version, 0);
  EXPECT_EQ(now(), kBefore);
}

TEST_F(TableSetTest, gives_what_tables_have_that_are_published_each_by_itself) {
  rules(1000);
  std::map<std::string, std::string> results;
  std::map<std::string, std::string> ways;
  for (const std::string how : {"each", "together"}) {
    publish(how);
    store::MemoryStore apart(clock);
    PipelineProcess process(files, apart, clock, random);
    for (int i = 0; i < 25; ++i) {
      const std::string amount = i % 4 == 3 ? "null" : std::to_string(i);
      ASSERT_TRUE(apart.put(
          fmt::format("raw/claims{:02}.jsonl", i),
          fmt::format("{{\"id\":\"c{}\",\"policy\":\"p{}\",\"amount\":{}}}\n", i, i % 3, amount)));
      process.ingest();
      if (i == 12) {
        ASSERT_EQ(process.say("DELETE FROM bronze.claims WHERE id = 'c4'"), "");
      }
      for (const auto& [table, report] : process.run()) {
        ways[how] += fmt::format("{} {} {}\n", table, report.way, *report.version);
      }
      process.keep_up();
      results[how] += process.claims() + "| " + process.policies() + "\n";
    }
    results[how] += process.rows("SELECT key, state FROM ops.quarantine ORDER BY ALL");
    const auto log = apart.list("gold/policies/_delta_log");
    EXPECT_TRUE(std::any_of(log->begin(), log->end(), [](const store::ObjectInfo& object) {
      return object.path.find("10.checkpoint") != std::string::npos;
    })) << how;
  }
  EXPECT_EQ(results["each"], results["together"]);
  EXPECT_EQ(ways["each"], ways["together"]);
  EXPECT_THAT(ways["together"], HasSubstr("gold.policies by key (1 touched"));
}

TEST_F(TableSetTest, nobody_sees_a_table_before_all_are_audited) {
  fill();
  change();
  std::string seen;
  BeforeCommits watched(store, kSilver, [&](int) { seen += now(); });
  PipelineProcess process(files, watched, clock, random);

  process.run();

  EXPECT_EQ(seen, kBefore) << "when the first of them is published";
  EXPECT_EQ(now(), kAfter);
}

TEST_F(TableSetTest, who_was_in_the_way_before_the_first_is_published_has_all_computed_again) {
  fill();
  change();
  // Another's definition comes while Gold is written: before anything is published.
  bool happened = false;
  struct OnCreate final : store::PassingStore {
    OnCreate(store::Store& inner, std::function<void()> happens)
        : PassingStore(inner), happens_(std::move(happens)) {}
    Result<std::unique_ptr<store::Writer>> create(std::string_view path) override {
      if (path.starts_with(kGold)) happens_();
      return inner_.create(path);
    }
    std::function<void()> happens_;
  };
  OnCreate watched(store, [&] {
    if (std::exchange(happened, true)) return;
    EXPECT_EQ(start().say("ALTER TABLE silver.claims SET TBLPROPERTIES ('a' = 'b')"), "");
  });
  PipelineProcess process(files, watched, clock, random);

  const auto reports = process.run();

  ASSERT_TRUE(happened);
  EXPECT_EQ(reports.at("silver.claims").version, 2);
  EXPECT_EQ(reports.at("gold.policies").outcome, TableOutcome::kBuilt);
  EXPECT_EQ(now(), kAfter);
}

TEST_F(TableSetTest, who_comes_in_between_leaves_a_prefix_that_is_completed_at_once) {
  fill();
  change();
  std::string seen;
  BeforeCommits watched(store, kGold, [&](int time) {
    seen += now();
    if (time > 1) return;
    EXPECT_EQ(start().say("ALTER TABLE gold.policies SET TBLPROPERTIES ('a' = 'b')"), "");
  });
  PipelineProcess process(files, watched, clock, random);

  const auto reports = process.run();

  EXPECT_EQ(seen, std::string(kHalf) + kHalf);
  EXPECT_EQ(reports.at("silver.claims").outcome, TableOutcome::kBuilt) << "by the first attempt";
  EXPECT_EQ(reports.at("gold.policies").outcome, TableOutcome::kBuilt);
  EXPECT_EQ(now(), kAfter);
  EXPECT_THAT(process.stale(), IsEmpty());
}

TEST_F(TableSetTest, who_comes_in_between_again_and_again_leaves_it_to_the_next_refresh) {
  fill();
  change();
  BeforeCommits watched(store, kGold, [&](int time) {
    EXPECT_EQ(
        start().say(fmt::format("ALTER TABLE gold.policies SET TBLPROPERTIES ('a' = '{}')", time)),
        "");
  });
  {
    PipelineProcess process(files, watched, clock, random);

    const auto reports = process.run();

    EXPECT_EQ(reports.at("silver.claims").outcome, TableOutcome::kBuilt);
    EXPECT_EQ(reports.at("gold.policies").outcome, TableOutcome::kFailed);
    EXPECT_THAT(reports.at("gold.policies").message,
                AllOf(HasSubstr("another writer has committed gold/policies/_delta_log/"),
                      HasSubstr("the next refresh goes on")));
    ASSERT_EQ(process.stale().size(), 1u);
    EXPECT_EQ(now(), kHalf);
  }

  PipelineProcess process = start();
  EXPECT_EQ(process.run().at("gold.policies").outcome, TableOutcome::kBuilt);
  EXPECT_EQ(now(), kAfter);
  EXPECT_THAT(process.stale(), IsEmpty());
}

// What becomes of the operation with that number, of those that change the store.
class AtOperation final : public store::FaultPlan {
 public:
  AtOperation(int number, store::Fate fate) : left_(number), fate_(fate) {}
  store::Fate next(store::Operation operation, std::string_view) override {
    if (operation < store::Operation::kPutIfAbsent) return store::Fate::kNormal;
    if (--left_ != 0) return store::Fate::kNormal;
    happened = true;
    return fate_;
  }
  bool arrives(std::string_view) override { return false; }

  bool happened = false;

 private:
  int left_;
  const store::Fate fate_;
};

TEST_F(TableSetTest, a_death_at_any_change_of_the_store_leaves_a_prefix_that_the_next_completes) {
  rules(1000);
  fill();
  change();
  raw("claims_c3.jsonl", "{\"id\":\"c3\",\"policy\":\"p1\"}\n");
  start().ingest();
  std::map<std::string, int> seen;
  for (const store::Fate fate : {store::Fate::kDieBefore, store::Fate::kDieAfter,
                                 store::Fate::kFail, store::Fate::kLoseAnswer}) {
    bool happened = true;
    for (int number = 1; happened; ++number) {
      SCOPED_TRACE(fmt::format("fate {} at {}", static_cast<int>(fate), number));
      ASSERT_LT(number, 300);
      store::MemoryStore apart(clock);
      const auto objects = store.list_all("");
      for (const auto& object : *objects) {
        ASSERT_TRUE(apart.put(object.path, *store.read(object.path)));
      }
      AtOperation plan(number, fate);
      {
        store::FaultyStore faulty(apart, plan);
        PipelineProcess process(files, faulty, clock, random);
        process.try_all();
      }
      happened = plan.happened;
      PipelineProcess next(files, apart, clock, random);
      const std::string left = next.claims() + "| " + next.policies();
      EXPECT_TRUE(left == kBefore || left == kHalf || left == kAfter) << left;
      ++seen[left];
      next.ingest();
      next.run();
      EXPECT_EQ(next.claims() + "| " + next.policies(), kAfter);
      EXPECT_EQ(next.rows("SELECT key, state FROM ops.quarantine"), "c3 open ");
      EXPECT_THAT(next.stale(), IsEmpty());
      EXPECT_EQ(next.run().at("gold.policies").outcome, TableOutcome::kSkipped);
    }
  }
  EXPECT_GT(seen[kBefore], 0);
  EXPECT_GT(seen[kHalf], 0) << "the few moments between two puts";
  EXPECT_GT(seen[kAfter], 0);
}

}  // namespace
}  // namespace claimlake::refresh
