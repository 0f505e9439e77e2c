// Claims and vets from raw files, refused ones among them, and a total by vet.
#include "refresh/why.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "base/progress.h"
#include "base/random.h"
#include "refresh/pipeline.h"
#include "store/memory_store.h"

namespace claimlake::refresh {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

class WhyTest : public testing::Test {
 protected:
  WhyTest() {
    fs::remove_all(folder);
    write("pack.yml", "name: " + folder.filename().string() + "\ntitle: T\ntime_zone: UTC\n");
    source("claims", "id", "id: string, vet: string, paid: string");
    source("vets", "vet", "vet: string, city: string");
    model("1_bronze/claims_raw.sql", "kind: append",
          "SELECT id, vet, paid, _ingestion_timestamp, _source_file, _batch_id, _source_position "
          "FROM raw.claims");
    model("1_bronze/vets_raw.sql", "kind: append",
          "SELECT vet, city, _ingestion_timestamp, _source_file, _batch_id, _source_position FROM "
          "raw.vets");
    model("2_silver/vets.sql", "kind: keyed\nkey: vet",
          "SELECT vet, -- key\n MAX(city) AS city -- where\nFROM bronze.vets_raw GROUP BY vet");
    model("2_silver/claims.sql", "kind: keyed\nkey: id",
          "SELECT id, -- key\n MAX(vet) AS vet, -- who\n MAX(CAST(paid AS BIGINT)) AS paid -- "
          "what\nFROM bronze.claims_raw GROUP BY id");
    write("2_silver/claims.yml",
          "tables:\n  silver.claims:\n    row:\n"
          "      vet_known: {column: vet, exists_in: silver.vets.vet, else: quarantine}\n"
          "      paid_plausible: {column: paid, between: [0, 100], else: flag}\n");
    model("3_gold/by_vet.sql", "kind: keyed\nkey: vet\naggregation: provider",
          "SELECT v.vet, -- key\n v.city, -- where\n CAST(SUM(c.paid) AS BIGINT) AS paid -- "
          "sum\nFROM silver.vets AS v LEFT JOIN silver.claims AS c ON c.vet = v.vet GROUP BY "
          "v.vet, v.city");
    model("3_gold/ranks.sql", "kind: keyed\nkey: vet\naggregation: provider",
          "SELECT vet, -- key\n ROW_NUMBER() OVER (ORDER BY vet) AS place -- first\nFROM "
          "silver.vets");
    model("4_serving/cities.sql", "kind: view", "SELECT * FROM gold.by_vet");
    engine_ = *engine::open_engine({.threads = 1, .spill_folder = "", .random = &random_}, store_,
                                   clock_);
    lake_ = std::make_unique<lake::Lake>(
        lake::LakeContext{store_, clock_, random_, engine_->parquet_io(), "tester"});
    engine_->attach(*lake_);
    auto loaded = pack::load_pack(folder.string(), *engine_);
    EXPECT_TRUE(loaded) << loaded.error().text();
    pack_ = *std::move(loaded);
    pipeline_ = std::make_unique<Pipeline>(PipelineContext{.lake = *lake_,
                                                           .engine = *engine_,
                                                           .pack = pack_,
                                                           .clock = clock_,
                                                           .random = random_,
                                                           .by_key_share = 1},
                                           quiet_, Cancel());
    EXPECT_TRUE(pipeline_->prepare());
    arrive("vets.jsonl", R"({"vet":"V1","city":"Kyoto"})"
                         "\n"
                         R"({"vet":"V2","city":"Nara"})"
                         "\n");
    arrive("claims.jsonl", R"({"id":"C1","vet":"V1","paid":"10"})"
                           "\n"
                           R"({"id":"C2","vet":"V1","paid":"900"})"
                           "\n"
                           R"({"id":"C3","vet":"V9","paid":"5"})"
                           "\n");
    first_run = refresh();
  }
  ~WhyTest() override { fs::remove_all(folder); }

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  void model(const std::string& name, const std::string& header, const std::string& sql) const {
    write(name, "/* claimlake\ndescription: D.\n" + header + "\n*/\n" + sql + "\n");
  }
  void source(const std::string& name, const std::string& key, const std::string& columns) const {
    write("0_sources/" + name + ".yml", "source: " + name + "\ntable: bronze." + name +
                                            "_raw\nfiles: [\"" + name + "*.jsonl\"]\nrequired: [" +
                                            key + "]\ncolumns: {" + columns + "}\n");
  }
  void arrive(const std::string& file, const std::string& lines) {
    ASSERT_TRUE(store_.put("raw/" + file, lines));
  }
  // Takes in what arrived and brings all tables up to date; returns the id of the run.
  std::string refresh() {
    clock_.advance(60s);
    EXPECT_TRUE(pipeline_->ingest({.raw_store = &store_, .raw_folder = "raw", .only = ""}));
    clock_.advance(60s);
    const auto ran = pipeline_->run({});
    EXPECT_TRUE(ran) << ran.error().text();
    clock_.advance(60s);
    return ran->run;
  }
  Result<Why> ask(const std::string& table, const std::vector<std::string>& key) {
    return why({*lake_, *engine_, pack_}, table, key);
  }
  static std::string cell(const engine::TextTable& table, std::size_t row, const char* column) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (table.columns[i].name == column) return table.rows.at(row)[i].value_or("null");
    }
    return "no column";
  }
  static const RowsBehind& input(const std::vector<RowsBehind>& inputs, const char* table) {
    for (const RowsBehind& each : inputs) {
      if (each.table == table) return each;
    }
    static const RowsBehind kNone;
    ADD_FAILURE() << "no input " << table;
    return kNone;
  }

  const fs::path folder =
      fs::temp_directory_path() /
      ("why_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
  SimClock clock_{Timestamp(std::chrono::seconds(1'767'000'000))};
  SeededRandom random_{1};
  store::MemoryStore store_{clock_};
  NoProgress quiet_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<lake::Lake> lake_;
  pack::Pack pack_;
  std::unique_ptr<Pipeline> pipeline_;
  std::string first_run;
};

TEST_F(WhyTest, leads_from_a_gold_row_to_the_lines_of_its_files) {
  const auto found = ask("gold.by_vet", {"V1"});

  ASSERT_TRUE(found) << found.error().text();
  ASSERT_TRUE(found->present);
  EXPECT_EQ(cell(found->row, 0, "paid"), "910");
  const RowsBehind& claims = input(found->inputs, "silver.claims");
  EXPECT_EQ(claims.count, 2);
  EXPECT_EQ(claims.version, 0);
  EXPECT_EQ(cell(claims.rows, 0, "id"), "C1");
  EXPECT_EQ(cell(claims.rows, 1, "_dq"), "[paid_plausible]");
  const RowsBehind& raw = input(claims.inputs, "bronze.claims_raw");
  EXPECT_EQ(raw.count, 2) << "not C3, which is of another vet";
  EXPECT_EQ(cell(raw.rows, 0, "_source_file"), "claims.jsonl");
  EXPECT_NE(cell(raw.rows, 0, "_batch_id"), "null");
  ASSERT_EQ(raw.written.size(), 1U);
  EXPECT_EQ(raw.written[0].version, 1) << "version 0 made the table";
  const RowsBehind& vet = input(found->inputs, "silver.vets");
  EXPECT_EQ(vet.count, 1);
  EXPECT_EQ(vet.values.at("city"), "Kyoto");
}

TEST_F(WhyTest, names_the_run_that_wrote_the_row_and_not_the_last_one) {
  arrive("claims_2.jsonl", R"({"id":"C4","vet":"V2","paid":"7"})"
                           "\n");
  const std::string second_run = refresh();

  const auto old_row = ask("gold.by_vet", {"V1"});
  const auto new_row = ask("gold.by_vet", {"V2"});

  ASSERT_TRUE(old_row && new_row);
  EXPECT_EQ(old_row->version, 1);
  EXPECT_EQ(old_row->written->version, 0);
  EXPECT_EQ(old_row->written->run, first_run);
  EXPECT_THAT(old_row->written->way, StartsWith("whole: it has no version yet"));
  EXPECT_EQ(new_row->written->version, 1);
  EXPECT_EQ(new_row->written->run, second_run);
  EXPECT_THAT(new_row->written->way, StartsWith("by key"));
  EXPECT_EQ(input(new_row->inputs, "silver.claims").version, 1);
  const RowsBehind& raw =
      input(input(new_row->inputs, "silver.claims").inputs, "bronze.claims_raw");
  EXPECT_EQ(cell(raw.rows, 0, "_source_file"), "claims_2.jsonl");
}

TEST_F(WhyTest, tells_what_the_rules_say_of_a_row) {
  const auto found = ask("silver.claims", {"C2"});

  ASSERT_TRUE(found);
  ASSERT_EQ(found->rules.size(), 2U);
  EXPECT_EQ(found->rules[0].outcome, "holds");
  EXPECT_EQ(found->rules[1].rule, "paid_plausible");
  EXPECT_EQ(found->rules[1].outcome, "fails");
}

TEST_F(WhyTest, says_that_a_row_is_refused_and_why) {
  const auto found = ask("silver.claims", {"C3"});

  ASSERT_TRUE(found);
  EXPECT_FALSE(found->present);
  ASSERT_EQ(found->refused.size(), 1U);
  EXPECT_THAT(found->refused[0].reason, HasSubstr("V9"));
  EXPECT_EQ(found->refused[0].state, "open");
  EXPECT_EQ(input(found->inputs, "bronze.claims_raw").count, 1) << "it did arrive";
}

TEST_F(WhyTest, says_which_inputs_lack_a_row_that_is_not_there) {
  const auto found = ask("gold.by_vet", {"V9"});

  ASSERT_TRUE(found);
  EXPECT_FALSE(found->present);
  EXPECT_TRUE(found->refused.empty());
  EXPECT_EQ(input(found->inputs, "silver.vets").count, 0);
  EXPECT_EQ(input(input(found->inputs, "silver.vets").inputs, "bronze.vets_raw").count, 0);
}

TEST_F(WhyTest, says_where_any_row_may_be_behind_it) {
  const auto found = ask("gold.ranks", {"V1"});

  ASSERT_TRUE(found);
  EXPECT_TRUE(found->present);
  EXPECT_THAT(found->inputs[0].whole, HasSubstr("a window"));
  EXPECT_EQ(found->inputs[0].version, 0);
}

TEST_F(WhyTest, says_what_is_wrong_with_a_question) {
  EXPECT_THAT(ask("gold.by_vat", {"V1"}).error().message, HasSubstr("did you mean gold.by_vet"));
  EXPECT_THAT(ask("gold.by_vet", {"V1", "V2"}).error().message, HasSubstr("2 values were given"));
  EXPECT_EQ(ask("bronze.claims_raw", {"C1"}).error().fault, Fault::kInvalidInput);
  EXPECT_THAT(ask("serving.cities", {"V1"}).error().message, HasSubstr("is a view"));
}

}  // namespace
}  // namespace claimlake::refresh
