#include "schedule/pipeline_work.h"

#include <gmock/gmock.h>

#include "schedule/flow.h"
#include "schedule/live.h"
#include "schedule/waiting.h"
#include "store/counting_store.h"
#include "store/memory_store.h"

namespace claimlake::schedule {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The small pack of the simulation in a lake in memory, with its pipeline running by itself.
class PipelineWorkTest : public testing::Test {
 protected:
  PipelineWorkTest() {
    engine_ = *engine::open_engine({.threads = 2, .random = &random_}, store_, clock_);
    lake_ = std::make_unique<lake::Lake>(
        lake::LakeContext{store_, clock_, random_, engine_->parquet_io(), "test"});
    engine_->attach(*lake_);
    pack_ = *pack::load_pack(CLAIMLAKE_SOURCE_FOLDER "/tests/sim/pack", *engine_);
    begin();
    put("policies/p.csv", "policy_id,plan,revision\nP1,Basic,1\n");
  }

  // A process of its own.
  void begin() {
    pipeline_ = std::make_unique<refresh::Pipeline>(
        refresh::PipelineContext{*lake_, *engine_, pack_, clock_, random_}, quiet_, Cancel());
    EXPECT_TRUE(pipeline_->prepare());
    work_ = std::make_unique<PipelineWork>(*lake_, pack_, *pipeline_, "raw");
    landing_ = std::make_unique<Landing>(
        Landing::Context{store_, "raw", pack_.sources, clock_, nullptr, {.appear_whole = true}});
    zone_ = std::make_unique<EngineZone>(*engine_, pack_.time_zone);
    live_ = std::make_unique<Live>(
        Live::Context{*work_, *landing_, arrivals_, store_, *zone_, clock_, Cancel(),
                      [this](const LiveEvent& event) { last_ = event; }});
  }
  void put(const std::string& name, const std::string& text) {
    ASSERT_TRUE(memory_.put("raw/" + name, text));
    arrivals_.arrived.files.push_back({name, true});
  }
  static std::string claim(const std::string& id, const std::string& policy = "P1",
                           int revision = 1) {
    return R"({"claim_id":")" + id + R"(","policy_id":")" + policy +
           R"(","amount":10.00,"revision":)" + std::to_string(revision) + "}\n";
  }
  void turn() {
    live_->wait(std::chrono::microseconds(0));
    live_->turn();
    EXPECT_THAT(last_.state.problems, IsEmpty());
  }
  std::string value(const std::string& sql) {
    const auto session = *engine_->session({});
    const auto rows = session->query(sql);
    EXPECT_TRUE(rows) << rows.error().text();
    return engine::read_all(**rows)->rows.at(0).at(0).value_or("null");
  }
  std::vector<std::string> waiting(const std::string& step) {
    const auto select = waiting_select(*lake_, pack_, step);
    EXPECT_TRUE(select) << select.error().text();
    std::vector<std::string> found;
    if (select->empty()) return found;
    const auto session = *engine_->session({});
    const auto rows = session->query(
        "SELECT change || ' ' || key || ' of ' || \"from\" || ' for ' "
        "|| \"table\" FROM (" +
        *select + ") ORDER BY 1");
    EXPECT_TRUE(rows) << rows.error().text();
    const auto table = engine::read_all(**rows);
    EXPECT_TRUE(table);
    for (const auto& row : table->rows) found.push_back(row[0].value_or(""));
    return found;
  }
  TableFlow flow_of(Flow& flow, const std::string& name) {
    const auto tables = flow.look();
    for (const TableFlow& table : tables) {
      if (table.table == name) return table;
    }
    return {};
  }

  // What arrives is put there by the test.
  class TestArrivals final : public Arrivals {
   public:
    Arrived wait(std::chrono::microseconds) override { return std::exchange(arrived, {}); }
    void wake() override {}
    bool tells() const override { return true; }
    Arrived arrived;
  };

  SystemClock clock_;
  SeededRandom random_{7};
  NoProgress quiet_;
  store::MemoryStore memory_{clock_};
  store::CountingStore store_{memory_};
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<lake::Lake> lake_;
  pack::Pack pack_;
  TestArrivals arrivals_;
  std::unique_ptr<refresh::Pipeline> pipeline_;
  std::unique_ptr<PipelineWork> work_;
  std::unique_ptr<Landing> landing_;
  std::unique_ptr<EngineZone> zone_;
  LiveEvent last_;
  std::unique_ptr<Live> live_;
};

TEST_F(PipelineWorkTest, of_a_thousand_files_only_the_new_one_is_read) {
  for (int i = 0; i < 1'000; ++i) {
    put("claims/f" + std::to_string(i) + ".jsonl", claim("C" + std::to_string(i)));
  }
  turn();
  turn();
  ASSERT_EQ(value("SELECT count(*) FROM silver.claims"), "1000");
  store_.reset();

  put("claims/new.jsonl", claim("new"));
  turn();

  EXPECT_EQ(value("SELECT claims FROM gold.policy_totals"), "1001");
  std::vector<std::string> raw;
  for (const std::string& path : store_.counts().opened) {
    if (path.starts_with("raw/")) raw.push_back(path);
  }
  // Once for what it holds, once for its rows.
  EXPECT_THAT(raw, ElementsAre("raw/claims/new.jsonl", "raw/claims/new.jsonl"));
}

TEST_F(PipelineWorkTest, after_a_restart_what_the_files_hold_decides) {
  put("claims/one.jsonl", claim("C1"));
  turn();
  put("claims/copy.jsonl", claim("C1"));
  put("claims/one.jsonl", claim("C1", "P1", 2));
  put("claims/two.jsonl", claim("C2"));
  arrivals_.arrived = {};  // nobody was there to hear of it

  begin();
  turn();

  EXPECT_EQ(value("SELECT string_agg(claim_id || revision, ' ' ORDER BY claim_id, revision) FROM "
                  "bronze.claims"),
            "C11 C12 C21");
  EXPECT_EQ(value("SELECT string_agg(claim_id || revision, ' ' ORDER BY claim_id) FROM "
                  "silver.claims"),
            "C12 C21");
  EXPECT_EQ(value("SELECT count(*) FROM ops.runs WHERE kind = 'ingest' AND rows > 0"), "3");
}

TEST_F(PipelineWorkTest, what_waits_for_a_step_is_listed_row_by_row) {
  put("claims/one.jsonl", claim("C1") + claim("C2"));
  turn();
  EXPECT_THAT(waiting("silver"), IsEmpty());
  EXPECT_THAT(waiting("gold"), IsEmpty());
  ASSERT_TRUE(memory_.put(kSchedulePath, R"({"mode":"manual"})"));
  begin();

  put("claims/two.jsonl", claim("C2", "P1", 2) + claim("C3"));
  turn();
  EXPECT_THAT(waiting("silver"), ElementsAre("insert C2 of bronze.claims for silver.claims",
                                             "insert C3 of bronze.claims for silver.claims"));
  EXPECT_THAT(waiting("gold"), IsEmpty());

  ASSERT_TRUE(pipeline_->run({.layer = "silver"}));
  EXPECT_THAT(waiting("silver"), IsEmpty());
  EXPECT_THAT(waiting("gold"),
              ElementsAre("insert C3 of silver.claims for gold.month_totals, gold.policy_totals",
                          "update C2 of silver.claims for gold.month_totals, gold.policy_totals"));

  ASSERT_TRUE(pipeline_->run({.layer = "gold"}));
  EXPECT_THAT(waiting("gold"), IsEmpty());
}

TEST_F(PipelineWorkTest, the_flow_tells_of_rows_in_waiting_refused_and_lag) {
  put("claims/one.jsonl", claim("C1"));
  turn();
  Flow flow(*lake_, *engine_, pack_);
  EXPECT_EQ(flow_of(flow, "silver.claims").rows_in, 0);
  ASSERT_TRUE(memory_.put(kSchedulePath, R"({"mode":"manual"})"));
  begin();

  put("claims/two.jsonl", claim("C2") + claim("C3", "lost"));
  turn();
  EXPECT_EQ(flow_of(flow, "bronze.claims").rows_in, 2);
  const TableFlow waits = flow_of(flow, "silver.claims");
  EXPECT_EQ(waits.waiting, 2);
  ASSERT_TRUE(waits.waiting_since);
  EXPECT_EQ(waits.lag(*waits.waiting_since + std::chrono::seconds(3)), std::chrono::seconds(3));

  ASSERT_TRUE(pipeline_->run({}));
  const TableFlow done = flow_of(flow, "silver.claims");
  EXPECT_EQ(done.rows, 2);
  EXPECT_EQ(done.waiting, 0);
  EXPECT_EQ(done.refused, 1);
  EXPECT_EQ(done.lag(clock_.now()), std::chrono::microseconds(0));
}

}  // namespace
}  // namespace claimlake::schedule
