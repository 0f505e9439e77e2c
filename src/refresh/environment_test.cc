// An environment: made without a copy, kept apart from main, and in the state that main is in.
#include "refresh/environment.h"

#include <gmock/gmock.h>

#include "refresh/pack_for_test.h"
#include "refresh/plan.h"
#include "refresh/prove.h"
#include "store/environment.h"

namespace claimlake::refresh {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class EnvironmentTest : public testing::Test {
 protected:
  EnvironmentTest() {
    raw("claims_1.jsonl", R"({"id":"a","policy":"p","amount":1})"
                          "\n"
                          R"({"id":"b","policy":"p","amount":2})"
                          "\n"
                          R"({"id":"c","policy":"q","amount":4})"
                          "\n");
    build(main_);
  }
  void raw(const std::string& name, const std::string& text) {
    EXPECT_TRUE(main_.put("raw/" + name, text));
  }
  std::map<std::string, TableReport> build(store::Store& store) {
    PipelineProcess process(files_, store, clock_, random_);
    process.ingest();
    return process.run();
  }
  // Opens the lake of `store` and does `work` with it.
  template <class Work>
  auto with(store::Store& store, Work&& work) {
    const auto engine =
        *engine::open_engine({.threads = 1, .spill_folder = "", .random = &random_}, store, clock_);
    lake::Lake lake({store, clock_, random_, engine->parquet_io(), "tester"});
    engine->attach(lake);
    const auto session = *engine->session({.access = engine::Access::kInternal});
    return work(lake, *engine, *session);
  }
  std::vector<EnvironmentTable> make() {
    return with(*dev_, [](lake::Lake& lake, engine::Engine&, engine::Session& session) {
      auto made = clone_main(lake, session, "run");
      EXPECT_TRUE(made) << made.error().text();
      return made ? *std::move(made) : std::vector<EnvironmentTable>();
    });
  }
  // "table state" of what a plan does not leave alone, or finds behind.
  std::vector<std::string> plan(store::Store& store) {
    return with(store, [&](lake::Lake& lake, engine::Engine& engine, engine::Session& session) {
      const auto pack = *files_.load(engine);
      const auto made = make_plan({lake, session, pack, Date{}});
      EXPECT_TRUE(made) << made.error().text();
      std::vector<std::string> out;
      for (const PlannedModel& each : made->models) {
        if (each.behind) out.push_back(each.model + " behind");
        if (each.state == PlanState::kUnchanged) continue;
        out.push_back(each.model + " " + plan_state_name(each.state));
      }
      return out;
    });
  }
  std::string policies(store::Store& store) {
    return PipelineProcess(files_, store, clock_, random_).policies();
  }
  std::vector<std::string> built(store::Store& store) {
    std::vector<std::string> out;
    for (const auto& [table, report] : build(store)) {
      if (report.outcome == TableOutcome::kBuilt) out.push_back(table + " " + report.way);
    }
    return out;
  }
  std::size_t data_files(const std::string& folder) {
    std::size_t count = 0;
    const auto objects = main_.list_all(folder);
    for (const auto& object : *objects) {
      count += object.path.ends_with(".parquet") && !object.path.ends_with(".checkpoint.parquet");
    }
    return count;
  }
  void edit() {
    files_.write("3_gold/policies.sql",
                 PackFiles::header("kind: keyed\nkey: policy\naggregation: customer") +
                     "SELECT policy, -- key\n CAST(SUM(amount) * 10 AS BIGINT) AS amount -- all "
                     "[USD]\nFROM silver.claims GROUP BY policy\n");
  }

  PackFiles files_;
  SimClock clock_;
  SeededRandom random_{11};
  store::MemoryStore main_{clock_};
  std::unique_ptr<store::Store> dev_ = store::make_environment_store(main_, "dev");
};

TEST_F(EnvironmentTest, is_made_without_a_data_file_and_has_all_rows) {
  const auto tables = make();

  EXPECT_EQ(data_files("environments"), 0u);
  EXPECT_EQ(tables.size(), 7u);  // three of the pack, four of ops
  for (const EnvironmentTable& table : tables) {
    EXPECT_TRUE(table.shared) << table.table;
    EXPECT_EQ(table.own_bytes, 0) << table.table;
  }
  EXPECT_EQ(policies(*dev_), "p 3 q 4 ");
}

TEST_F(EnvironmentTest, is_in_the_state_of_main_and_computes_nothing_anew) {
  make();

  EXPECT_THAT(plan(*dev_), IsEmpty());
  EXPECT_THAT(built(*dev_), IsEmpty());
}

TEST_F(EnvironmentTest, does_not_mind_inputs_that_a_model_has_lost) {
  files_.write("2_silver/others.sql", PackFiles::header("kind: keyed\nkey: id") +
                                          "SELECT id, policy, amount FROM bronze.claims\n");
  files_.write("3_gold/policies.sql",
               PackFiles::header("kind: keyed\nkey: policy\naggregation: customer") +
                   "SELECT policy, -- key\n CAST(SUM(amount) AS BIGINT) AS amount -- all [USD]\n"
                   "FROM silver.others GROUP BY policy\n");
  build(main_);
  edit();
  build(main_);
  make();

  EXPECT_THAT(plan(*dev_), IsEmpty());
  EXPECT_THAT(built(*dev_), IsEmpty());
}

TEST_F(EnvironmentTest, only_what_an_edit_leads_to_is_computed_and_main_stays_as_it_is) {
  make();
  edit();

  EXPECT_THAT(plan(*dev_), testing::ElementsAre("gold.policies changed"));
  EXPECT_THAT(built(*dev_), testing::ElementsAre(testing::StartsWith("gold.policies whole")));

  EXPECT_EQ(policies(*dev_), "p 30 q 40 ");
  EXPECT_EQ(policies(main_), "p 3 q 4 ");
  // Promoting it is to do the same in main.
  EXPECT_THAT(plan(main_), testing::ElementsAre("gold.policies changed"));
  build(main_);
  EXPECT_EQ(policies(main_), "p 30 q 40 ");
}

TEST_F(EnvironmentTest, an_edit_made_before_it_is_seen_by_its_plan) {
  edit();
  make();

  EXPECT_THAT(plan(*dev_), testing::ElementsAre("gold.policies changed"));
}

TEST_F(EnvironmentTest, goes_on_by_key_with_what_arrives_and_takes_no_file_in_twice) {
  make();
  raw("claims_2.jsonl", "{\"id\":\"d\",\"policy\":\"q\",\"amount\":8}\n");

  const auto tables = built(*dev_);

  EXPECT_THAT(tables, testing::ElementsAre(testing::StartsWith("gold.policies by key"),
                                           testing::StartsWith("silver.claims by key")));
  EXPECT_EQ(policies(*dev_), "p 3 q 12 ");
  EXPECT_EQ(policies(main_), "p 3 q 4 ");
  PipelineProcess process(files_, *dev_, clock_, random_);
  EXPECT_EQ(process.rows("SELECT count(*) FROM bronze.claims"), "4 ");
}

TEST_F(EnvironmentTest, can_be_proved) {
  make();
  edit();
  build(*dev_);

  with(*dev_, [&](lake::Lake& lake, engine::Engine& engine, engine::Session& session) {
    const auto pack = *files_.load(engine);
    NoProgress progress;
    const auto proof = prove({lake, session, pack, clock_, progress, Cancel()}, {});
    ASSERT_TRUE(proof) << proof.error().text();
    for (const TableProof& table : proof->tables) {
      EXPECT_EQ(table.outcome, ProofOutcome::kEqual) << table.table << table.message;
    }
  });
}

TEST_F(EnvironmentTest, a_table_of_main_that_waits_for_a_run_is_computed_by_the_next_one) {
  raw("claims_2.jsonl", "{\"id\":\"d\",\"policy\":\"q\",\"amount\":8}\n");
  PipelineProcess(files_, main_, clock_, random_).ingest();
  make();

  EXPECT_THAT(plan(*dev_), testing::Contains("silver.claims behind"));
  build(*dev_);

  EXPECT_EQ(policies(*dev_), "p 3 q 12 ");
}

TEST_F(EnvironmentTest, two_environments_stay_apart) {
  make();
  const auto other = store::make_environment_store(main_, "other");
  with(*other, [](lake::Lake& lake, engine::Engine&, engine::Session& session) {
    EXPECT_TRUE(clone_main(lake, session, "run"));
  });
  edit();
  build(*dev_);

  EXPECT_EQ(policies(*other), "p 3 q 4 ");
  EXPECT_EQ(policies(*dev_), "p 30 q 40 ");
}

TEST_F(EnvironmentTest, of_a_lake_without_tables_is_refused) {
  store::MemoryStore empty(clock_);
  const auto dev = store::make_environment_store(empty, "dev");

  const auto said = with(*dev, [](lake::Lake& lake, engine::Engine&, engine::Session& session) {
    return clone_main(lake, session, "run").error().text();
  });

  EXPECT_THAT(said, HasSubstr("claimlake ingest and claimlake run first"));
}

}  // namespace
}  // namespace claimlake::refresh
