#include "refresh/open_lineage.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/random.h"
#include "store/memory_store.h"

namespace claimlake::refresh {
namespace {

using engine::LineageWay;
using nlohmann::json;
using testing::ElementsAre;

constexpr Timestamp kStart{std::chrono::seconds(1'767'000'000)};

class OpenLineage : public testing::Test {
 protected:
  OpenLineage() {
    pack.name = "pet";
    pack::Model model;
    model.name = "gold.totals";
    model.schema = "gold";
    model.table = "totals";
    model.header.description = "One row per plan.";
    model.sql = "SELECT plan, SUM(paid) AS paid FROM silver.claims GROUP BY plan";
    model.inputs = {"silver.claims"};
    model.columns = {{"plan", "VARCHAR", "which"}, {"paid", "BIGINT", "sum"}};
    pack.models.push_back(model);
    lineage.tables.push_back(
        {.name = "gold.totals",
         .columns = {{"plan", {{"silver.claims", "plan", "", LineageWay::kIdentity}}},
                     {"paid",
                      {{"silver.claims", "paid", "", LineageWay::kAggregation},
                       {"silver.claims", "paid", "", LineageWay::kConditional}}},
                     {"claims", {{"silver.claims", "", "", LineageWay::kAggregation}}}},
         .rows = {{"silver.claims", "plan", "", LineageWay::kGroupBy}}});
    engine_ = *engine::open_engine({.threads = 1, .spill_folder = ""}, store_, clock_);
    lake_ = std::make_unique<lake::Lake>(
        lake::LakeContext{store_, clock_, random_, engine_->parquet_io(), "tester"});
  }

  static TableReport table(TableOutcome outcome) {
    TableReport report;
    report.table = "gold.totals";
    report.outcome = outcome;
    report.version = 7;
    report.rows = 3;
    report.started_at = kStart + std::chrono::seconds(1);
    report.seconds = 2;
    return report;
  }
  std::vector<json> events(std::vector<TableReport> tables, const char* place = "s3://b/lakes/a") {
    const RunReport report{"5718c5c3-0000-4000-8000-000000000000", kStart, 5, std::move(tables)};
    std::vector<json> out;
    for (const std::string& event : open_lineage_events(
             {*lake_, pack, lineage, "jobs", place, "urn:claimlake:test"}, report, "run")) {
      EXPECT_EQ(event.find('\n'), std::string::npos);
      out.push_back(json::parse(event));
    }
    return out;
  }
  static std::vector<std::string> shape(const std::vector<json>& events) {
    std::vector<std::string> out;
    for (const json& event : events) {
      out.push_back(event["eventType"].get<std::string>() + " " +
                    event["job"]["name"].get<std::string>());
    }
    return out;
  }

  SystemClock clock_;
  SeededRandom random_{1};
  store::MemoryStore store_{clock_};
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<lake::Lake> lake_;
  pack::Pack pack;
  pack::Lineage lineage;
};

TEST_F(OpenLineage, begins_and_ends_each_run_once) {
  auto built = table(TableOutcome::kBuilt);
  built.results.push_back({.table = "gold.totals", .rule = "any_rows", .kind = "row_count"});

  const auto made = events({built});

  EXPECT_THAT(shape(made),
              ElementsAre("START pet.run", "START pet.run.gold.totals",
                          "COMPLETE pet.run.gold.totals", "START pet.run.gold.totals.rules",
                          "COMPLETE pet.run.gold.totals.rules", "COMPLETE pet.run"));
  EXPECT_EQ(made[0]["run"]["runId"], "5718c5c3-0000-4000-8000-000000000000");
  EXPECT_EQ(made[1]["run"]["runId"], made[2]["run"]["runId"]);
  EXPECT_NE(made[1]["run"]["runId"], made[3]["run"]["runId"]);
  EXPECT_EQ(made[1]["run"]["facets"]["parent"]["run"]["runId"], made[0]["run"]["runId"]);
  EXPECT_EQ(made[1]["eventTime"], to_rfc3339(kStart + std::chrono::seconds(1)));
  EXPECT_EQ(made[2]["eventTime"], to_rfc3339(kStart + std::chrono::seconds(3)));
  EXPECT_EQ(events({built}), made) << "the same events when they are made again";
}

TEST_F(OpenLineage, tells_columns_of_inputs_with_all_their_ways) {
  const json output = events({table(TableOutcome::kBuilt)})[2]["outputs"][0];

  EXPECT_EQ(output["namespace"], "s3://b");
  EXPECT_EQ(output["name"], "lakes/a/gold/totals");
  EXPECT_EQ(output["facets"]["version"]["datasetVersion"], "7");
  EXPECT_EQ(output["outputFacets"]["outputStatistics"]["rowCount"], 3);
  const json& columns = output["facets"]["columnLineage"];
  const json paid = columns["fields"]["paid"]["inputFields"];
  ASSERT_EQ(paid.size(), 1U);
  EXPECT_EQ(paid[0]["name"], "lakes/a/silver/claims");
  EXPECT_EQ(paid[0]["field"], "paid");
  EXPECT_EQ(paid[0]["transformations"][0]["type"], "DIRECT");
  EXPECT_EQ(paid[0]["transformations"][0]["subtype"], "AGGREGATION");
  EXPECT_EQ(paid[0]["transformations"][1]["type"], "INDIRECT");
  EXPECT_EQ(paid[0]["transformations"][1]["subtype"], "CONDITIONAL");
  EXPECT_FALSE(columns["fields"].contains("claims")) << "rows are no field";
  EXPECT_EQ(columns["dataset"][0]["transformations"][0]["subtype"], "GROUP_BY");
}

TEST_F(OpenLineage, fails_the_run_of_a_table_that_was_not_published) {
  auto refused = table(TableOutcome::kRefused);
  refused.message = "rule any_rows: 0 rows";
  const auto made = events({refused});

  EXPECT_THAT(shape(made), ElementsAre("START pet.run", "START pet.run.gold.totals",
                                       "FAIL pet.run.gold.totals", "FAIL pet.run"));
  EXPECT_EQ(made[2]["run"]["facets"]["errorMessage"]["message"], "rule any_rows: 0 rows");
  EXPECT_FALSE(made[2]["outputs"][0]["facets"].contains("version"));
}

// A message of the engine may quote a value of a row.
TEST_F(OpenLineage, does_not_pass_on_what_may_quote_a_value) {
  auto failed = table(TableOutcome::kFailed);
  failed.message = "cannot read 'dana.diaz@example.org' as a date";

  for (const json& event : events({failed})) {
    EXPECT_EQ(event.dump().find("dana"), std::string::npos);
  }
}

TEST_F(OpenLineage, says_nothing_where_nothing_was_done) {
  EXPECT_TRUE(events({table(TableOutcome::kSkipped), table(TableOutcome::kWaiting)}).empty());
}

TEST_F(OpenLineage, tells_that_a_table_begins_before_it_ends) {
  const OpenLineageContext context{*lake_, pack,        lineage,
                                   "jobs", "/srv/lake", "urn:claimlake:test"};
  const std::string run = "5718c5c3-0000-4000-8000-000000000000";
  const auto parsed = [](const std::vector<std::string>& texts) {
    std::vector<json> out;
    for (const std::string& text : texts) out.push_back(json::parse(text));
    return out;
  };
  const Timestamp began = kStart + std::chrono::seconds(1);

  const auto first =
      parsed(open_lineage_begin(context, {run, "run", kStart, "gold.totals", began}, true));
  EXPECT_THAT(shape(first), ElementsAre("START pet.run", "START pet.run.gold.totals"));
  EXPECT_EQ(first[0]["eventTime"], to_rfc3339(kStart));
  EXPECT_EQ(first[1]["eventTime"], to_rfc3339(began));
  EXPECT_FALSE(first[1]["outputs"][0]["facets"].contains("version")) << "not yet known";
  EXPECT_THAT(
      shape(parsed(open_lineage_begin(context, {run, "run", kStart, "gold.totals", began}, false))),
      ElementsAre("START pet.run.gold.totals"));

  const RunReport report{run, kStart, 5, {table(TableOutcome::kBuilt)}};
  const auto last =
      parsed(open_lineage_events(context, report, "run", {.begun = {{"gold.totals", began}}}));
  EXPECT_THAT(shape(last), ElementsAre("COMPLETE pet.run.gold.totals", "COMPLETE pet.run"));
  EXPECT_EQ(last[0]["run"]["runId"], first[1]["run"]["runId"]);
}

TEST_F(OpenLineage, aborts_what_had_begun_when_a_run_is_stopped_and_fails_it_where_the_run_fails) {
  const OpenLineageContext context{*lake_, pack,        lineage,
                                   "jobs", "/srv/lake", "urn:claimlake:test"};
  const RunReport report{"5718c5c3-0000-4000-8000-000000000000", kStart, 0, {}};
  const auto ends = [&](Fault fault, std::map<std::string, Timestamp> begun) {
    const Error error{fault, "stopped"};
    std::vector<json> out;
    for (const std::string& text :
         open_lineage_events(context, report, "run", {std::move(begun), &error, kStart})) {
      out.push_back(json::parse(text));
    }
    return shape(out);
  };

  EXPECT_THAT(ends(Fault::kCancelled, {{"gold.totals", kStart}}),
              ElementsAre("ABORT pet.run.gold.totals", "ABORT pet.run"));
  EXPECT_THAT(ends(Fault::kUnavailable, {{"gold.totals", kStart}}),
              ElementsAre("FAIL pet.run.gold.totals", "FAIL pet.run"));
  EXPECT_TRUE(ends(Fault::kCancelled, {}).empty()) << "nothing had begun";
}

TEST_F(OpenLineage, names_datasets_by_their_place) {
  using Name = std::pair<std::string, std::string>;
  EXPECT_EQ(dataset_name("/srv/lake", "gold/t"), Name("file", "/srv/lake/gold/t"));
  EXPECT_EQ(dataset_name("s3://bucket", "gold/t"), Name("s3://bucket", "gold/t"));
  EXPECT_EQ(dataset_name("abfss://c@a.dfs.core.windows.net/x/", "gold/t"),
            Name("abfss://c@a.dfs.core.windows.net", "x/gold/t"));
}

}  // namespace
}  // namespace claimlake::refresh
