#include "pack/lineage.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "engine/fixture_for_test.h"
#include "pack/lineage_tree.h"

namespace claimlake::pack {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::IsSupersetOf;
using testing::Not;
using testing::UnorderedElementsAre;

// claims.jsonl -> bronze -> silver, judged by rules -> gold -> a view and a function.
class PackLineage : public engine::EngineTest {
 protected:
  void SetUp() override {
    fs::remove_all(folder);
    write("pack.yml", "name: " + folder.filename().string() + "\ntitle: T\ntime_zone: UTC\n");
    write("0_sources/claims.yml",
          "source: claims\ntable: bronze.claims_raw\nfiles: [claims.jsonl, claims/*.json]\n"
          "required: [id]\ncolumns: {id: string, vet: string, paid: string, state: string}\n");
    write("0_sources/vets.yml",
          "source: vets\ntable: bronze.vets_raw\nfiles: [vets.csv]\nrequired: [vet_id]\ncolumns: "
          "{vet_id: string, city: string}\n");
    write("1_bronze/claims_raw.sql",
          model("kind: append", "SELECT id, vet, paid, state FROM raw.claims"));
    write("1_bronze/vets_raw.sql", model("kind: append", "SELECT vet_id, city FROM raw.vets"));
    write(
        "2_silver/claims.sql",
        model("kind: keyed\nkey: id",
              "SELECT id, -- key\n vet, -- who\n TRY_CAST(paid AS DECIMAL(18,2)) AS paid, -- what\n"
              "state -- how\nFROM bronze.claims_raw WHERE state <> 'Void'"));
    write("2_silver/claims.yml",
          "tables:\n  silver.claims:\n    row:\n"
          "      paid_present: {column: paid, not_null: true, else: quarantine}\n"
          "      vet_known: {column: vet, exists_in: silver.vets.vet_id, else: quarantine}\n"
          "      state_short: {sql: \"LENGTH(state) < 9\", else: flag}\n");
    write("2_silver/vets.sql",
          model("kind: keyed\nkey: vet_id",
                "SELECT vet_id, -- key\n city -- where\nFROM bronze.vets_raw"));
    write(
        "3_gold/cities.sql",
        model("kind: keyed\nkey: city\naggregation: provider",
              "WITH all_claims AS (SELECT * FROM silver.claims)\nSELECT v.city, -- key\n "
              "COUNT(*) AS claims, -- rows\n CAST(SUM(c.paid) AS DECIMAL(18,2)) AS paid, -- sum\n "
              "MIN(c._quality_score) AS worst -- least\nFROM all_claims AS c JOIN silver.vets AS v "
              "ON v.vet_id = c.vet GROUP BY v.city"));
    write("4_serving/all_cities.sql", model("kind: view", "SELECT * FROM gold.cities"));
    write("4_serving/one_city.sql",
          model("kind: function\nparameters: {city: string}",
                "SELECT all_cities.city AS name, -- key\n all_cities.paid AS paid -- sum\nFROM "
                "serving.all_cities WHERE all_cities.city = city"));
    const auto loaded = load_pack(folder.string(), *engine);
    ASSERT_TRUE(loaded) << loaded.error().text();
    pack = *loaded;
    auto read = read_lineage(pack, *engine);
    ASSERT_TRUE(read) << read.error().text();
    lineage = *std::move(read);
  }
  void TearDown() override { fs::remove_all(folder); }

  static std::string model(const std::string& header, const std::string& sql) {
    return "/* claimlake\ndescription: D.\n" + header + "\n*/\n" + sql + "\n";
  }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  static std::vector<std::string> texts(const std::vector<engine::ColumnSource>& sources) {
    std::vector<std::string> out;
    for (const auto& source : sources) {
      out.push_back(std::string(lineage_way_name(source.way)) + " " + source_text(source));
    }
    return out;
  }
  std::vector<std::string> from(const char* table, const char* column) const {
    return texts(lineage.table(table)->column(column)->sources);
  }

  const fs::path folder =
      fs::temp_directory_path() /
      ("lineage_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
  Pack pack;
  Lineage lineage;
};

TEST_F(PackLineage, ends_at_the_next_model_and_at_the_files) {
  EXPECT_THAT(from("gold.cities", "paid"), ElementsAre("aggregation silver.claims.paid"));
  EXPECT_THAT(from("gold.cities", "claims"),
              ElementsAre("aggregation rows of silver.claims", "aggregation rows of silver.vets"));
  EXPECT_THAT(texts(lineage.table("gold.cities")->rows),
              ElementsAre("join silver.claims.vet", "group_by silver.vets.city",
                          "join silver.vets.vet_id"));
  EXPECT_THAT(from("bronze.claims_raw", "paid"), ElementsAre("identity raw.claims.paid"));
  EXPECT_THAT(lineage.table("raw.claims")->files, ElementsAre("claims.jsonl", "claims/*.json"));
}

TEST_F(PackLineage, goes_on_through_views_and_functions) {
  EXPECT_THAT(from("serving.all_cities", "paid"), ElementsAre("identity gold.cities.paid"));
  // A view that passes all on passes on what the program has added.
  EXPECT_NE(lineage.table("serving.all_cities")->column("_gold_processed_at"), nullptr);
  EXPECT_THAT(from("serving.one_city", "paid"), ElementsAre("identity serving.all_cities.paid"));
  EXPECT_THAT(texts(lineage.table("serving.one_city")->rows),
              ElementsAre("filter serving.all_cities.city"));
}

TEST_F(PackLineage, tells_what_rules_look_at) {
  EXPECT_THAT(from("silver.claims", "_quality_score"),
              UnorderedElementsAre(
                  "transformation bronze.claims_raw.paid", "transformation bronze.claims_raw.vet",
                  "transformation bronze.claims_raw.state", "join silver.vets.vet_id"));
  EXPECT_THAT(from("gold.cities", "worst"),
              ElementsAre("aggregation silver.claims._quality_score"));
  // A rule that only flags leaves the rows as they are.
  EXPECT_THAT(texts(lineage.table("silver.claims")->rows),
              UnorderedElementsAre("filter bronze.claims_raw.state",  // WHERE
                                   "filter bronze.claims_raw.paid", "filter bronze.claims_raw.vet",
                                   "join silver.vets.vet_id"));
}

TEST_F(PackLineage, walks_up_and_down) {
  const auto texts_of = [&](const char* column, Direction direction, int depth) {
    std::vector<std::string> out;
    for (const LineageEdge& edge :
         edges(lineage, *find_column(lineage, column), direction, depth)) {
      out.push_back(source_text(edge.from) + " > " + edge.table + "." +
                    (edge.column.empty() ? "(rows)" : edge.column));
    }
    return out;
  };
  EXPECT_THAT(texts_of("gold.cities.paid", Direction::kUpstream, 100),
              IsSupersetOf({"silver.claims.paid > gold.cities.paid",
                            "bronze.claims_raw.paid > silver.claims.paid",
                            "raw.claims.paid > bronze.claims_raw.paid",
                            "bronze.claims_raw.state > silver.claims.(rows)"}));
  EXPECT_THAT(texts_of("gold.cities.paid", Direction::kUpstream, 1),
              Not(Contains("bronze.claims_raw.paid > silver.claims.paid")));
  EXPECT_THAT(texts_of("raw.claims.vet", Direction::kDownstream, 100),
              IsSupersetOf({"raw.claims.vet > bronze.claims_raw.vet",
                            "silver.claims.vet > gold.cities.(rows)",
                            "silver.claims._quality_score > gold.cities.worst",
                            "gold.cities.worst > serving.all_cities.worst"}));
  EXPECT_THAT(texts_of("raw.claims.vet", Direction::kDownstream, 100),
              Not(Contains("gold.cities.paid > serving.all_cities.paid")));
}

TEST_F(PackLineage, draws_a_column_down_to_its_files) {
  const auto tree = column_tree(lineage, {"serving.all_cities", "paid"}, Direction::kUpstream, 100);
  EXPECT_EQ(tree_text(tree, ""),
            "└─ gold.cities.paid  (identity)\n"
            "   └─ silver.claims.paid  (aggregation)\n"
            "      └─ bronze.claims_raw.paid  (transformation)\n"
            "         └─ raw.claims.paid  (identity)\n"
            "            └─ claims.jsonl, claims/*.json\n");
}

TEST_F(PackLineage, names_what_is_near_a_wrong_name) {
  EXPECT_EQ(find_column(lineage, "GOLD.Cities.Paid")->column, "paid");
  EXPECT_EQ(find_column(lineage, "gold.citys").error().message,
            "the pack makes no gold.citys (did you mean gold.cities?)");
  EXPECT_EQ(find_column(lineage, "gold.cities.paidd").error().message,
            "gold.cities has no column paidd (did you mean paid?)");
  EXPECT_EQ(find_column(lineage, "cities").error().fault, Fault::kInvalidInput);
}

}  // namespace
}  // namespace claimlake::pack
