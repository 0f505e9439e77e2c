#include "pack/source.h"

#include <gtest/gtest.h>

#include "pack/literal.h"

namespace claimlake::pack {
namespace {

std::string text(const std::string& rest) {
  return "source: claims\ntable: bronze.claims_raw\n" + rest;
}

std::string error_of(const std::string& yaml) {
  const auto source = parse_source(yaml, "claims", "claims.yml");
  return source ? "read" : source.error().where + " " + source.error().message;
}

TEST(Source, reads_files_columns_and_types) {
  const auto source =
      parse_source(text("files: [claims.jsonl, claims/*.json]\nrequired: [id]\n"
                        "columns:\n  id: string\n  amount: decimal(18,2)\n  at: timestamp\n"),
                   "claims", "claims.yml");

  ASSERT_TRUE(source) << source.error().text();
  EXPECT_EQ(source->table, "bronze.claims_raw");
  ASSERT_EQ(source->columns.size(), 3u);
  EXPECT_EQ(source->columns[1].type, "DECIMAL(18,2)");
  EXPECT_EQ(source->columns[2].type, "TIMESTAMP WITH TIME ZONE");
}

TEST(Source, names_the_place_and_the_nearest_word) {
  EXPECT_EQ(
      error_of(text("files: [a.csv]\nrequired: [ids]\ncolumns: {id: string}\n")),
      "claims.yml:4:11 required names a column that is not in columns: ids (did you mean id?)");
  EXPECT_EQ(error_of(text("files: [a.csv]\nrequired: [id]\ncolumns: {id: strng}\n")),
            "claims.yml:5:15 there is no type strng (did you mean string?)");
  EXPECT_EQ(error_of(text("files: [a.txt]\nrequired: [id]\ncolumns: {id: string}\n")),
            "claims.yml:3:8 a pattern must end in .csv, .json or .jsonl: a.txt");
  EXPECT_EQ(error_of("source: claim\n").substr(0, 14), "claims.yml:1:9");
}

TEST(Source, decimals_have_sane_digits) {
  EXPECT_EQ(*source_sql_type("decimal(38,0)"), "DECIMAL(38,0)");
  for (const char* bad : {"decimal", "decimal(39,2)", "decimal(0,0)", "decimal(5,6)",
                          "decimal(18,2) x", "decimal(18,2", "int", ""}) {
    EXPECT_FALSE(source_sql_type(bad)) << bad;
  }
}

TEST(Literal, follows_the_type_of_the_column) {
  EXPECT_EQ(*sql_literal("it's", "VARCHAR"), "'it''s'");
  EXPECT_EQ(*sql_literal("-0.01", "DECIMAL(18,2)"), "-0.01");
  EXPECT_EQ(*sql_literal("2020-01-31", "DATE"), "DATE '2020-01-31'");
  EXPECT_EQ(*sql_literal("true", "BOOLEAN"), "true");
  EXPECT_EQ(*sql_literal("2020-01-31", "TIMESTAMP"),
            "CAST('2020-01-31T00:00:00.000000Z' AS TIMESTAMP)");
  for (const char* bad : {"x", "1e5", "", "1.", "--1", "1; DROP"}) {
    EXPECT_FALSE(sql_literal(bad, "DECIMAL(18,2)")) << bad;
  }
  EXPECT_FALSE(sql_literal("2020-02-31", "DATE"));
}

}  // namespace
}  // namespace claimlake::pack
