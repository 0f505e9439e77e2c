#include "refresh/plan_diff.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "refresh/pipeline.h"
#include "store/memory_store.h"

namespace claimlake::refresh {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kClaims =
    "SELECT claim_id, amount, CAST(amount * 2 AS DECIMAL(18,2)) AS twice, note\n"
    "FROM bronze.claims_raw";
constexpr const char* kTotals =
    "SELECT claim_id, -- key\n SUM(amount) AS amount, -- sum [USD]\n"
    " SUM(twice) AS twice -- of twice [USD]\nFROM silver.claims GROUP BY claim_id";

// A pack of one table in each layer and a view, and a lake in memory that is built by it.
class PlanTest : public testing::Test {
 protected:
  PlanTest() {
    auto opened =
        engine::open_engine({.threads = 2, .spill_folder = "", .random = &random}, store, clock);
    EXPECT_TRUE(opened) << opened.error().text();
    engine = *std::move(opened);
    lake = std::make_unique<lake::Lake>(
        lake::LakeContext{store, clock, random, engine->parquet_io(), "tester"});
    engine->attach(*lake);
    fs::remove_all(folder);
    write("pack.yml", "name: " + folder.filename().string() + "\ntitle: T\ntime_zone: UTC\n");
    write("0_sources/claims.yml",
          "source: claims\ntable: bronze.claims_raw\nfiles: [claims.jsonl]\nrequired: [claim_id]\n"
          "columns: {claim_id: string, amount: \"decimal(18,2)\", note: string}\n");
    model("1_bronze/claims_raw.sql", "kind: append",
          "SELECT claim_id, amount, note FROM raw.claims");
    model("2_silver/claims.sql", "kind: keyed\nkey: claim_id", kClaims);
    model("3_gold/totals.sql", "kind: keyed\nkey: claim_id\naggregation: claim", kTotals);
    model("4_serving/vw_totals.sql", "kind: view", "SELECT * FROM gold.totals");
    run();
  }
  ~PlanTest() override { fs::remove_all(folder); }

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  void model(const std::string& name, const std::string& header, const std::string& sql) const {
    write(name, "/* claimlake\ndescription: D.\n" + header + "\n*/\n" + sql + "\n");
  }
  pack::Pack pack() {
    auto loaded = pack::load_pack(folder.string(), *engine);
    EXPECT_TRUE(loaded) << loaded.error().text();
    return loaded ? *std::move(loaded) : pack::Pack();
  }
  // The tables that were built.
  std::vector<std::string> run() {
    const pack::Pack loaded = pack();
    NoProgress progress;
    Pipeline pipeline({*lake, *engine, loaded, clock, random}, progress, Cancel());
    EXPECT_TRUE(pipeline.prepare());
    const auto report = pipeline.run({});
    EXPECT_TRUE(report) << report.error().text();
    std::vector<std::string> built;
    for (const TableReport& table : report->tables) {
      EXPECT_EQ(table.message, "");
      if (table.outcome == TableOutcome::kBuilt) built.push_back(table.table);
    }
    return built;
  }
  Plan plan() {
    const auto session = engine->session({.access = engine::Access::kInternal});
    const pack::Pack loaded = pack();
    show_views(*lake, loaded);
    auto made = make_plan({*lake, **session, loaded, Date{}});
    EXPECT_TRUE(made) << made.error().text();
    return made ? *std::move(made) : Plan();
  }
  // Adds rows to Bronze, which a run then brings to Silver and Gold.
  void arrive(const std::string& rows) {
    const auto session = engine->session({.access = engine::Access::kInternal});
    lake::WriteRequest request;
    auto staged = lake->stage(**session, {"bronze", "claims_raw"},
                              "SELECT claim_id, CAST(amount AS DECIMAL(18,2)) AS amount, note FROM "
                              "(VALUES " +
                                  rows + ") AS arrived(claim_id, amount, note)");
    ASSERT_TRUE(staged) << staged.error().text();
    request.staged = *std::move(staged);
    request.base = *lake->snapshot({"bronze", "claims_raw"});
    ASSERT_TRUE(lake->commit(std::move(request)));
  }
  // "table compared: +come -go ~differ; column before>after of key" of each table.
  std::vector<std::string> diff(double share = 1) {
    const auto session = engine->session({.access = engine::Access::kInternal});
    const pack::Pack loaded = pack();
    const PlanInput input{*lake, **session, loaded, Date{}};
    const auto made = make_plan(input);
    EXPECT_TRUE(made) << made.error().text();
    const auto diffs = diff_plan(input, *made, share);
    if (!diffs) return {diffs.error().text()};
    std::vector<std::string> out;
    for (const PlanDiff& each : *diffs) {
      std::string line = each.table + " " + std::to_string(each.compared) + ": +" +
                         std::to_string(each.come) + " -" + std::to_string(each.go) + " ~" +
                         std::to_string(each.differ);
      for (const PlanDiff::Column& column : each.columns) {
        line += "; " + column.column + " " + column.before.value_or("null") + ">" +
                column.after.value_or("null") + " of " + column.key;
      }
      out.push_back(line + (each.note.empty() ? "" : "; " + each.note));
    }
    return out;
  }
  static const PlannedModel& of(const Plan& plan, const std::string& name) {
    for (const PlannedModel& each : plan.models) {
      if (each.model == name) return each;
    }
    ADD_FAILURE() << "no " << name;
    return plan.models.front();
  }
  static std::vector<std::string> states(const Plan& plan) {
    std::vector<std::string> out;
    for (const PlannedModel& each : plan.models) {
      out.push_back(each.model + " " + plan_state_name(each.state));
    }
    return out;
  }

  SystemClock clock;
  SeededRandom random{1};
  store::MemoryStore store{clock};
  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<lake::Lake> lake;
  const fs::path folder =
      fs::temp_directory_path() /
      ("plan_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
};

TEST_F(PlanTest, nothing_is_to_do_where_the_lake_is_built_by_the_pack) {
  const Plan made = plan();

  EXPECT_FALSE(made.any_work());
  EXPECT_THAT(states(made), ElementsAre("bronze.claims_raw unchanged", "silver.claims unchanged",
                                        "gold.totals unchanged", "serving.vw_totals unchanged"));
  EXPECT_EQ(plan().id, made.id);
}

TEST_F(PlanTest, a_formula_leads_to_the_columns_that_are_computed_from_it) {
  const std::string before = plan().id;
  model("2_silver/claims.sql", "kind: keyed\nkey: claim_id",
        "SELECT claim_id, amount, CAST(amount + amount AS DECIMAL(18,2)) AS twice, note\n"
        "FROM bronze.claims_raw");

  const Plan made = plan();

  EXPECT_NE(made.id, before);
  const PlannedModel& claims = of(made, "silver.claims");
  EXPECT_EQ(claims.state, PlanState::kChanged);
  EXPECT_EQ(claims.change.change_class, pack::ChangeClass::kValues);
  EXPECT_THAT(claims.columns, ElementsAre("twice"));
  EXPECT_EQ(claims.work, PlanWork::kWhole);
  EXPECT_TRUE(claims.seconds.has_value());
  const PlannedModel& totals = of(made, "gold.totals");
  EXPECT_EQ(totals.state, PlanState::kAffected);
  EXPECT_THAT(totals.because, ElementsAre("silver.claims"));
  EXPECT_FALSE(totals.all_columns);
  EXPECT_THAT(totals.columns, ElementsAre("twice"));
  const PlannedModel& view = of(made, "serving.vw_totals");
  EXPECT_THAT(view.columns, ElementsAre("twice"));
  EXPECT_EQ(view.work, PlanWork::kAtOnce);
  EXPECT_THAT(made.tables(), ElementsAre("silver.claims", "gold.totals"));
  EXPECT_THAT(run(), ElementsAre("silver.claims", "gold.totals"));
  EXPECT_FALSE(plan().any_work());
}

TEST_F(PlanTest, a_column_that_only_decides_which_rows_there_are_is_told) {
  const auto reader = [this](const std::string& name, const std::string& sql) {
    model("3_gold/" + name + ".sql", "kind: full\naggregation: claim", sql);
  };
  reader("filtered", "SELECT claim_id -- key\nFROM silver.claims WHERE twice > 10");
  reader("grouped",
         "SELECT COUNT(*) AS claims -- of one double [claims]\nFROM silver.claims GROUP BY twice");
  reader("joined",
         "SELECT a.note -- text\nFROM silver.claims a JOIN silver.claims b ON a.twice = "
         "b.amount");
  reader("others", "SELECT note -- text\nFROM silver.claims WHERE amount > 10");
  model("4_serving/vw_filtered.sql", "kind: view", "SELECT * FROM gold.filtered");
  run();
  model("2_silver/claims.sql", "kind: keyed\nkey: claim_id",
        "SELECT claim_id, amount, CAST(amount + amount AS DECIMAL(18,2)) AS twice, note\n"
        "FROM bronze.claims_raw");

  const Plan made = plan();

  for (const char* name : {"gold.filtered", "gold.grouped", "gold.joined"}) {
    EXPECT_THAT(of(made, name).decided_by, ElementsAre("silver.claims.twice")) << name;
    EXPECT_TRUE(of(made, name).all_columns) << name;
    EXPECT_TRUE(of(made, name).rows_may_differ) << name;
  }
  EXPECT_TRUE(of(made, "serving.vw_filtered").rows_may_differ);
  EXPECT_THAT(of(made, "gold.others").decided_by, IsEmpty());
  EXPECT_THAT(of(made, "gold.others").columns, IsEmpty());
  EXPECT_FALSE(of(made, "gold.others").all_columns);
}

TEST_F(PlanTest, a_comment_is_told_and_computes_nothing) {
  model("2_silver/claims.sql", "kind: keyed\nkey: claim_id\nowner: me@example.com",
        std::string("-- All of them.\n") + kClaims);

  const Plan made = plan();

  EXPECT_EQ(of(made, "silver.claims").change.change_class, pack::ChangeClass::kText);
  EXPECT_EQ(of(made, "gold.totals").state, PlanState::kUnchanged);
  EXPECT_THAT(made.tables(), IsEmpty());
  EXPECT_THAT(run(), IsEmpty());
  EXPECT_FALSE(plan().any_work());
}

TEST_F(PlanTest, a_column_that_goes_breaks_readers) {
  model("3_gold/totals.sql", "kind: keyed\nkey: claim_id\naggregation: claim",
        "SELECT claim_id, -- key\n SUM(amount) AS amount -- sum [USD]\n"
        "FROM silver.claims GROUP BY claim_id");

  const Plan made = plan();

  EXPECT_TRUE(made.any_breaking());
  EXPECT_THAT(of(made, "gold.totals").change.breaking, ElementsAre("the column twice goes"));
  EXPECT_EQ(of(made, "silver.claims").state, PlanState::kUnchanged);
}

TEST_F(PlanTest, models_come_and_go) {
  fs::remove(folder / "4_serving/vw_totals.sql");
  model("3_gold/notes.sql", "kind: full\naggregation: claim",
        "SELECT note, -- text\n COUNT(*) AS claims -- with it [claims]\nFROM silver.claims GROUP "
        "BY note");

  const Plan made = plan();

  EXPECT_THAT(states(made), ElementsAre("bronze.claims_raw unchanged", "silver.claims unchanged",
                                        "gold.notes added", "gold.totals unchanged",
                                        "serving.vw_totals removed"));
  EXPECT_THAT(run(), ElementsAre("gold.notes"));
  EXPECT_FALSE(plan().any_work());
}

TEST_F(PlanTest, says_where_the_lake_has_forgotten_by_what_a_table_was_built) {
  const auto objects = store.list_all("ops/models");
  for (const auto& object : *objects) ASSERT_TRUE(store.remove(object.path));
  lake->forget({"ops", "models"});

  const Plan same = plan();
  EXPECT_EQ(of(same, "silver.claims").state, PlanState::kUnchanged);
  EXPECT_THAT(same.tables(), IsEmpty());

  model("2_silver/claims.sql", "kind: keyed\nkey: claim_id",
        "SELECT claim_id, amount, amount AS twice, note FROM bronze.claims_raw");
  const Plan other = plan();
  EXPECT_EQ(of(other, "silver.claims").state, PlanState::kUnknown);
  EXPECT_THAT(other.tables(), ElementsAre("silver.claims", "gold.totals"));
}

TEST_F(PlanTest, a_diff_counts_rows_by_key_and_follows_them_to_the_tables_behind) {
  arrive("('a', 1.00, 'x'), ('b', 2.00, NULL), ('c', 0.00, 'z')");
  run();
  model("2_silver/claims.sql", "kind: keyed\nkey: claim_id",
        "SELECT claim_id, amount, CAST(amount * 3 AS DECIMAL(18,2)) AS twice, note\n"
        "FROM bronze.claims_raw WHERE note IS NOT NULL");

  EXPECT_THAT(diff(), ElementsAre("silver.claims 3: +0 -1 ~1; twice 2.00>3.00 of a",
                                  "gold.totals 3: +0 -1 ~1; twice 2.00>3.00 of a"));
  EXPECT_THAT(states(plan()), testing::Contains("gold.totals affected"));
  const auto rows = (*lake->snapshot({"silver", "claims"}))->row_count();
  EXPECT_EQ(rows, 3) << "a diff writes nothing";
}

TEST_F(PlanTest, a_diff_is_of_the_edit_and_not_of_what_arrived_since) {
  arrive("('a', 1.00, 'x')");
  run();
  arrive("('b', 2.00, 'y')");
  model("3_gold/totals.sql", "kind: keyed\nkey: claim_id\naggregation: claim",
        "SELECT claim_id, -- key\n SUM(amount + 1) AS amount, -- sum [USD]\n"
        " SUM(twice) AS twice -- of twice [USD]\nFROM silver.claims GROUP BY claim_id");

  EXPECT_TRUE(of(plan(), "silver.claims").behind);
  EXPECT_THAT(diff(), ElementsAre("gold.totals 1: +0 -0 ~1; amount 1.00>2.00 of a"));
}

TEST_F(PlanTest, a_sample_looks_at_some_keys_of_what_is_another_model) {
  std::string rows;
  for (int i = 0; i < 100; ++i) {
    rows += (i == 0 ? "" : ", ") + ("('k" + std::to_string(i) + "', 1.00, 'x')");
  }
  arrive(rows);
  run();
  model("2_silver/claims.sql", "kind: keyed\nkey: claim_id",
        "SELECT claim_id, amount, amount AS twice, note FROM bronze.claims_raw");

  const auto sampled = diff(0.3);

  ASSERT_EQ(sampled.size(), 1U);
  EXPECT_THAT(sampled[0], testing::ContainsRegex("silver.claims ([1-9]|[1-7][0-9]): .0 -0 ~"));
  EXPECT_EQ(diff(0.3), sampled) << "the same keys each time";
}

TEST_F(PlanTest, a_table_without_a_key_is_compared_by_whole_rows) {
  model("3_gold/notes.sql", "kind: full\naggregation: claim",
        "SELECT note, -- text\n COUNT(*) AS claims -- with it [claims]\n"
        "FROM silver.claims GROUP BY note");
  arrive("('a', 1.00, 'x'), ('b', 2.00, 'x'), ('c', 1.00, 'y')");
  run();
  model("3_gold/notes.sql", "kind: full\naggregation: claim",
        "SELECT note, -- text\n COUNT(*) * 2 - 1 AS claims -- with it [claims]\n"
        "FROM silver.claims GROUP BY note");

  EXPECT_THAT(diff(), ElementsAre("gold.notes 2: +1 -1 ~0"));
  EXPECT_THAT(diff(0.5), ElementsAre("gold.notes 0: +0 -0 ~0; not compared: no key leads to a "
                                     "sample of it; --diff compares all rows"));
}

}  // namespace
}  // namespace claimlake::refresh
