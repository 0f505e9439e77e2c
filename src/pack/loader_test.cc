#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/fixture_for_test.h"
#include "pack/lint.h"
#include "pack/pack.h"

namespace claimlake::pack {
namespace {

constexpr const char* kPetPack = CLAIMLAKE_SOURCE_FOLDER "/packs/pet";

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

// A small pack of one source, with files that a test may change.
class LoaderTest : public engine::EngineTest {
 protected:
  LoaderTest() {
    fs::remove_all(folder);
    write("pack.yml", "name: " + folder.filename().string() + "\ntitle: T\ntime_zone: UTC\n");
    write("0_sources/claims.yml",
          "source: claims\ntable: bronze.claims_raw\nfiles: [claims.jsonl]\nrequired: [claim_id]\n"
          "columns: {claim_id: string, amount: \"decimal(18,2)\", updated_at: string}\n");
    write("1_bronze/claims_raw.sql", model("kind: append",
                                           "SELECT claim_id, amount, updated_at,\n"
                                           "_source_file, _source_position FROM raw.claims"));
    write("2_silver/claims.sql",
          model("kind: keyed\nkey: claim_id\nlatest_by: [TRY_CAST(updated_at AS TIMESTAMP)]",
                "SELECT claim_id, -- key\n amount, CAST(amount AS DOUBLE) / 2 AS half -- [USD]\n"
                "FROM bronze.claims_raw"));
    write("3_gold/totals.sql",
          model("kind: keyed\nkey: claim_id\naggregation: claim",
                "SELECT claims.claim_id, -- key\n"
                "       CAST(SUM(claims.amount) AS DECIMAL(18,2)) AS total -- sum of amount [USD]\n"
                "FROM silver.claims WHERE _quality_score > 50 GROUP BY claims.claim_id"));
  }
  ~LoaderTest() override { fs::remove_all(folder); }

  static std::string model(const std::string& header, const std::string& sql) {
    return "/* claimlake\ndescription: D.\n" + header + "\n*/\n" + sql + "\n";
  }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  // "2_silver/x.sql:1:2 what is wrong", or "loaded".
  std::string load_error() {
    const auto pack = load_pack(folder.string(), *engine);
    if (pack) return "loaded";
    std::string text = pack.error().where + " " + pack.error().message;
    const std::string prefix = folder.string() + "/";
    if (text.starts_with(prefix)) text.erase(0, prefix.size());
    return text;
  }

  const fs::path folder =
      fs::temp_directory_path() /
      ("pack_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
};

TEST_F(LoaderTest, publishes_tables_each_by_itself_unless_the_pack_says_together) {
  const std::string text = "name: " + folder.filename().string() + "\ntitle: T\ntime_zone: UTC\n";
  EXPECT_EQ(load_pack(folder.string(), *engine)->publish, Publish::kEach);
  write("pack.yml", text + "publish: each\n");
  EXPECT_EQ(load_pack(folder.string(), *engine)->publish, Publish::kEach);
  write("pack.yml", text + "publish: together\n");
  EXPECT_EQ(load_pack(folder.string(), *engine)->publish, Publish::kTogether);
  write("pack.yml", text + "publish: togehter\n");
  EXPECT_EQ(load_error(),
            "pack.yml:4:10 publish is each or together, not togehter (did you mean together?)");
}

TEST_F(LoaderTest, binds_types_and_dependencies_through_the_layers) {
  const auto pack = load_pack(folder.string(), *engine);

  ASSERT_TRUE(pack) << pack.error().text();
  EXPECT_THAT(pack->model_names(),
              ElementsAre("bronze.claims_raw", "silver.claims", "gold.totals"));
  const Model& gold = pack->models[2];
  EXPECT_THAT(gold.inputs, ElementsAre("silver.claims"));
  EXPECT_EQ(gold.columns[1].type, "DECIMAL(18,2)");
  EXPECT_EQ(gold.columns[1].doc, "sum of amount");
  EXPECT_EQ(pack->models[1].column("HALF")->type, "DOUBLE");
  EXPECT_EQ(pack->models[0].column("_source_position")->type, "BIGINT");
}

TEST_F(LoaderTest, hashes_what_a_table_depends_on_and_nothing_else) {
  const auto before = load_pack(folder.string(), *engine);
  write("2_silver/claims.yml",
        "tables:\n  silver.claims:\n    set: {n: {row_count: {min: 1}, else: warn}}\n");
  const auto after = load_pack(folder.string(), *engine);

  ASSERT_TRUE(before && after);
  EXPECT_EQ(before->models[0].hash, after->models[0].hash);
  EXPECT_NE(before->models[1].hash, after->models[1].hash);
  EXPECT_EQ(before->models[1].hash.size(), 32u);
}

TEST_F(LoaderTest, a_table_has_no_more_rules_than_one_number_has_bits_wherever_they_stand) {
  const auto rules = [](const std::string& start, const std::string& name) {
    std::string text;
    for (int i = 0; i < 32; ++i) {
      text += start + name + std::to_string(i) + ": {sql: amount > 0, else: flag}\n";
    }
    return text;
  };
  write("2_silver/claims.sql",
        model("kind: keyed\nkey: claim_id\nexpect:\n  rows:\n" + rules("    ", "header"),
              "SELECT claim_id, amount FROM bronze.claims_raw"));
  write("2_silver/claims.yml", "tables:\n  silver.claims:\n    row:\n" + rules("      ", "file"));

  EXPECT_EQ(load_error(), "2_silver/claims.yml:34:7 a table has at most 62 row rules");
}

TEST_F(LoaderTest, says_where_a_column_does_not_exist) {
  write("3_gold/totals.sql",
        model("kind: keyed\nkey: claim_id\naggregation: claim",
              "SELECT claims.claim_id, -- key\n       SUM(claims.amont) AS total -- sum\n"
              "FROM silver.claims AS claims\nGROUP BY claims.claim_id"));

  EXPECT_THAT(load_error(), testing::StartsWith("3_gold/totals.sql:8:12 gold.totals: "));
  EXPECT_THAT(load_error(), HasSubstr("amont"));
}

TEST_F(LoaderTest, refuses_what_gives_another_result_each_time) {
  write("2_silver/claims.sql",
        model("kind: keyed\nkey: claim_id",
              "SELECT claim_id, amount * RANDOM() AS amount\nFROM bronze.claims_raw"));
  EXPECT_EQ(load_error(),
            "2_silver/claims.sql:6:27 RANDOM gives another result each time it is computed");

  write("2_silver/claims.sql",
        model("kind: keyed\nkey: claim_id", "SELECT claim_id, amount FROM bronze.claims_raw"));
  write("2_silver/claims.yml",
        "tables:\n  silver.claims:\n    row: {n: {sql: \"RANDOM() < 0.5\", else: flag}}\n");
  EXPECT_THAT(load_error(), HasSubstr("RANDOM judges a row in another way each time"));
}

TEST_F(LoaderTest, finds_the_place_behind_a_replaced_table_on_the_same_line) {
  write("2_silver/claims.sql", model("kind: keyed\nkey: claim_id",
                                     "SELECT claim_id FROM bronze.claims_raw WHERE nope > 1"));

  EXPECT_THAT(load_error(), testing::StartsWith("2_silver/claims.sql:6:46 silver.claims: "));
}

TEST_F(LoaderTest, names_missing_tables_and_layers_that_may_not_be_read) {
  write("2_silver/claims.sql",
        model("kind: keyed\nkey: claim_id", "SELECT claim_id\nFROM bronze.claim_raw"));
  EXPECT_EQ(load_error(),
            "2_silver/claims.sql:7:6 silver.claims reads a table that is not in the pack: "
            "bronze.claim_raw (did you mean bronze.claims_raw?)");

  write("2_silver/claims.sql",
        model("kind: keyed\nkey: claim_id", "SELECT claim_id\nFROM gold.totals"));
  EXPECT_EQ(load_error(),
            "2_silver/claims.sql:7:6 a model of layer silver may not read gold.totals");
}

TEST_F(LoaderTest, tables_are_named_with_their_schema) {
  write("2_silver/claims.sql",
        model("kind: keyed\nkey: claim_id", "SELECT claim_id\nFROM claims_raw"));
  EXPECT_THAT(load_error(),
              HasSubstr("2_silver/claims.sql:7:6 claims_raw is no CTE of this model"));
}

TEST_F(LoaderTest, names_the_path_of_a_circle_and_its_place) {
  write("3_gold/a.sql", model("kind: full\naggregation: claim", "SELECT b.x -- x\nFROM gold.b"));
  write("3_gold/b.sql", model("kind: full\naggregation: claim", "SELECT a.x -- x\nFROM gold.a"));

  EXPECT_EQ(load_error(),
            "3_gold/a.sql:7:6 models read each other in a circle: gold.a -> gold.b -> gold.a");
}

TEST_F(LoaderTest, checks_what_the_header_says_about_columns) {
  const std::string sql = "SELECT claim_id, amount\nFROM bronze.claims_raw";
  const auto error_with = [&](const std::string& header) {
    write("2_silver/claims.sql", model(header, sql));
    return load_error();
  };

  EXPECT_EQ(
      error_with("kind: keyed\nkey: claimid"),
      "2_silver/claims.sql:4:1 key names a column that the SELECT does not give: claimid (did "
      "you mean claim_id?)");
  EXPECT_THAT(error_with("kind: full\npartition: month"),
              HasSubstr(":4:1 partition names a column"));
  EXPECT_THAT(error_with("kind: full\ntags: {pii: [name]}"), HasSubstr(":4:1 tags names a column"));
  EXPECT_THAT(error_with("kind: keyed\nkey: claim_id\nlatest_by: [when]"),
              HasSubstr(":5:1 latest_by"));
  EXPECT_THAT(error_with("kind: full\nchanges: {bronze.claims_raw: id}"),
              HasSubstr(":4:1 changes: bronze.claims_raw has no column id"));
  EXPECT_THAT(error_with("kind: full\ntests: [tests/no.test]"),
              HasSubstr(":4:1 tests names a file"));
  EXPECT_THAT(error_with("kind: append"), HasSubstr(":3:1 a model of layer silver cannot be"));
}

TEST_F(LoaderTest, refuses_the_clock_without_a_word_in_the_header) {
  write("2_silver/claims.sql",
        model("kind: keyed\nkey: claim_id",
              "SELECT claim_id,\n  CURRENT_DATE AS d FROM bronze.claims_raw"));
  EXPECT_EQ(load_error(),
            "2_silver/claims.sql:7:3 CURRENT_DATE makes the result depend on when it is computed");

  write("2_silver/claims.sql",
        model("kind: keyed\nkey: claim_id\nclock: day",
              "SELECT claim_id,\n  CURRENT_DATE AS d FROM bronze.claims_raw"));
  EXPECT_EQ(load_error().substr(0, 9), "3_gold/to");  // only Gold misses the amount now
}

TEST_F(LoaderTest, refuses_types_that_a_table_cannot_hold) {
  write("3_gold/totals.sql",
        model("kind: full\naggregation: claim",
              "SELECT SUM(n) AS n -- all\nFROM (SELECT COUNT(*) AS n FROM silver.claims) AS c"));

  EXPECT_EQ(load_error(),
            "3_gold/totals.sql:6:8 column n has a type that a table cannot hold: HUGEINT");
}

TEST_F(LoaderTest, binds_functions_with_their_parameters) {
  write("4_serving/claim.sql",
        "/* claimlake\ndescription: D.\nkind: function\nparameters: {claim_id: string}\n*/\n"
        "SELECT totals.claim_id, -- key\n totals.total -- sum\nFROM gold.totals WHERE "
        "totals.claim_id = claim_id\n");

  const auto pack = load_pack(folder.string(), *engine);

  ASSERT_TRUE(pack) << pack.error().text();
  EXPECT_EQ(pack->models[3].name, "serving.claim");
  EXPECT_EQ(pack->models[3].columns[0].type, "VARCHAR");
}

TEST_F(LoaderTest, a_view_may_pass_on_one_table) {
  const std::string header = "/* claimlake\ndescription: D.\nkind: view\n*/\n";
  write("4_serving/vw.sql", header + "SELECT *\nFROM gold.totals\n");

  const auto pack = load_pack(folder.string(), *engine);

  ASSERT_TRUE(pack) << pack.error().text();
  const Model* view = pack->model("serving.vw");
  EXPECT_EQ(view->column("total")->doc, "sum of amount");
  EXPECT_EQ(view->column("_source_tables")->type, "VARCHAR");
  write("4_serving/vw.sql", header + "SELECT *\nFROM gold.totals, silver.claims\n");
  EXPECT_THAT(load_error(), HasSubstr("4_serving/vw.sql:5:1 only a view of one table"));
}

TEST_F(LoaderTest, checks_rules_against_the_columns) {
  const auto error_with = [&](const std::string& rule) {
    write("2_silver/claims.yml", "tables:\n  silver.claims:\n    row:\n      r: " + rule + "\n");
    return load_error();
  };

  EXPECT_EQ(error_with("{column: amount, between: [0, 5], else: flag, when: \"half > 1\"}"),
            "loaded");
  EXPECT_EQ(
      error_with("{column: amunt, between: [0, 5], else: flag}"),
      "2_silver/claims.yml:4:7 rule r: silver.claims has no column amunt (did you mean amount?)");
  EXPECT_EQ(error_with("{column: amount, between: [0, x], else: flag}"),
            "2_silver/claims.yml:4:7 rule r: this is not a value of type DECIMAL(18,2): x");
  EXPECT_EQ(error_with("{column: amount, matches: x, else: flag}"),
            "2_silver/claims.yml:4:7 rule r: matches needs a text, and amount is DECIMAL(18,2)");
  EXPECT_THAT(error_with("{column: claim_id, matches: '([', else: flag}"),
              HasSubstr("2_silver/claims.yml:4:7 rule r: "));
  EXPECT_THAT(error_with("{sql: amont > 1, else: flag}"), HasSubstr("amont"));
  EXPECT_EQ(
      error_with("{sql: amount + 1, else: flag}"),
      "2_silver/claims.yml:4:7 rule r: this is not a condition but DECIMAL(18,2): amount + 1");
  EXPECT_THAT(error_with("{sql: \"1 = 1) OR (1 = 1\", else: flag}"), HasSubstr("one expression"));
  EXPECT_THAT(error_with("{sql: \"EXISTS (SELECT 1)\", else: flag}"), HasSubstr("one expression"));
  EXPECT_THAT(error_with("{sql: \"DATE '2020-01-01' < CURRENT_DATE\", else: flag}"),
              HasSubstr("CURRENT_DATE in a model without clock: day"));
  EXPECT_THAT(
      error_with("{sql: amount > 0, else: flag}\n    set:\n      s: {sql: \"SELECT COUNT(*) FROM "
                 "{new} WHERE CURRENT_DATE > DATE '2020-01-01'\", expect: \"= 0\", else: fail}"),
      HasSubstr("6:7 rule s: CURRENT_DATE in a model without clock: day"));
  EXPECT_THAT(
      error_with("{column: claim_id, exists_in: silver.policies.id, else: flag}"),
      HasSubstr("4:7 silver.claims reads a table that is not in the pack: silver.policies"));
}

TEST_F(LoaderTest, tables_of_rules_come_first) {
  write("2_silver/a_parents.sql",
        model("kind: full", "SELECT claim_id AS id, 1 AS n\nFROM bronze.claims_raw"));
  write("2_silver/z_parents.sql",
        model("kind: full", "SELECT claim_id AS id, 1 AS n\nFROM bronze.claims_raw"));
  write("2_silver/claims.yml",
        "tables:\n  silver.claims:\n    row:\n"
        "      p: {column: claim_id, exists_in: silver.z_parents.id, else: quarantine}\n    set:\n"
        "      q: {sql: \"SELECT COUNT(*) FROM {new} AS c JOIN silver.a_parents AS p ON p.id = "
        "c.claim_id WHERE c._is_valid\", expect: \"> 0\", else: warn}\n");

  const auto pack = load_pack(folder.string(), *engine);

  ASSERT_TRUE(pack) << pack.error().text();
  EXPECT_THAT(pack->model_names(), ElementsAre("bronze.claims_raw", "silver.a_parents",
                                               "silver.z_parents", "silver.claims", "gold.totals"));
  EXPECT_THAT(pack->model("silver.claims")->rule_inputs,
              ElementsAre("silver.z_parents", "silver.a_parents"));
  write("2_silver/claims.yml",
        "tables:\n  silver.claims:\n    row:\n"
        "      p: {column: claim_id, exists_in: silver.z_parents.n, else: quarantine}\n");
  EXPECT_THAT(load_error(), HasSubstr("claim_id is VARCHAR but silver.z_parents.n is INTEGER"));
}

TEST_F(LoaderTest, knows_every_file_of_a_pack) {
  EXPECT_EQ(load_error(), "loaded");
  write("2_silver/readme.md", "x");
  EXPECT_EQ(load_error(), "2_silver/readme.md this file does not belong into a pack");
  fs::remove(folder / "2_silver/readme.md");
  write("2_silver/alone.yml", "tables: {}");
  EXPECT_EQ(load_error(), "2_silver/alone.yml these rules stand beside no model");
  fs::remove(folder / "2_silver/alone.yml");
  write("5_silver/claims.sql", model("kind: full", "SELECT 1 AS a FROM bronze.claims_raw"));
  EXPECT_EQ(load_error(), "5_silver/claims.sql:1:1 the model silver.claims is there twice");
  fs::remove_all(folder / "5_silver");
  write("7_golden/x.sql", "x");
  EXPECT_EQ(load_error(), "7_golden a pack has no layer golden (did you mean gold?)");
  fs::remove_all(folder / "7_golden");
  fs::remove(folder / "pack.yml");
  EXPECT_THAT(load_error(), HasSubstr("there is no pack here: pack.yml is missing"));
}

TEST_F(LoaderTest, a_source_needs_its_bronze_model) {
  write("0_sources/claims.yml",
        "source: claims\ntable: bronze.claim_raw\nfiles: [claims.jsonl]\nrequired: [claim_id]\n"
        "columns: {claim_id: string, amount: \"decimal(18,2)\", updated_at: string}\n");

  EXPECT_EQ(
      load_error(),
      "0_sources/claims.yml:2:8 there is no model for the table bronze.claim_raw (did you mean "
      "bronze.claims_raw?)");
}

// The names of all base tables with a schema in the engine's own parse of a statement.
void base_tables(const nlohmann::json& node, std::set<std::string>& found) {
  if (node.is_object() && node.value("type", nlohmann::json()) == "BASE_TABLE" &&
      node.value("schema_name", "") != "") {
    found.insert(node["schema_name"].get<std::string>() + "." +
                 node["table_name"].get<std::string>());
  }
  for (const auto& child : node) {
    if (child.is_structured()) base_tables(child, found);
  }
}

TEST_F(LoaderTest, reads_the_same_tables_out_of_sql_as_the_engine_does) {
  const auto pack = load_pack(kPetPack, *engine);
  ASSERT_TRUE(pack) << pack.error().text();
  auto session = this->session();

  for (const Model& model : pack->models) {
    const auto parsed = lines(*session, "select json_serialize_sql($1)", {model.sql});
    std::set<std::string> expected;
    base_tables(nlohmann::json::parse(parsed.at(0)), expected);

    EXPECT_EQ(std::set<std::string>(model.inputs.begin(), model.inputs.end()), expected)
        << model.name;
    EXPECT_FALSE(expected.empty()) << model.name;
  }
}

// The pack that ships: it loads, it is portable, and its Gold columns say how they are made.
TEST_F(LoaderTest, the_pet_pack_loads_and_is_portable) {
  const auto pack = load_pack(kPetPack, *engine);

  ASSERT_TRUE(pack) << pack.error().text();
  const auto count = [&](const char* schema) {
    return std::count_if(pack->models.begin(), pack->models.end(), [&](const Model& model) {
      return model.schema == schema && model.is_table();
    });
  };
  EXPECT_EQ(count("bronze"), 5);
  EXPECT_EQ(count("silver"), 5);
  EXPECT_EQ(count("gold"), 10);  // six for readers, four sums behind them
  for (const Model& model : pack->models) {
    for (const Error& error : lint_model(model)) ADD_FAILURE() << error.text();
  }
}

}  // namespace
}  // namespace claimlake::pack
