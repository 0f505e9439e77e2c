#include "pack/show.h"

#include <gtest/gtest.h>

namespace claimlake::pack {
namespace {

// raw.c -> bronze.c -> silver.a, silver.b (a also by a rule of b) -> gold.g
Pack pack() {
  Pack pack;
  pack.name = "p";
  pack.sources.push_back({.name = "c", .table = "bronze.c", .files = {"c.csv", "c/*.json"}});
  const auto add = [&](const char* name, std::vector<std::string> inputs) -> Model& {
    Model model;
    model.name = name;
    model.schema = model.name.substr(0, model.name.find('.'));
    model.inputs = std::move(inputs);
    model.header.kind = Kind::kFull;
    model.header.description = "D.";
    model.file = "f.sql";
    pack.models.push_back(std::move(model));
    return pack.models.back();
  };
  add("bronze.c", {"raw.c"});
  add("silver.a", {"bronze.c"});
  add("silver.b", {"bronze.c"}).rule_inputs = {"silver.a"};
  Model& gold = add("gold.g", {"silver.b", "silver.a"});
  gold.header.aggregation = "claim";
  gold.columns = {{.name = "id", .type = "VARCHAR", .doc = "business key"},
                  {.name = "ratio", .type = "DOUBLE", .doc = "paid ÷ earned × 100", .unit = "%"}};
  return pack;
}

TEST(Show, tells_columns_with_formulas_and_the_lineage_down_to_the_files) {
  const Pack p = pack();

  const auto detail = model_detail(p, "GOLD.g");

  ASSERT_TRUE(detail) << detail.error().text();
  EXPECT_EQ(
      model_text(*detail),
      "gold.g\n"
      "  D.\n"
      "\n"
      "  kind        full\n"
      "  about       claim\n"
      "  file        f.sql\n"
      "\n"
      "Columns\n"
      "  id     VARCHAR  business key\n"
      "  ratio  DOUBLE   paid ÷ earned × 100 [%]\n"
      "\n"
      "Columns that the program adds\n"
      "  _gold_processed_at  TIMESTAMP WITH TIME ZONE  when the run computed the row\n"
      "  _source_tables      VARCHAR                   tables that the row was computed from\n"
      "  _aggregation_type   VARCHAR                   what a row is about\n"
      "\n"
      "Lineage\n"
      "  gold.g\n"
      "  ├─ silver.b\n"
      "  │  ├─ bronze.c\n"
      "  │  │  └─ raw.c\n"
      "  │  │     ├─ c.csv\n"
      "  │  │     └─ c/*.json\n"
      "  │  └─ silver.a  (by a rule)\n"
      "  │     └─ bronze.c  (see above)\n"
      "  └─ silver.a  (see above)\n");
}

TEST(Show, tells_who_reads_a_model) {
  const Pack p = pack();

  const auto detail = model_detail(p, "silver.a");

  ASSERT_TRUE(detail);
  EXPECT_EQ(detail->readers, (std::vector<std::string>{"silver.b", "gold.g"}));
}

TEST(Show, names_the_nearest_model) {
  const auto detail = model_detail(pack(), "gold.h");

  ASSERT_FALSE(detail);
  EXPECT_EQ(detail.error().message, "there is no model gold.h (did you mean gold.g?)");
}

}  // namespace
}  // namespace claimlake::pack
