#include "pack/model.h"

#include <gtest/gtest.h>

namespace claimlake::pack {
namespace {

constexpr const char* kClaims = R"(/* claimlake
description: One row per claim.
kind: keyed
key: claim_id
latest_by: [TRY_CAST(updated_at AS TIMESTAMP), _source_position]
partition: month
owner: claims@example.com
sla: {fresh: 1s, warn_after: 10s, by: "06:00 America/New_York"}
tags: {phi: [code]}
grants: {analyst: masked, adjuster: {rows: "state = 'TX'"}}
expect:
  claim_id: [not_null: quarantine]
*/
SELECT claim_id,            -- business key
       paid * 100 AS share, -- paid ÷ claimed × 100,
                            -- 0 where nothing is claimed [%]
       code, month
FROM bronze.claims_raw;
-- the end
)";

std::string error_of(std::string_view text, std::string_view name = "silver.t") {
  const auto model = parse_model(text, name, "t.sql");
  return model ? "read" : model.error().where + " " + model.error().message;
}

// A header of these lines before "SELECT a FROM bronze.x".
std::string with_header(const std::string& lines) {
  return "/* claimlake\n" + lines + "*/\nSELECT a FROM bronze.x";
}

TEST(Model, takes_header_sql_and_column_documentation_from_one_file) {
  const auto model = parse_model(kClaims, "silver.fact_claims", "fact_claims.sql");

  ASSERT_TRUE(model) << model.error().text();
  const Header& header = model->header;
  EXPECT_EQ(header.kind, Kind::kKeyed);
  EXPECT_EQ(header.key, std::vector<std::string>{"claim_id"});
  EXPECT_EQ(header.latest_by[0], "TRY_CAST(updated_at AS TIMESTAMP)");
  EXPECT_EQ(header.sla.warn_after, std::chrono::seconds(10));
  EXPECT_EQ(header.sla.by, "06:00 America/New_York");
  EXPECT_EQ(header.grants.at("adjuster"), "rows: state = 'TX'");
  ASSERT_EQ(header.expect.size(), 1u);
  EXPECT_EQ(header.expect[0].name, "claim_id_not_null");
  EXPECT_TRUE(model->sql.ends_with("FROM bronze.claims_raw"));
  EXPECT_EQ(model->sql_first_line, 14);
  ASSERT_EQ(model->columns.size(), 4u);
  EXPECT_EQ(model->columns[1].name, "share");
  EXPECT_EQ(model->columns[1].doc, "paid ÷ claimed × 100, 0 where nothing is claimed");
  EXPECT_EQ(model->columns[1].unit, "%");
  EXPECT_EQ(model->columns[1].place, (Place{15, 8}));
}

TEST(Model, names_file_line_and_column_of_what_is_wrong_in_the_header) {
  EXPECT_EQ(error_of("SELECT 1"), "t.sql:1:1 a model begins with its header");
  EXPECT_EQ(error_of("/* claimlake\nkind: full\n"), "t.sql:1:1 the header has no end");
  EXPECT_EQ(error_of(with_header("kind: keyd\n")),
            "t.sql:2:7 kind is not one of append, keyed, full, view, function: keyd (did you mean "
            "keyed?)");
  EXPECT_EQ(error_of(with_header("kind: full\ndescription: x\n  more: y\n")).substr(0, 8),
            "t.sql:4:");
  EXPECT_EQ(error_of(with_header("kind: full\ndescription: x\nparitition: a\n")),
            "t.sql:4:1 a full model has no key paritition (did you mean partition?)");
  EXPECT_EQ(error_of(with_header("kind: keyed\ndescription: x\n")),
            "t.sql:2:1 a keyed model needs the key key");
  EXPECT_EQ(error_of(with_header("kind: view\ndescription: x\nkey: a\n"), "serving.t"),
            "t.sql:4:1 a view model has no key key");
  EXPECT_EQ(error_of(with_header("kind: full\ndescription: x\nclock: hour\n")),
            "t.sql:4:8 clock can only be day, not hour");
  EXPECT_EQ(error_of(with_header("kind: full\ndescription: x\nsla: {fresh: soon}\n")).substr(0, 11),
            "t.sql:4:14 ");
  EXPECT_EQ(error_of(with_header("kind: full\ndescription: x\ngrants: {a: maskd}\n")),
            "t.sql:4:13 a grant is clear, masked, none or {rows: condition}, not maskd (did you "
            "mean masked?)");
  EXPECT_EQ(error_of(with_header("kind: full\ndescription: x\n"), "gold.t"),
            "t.sql:2:1 a Gold table needs the key aggregation");
}

TEST(Model, is_one_select_with_named_columns) {
  const std::string header = "/* claimlake\nkind: full\ndescription: x\n*/\n";

  EXPECT_EQ(error_of(header), "t.sql:5:1 there is no SELECT behind the header");
  EXPECT_EQ(error_of(header + "DELETE FROM t"),
            "t.sql:5:1 a model is one SELECT; this begins with DELETE");
  EXPECT_EQ(error_of(header + "SELECT 1 AS a;\nSELECT 2"),
            "t.sql:6:1 a model is one SELECT; here a second statement begins");
  EXPECT_EQ(error_of(header + "SELECT a,\n  b + 1 FROM t"),
            "t.sql:6:3 column 2 has no name: b + 1");
  EXPECT_EQ(error_of(header + "SELECT t.* FROM t"),
            "t.sql:5:8 the outermost SELECT must name its columns, not *");
  EXPECT_EQ(error_of(header + "SELECT 'a FROM t"), "t.sql:5:8 this string has no end");
  EXPECT_EQ(error_of("/* claimlake\nkind: full\ndescription: x\n*/ SELECT 'a"),
            "t.sql:4:11 this string has no end");
}

TEST(Model, a_comment_without_an_opening_bracket_has_no_unit) {
  const auto model = parse_model(
      "/* claimlake\nkind: full\ndescription: x\n*/\nSELECT a -- in USD]\nFROM bronze.x",
      "silver.t", "t.sql");

  ASSERT_TRUE(model) << model.error().text();
  EXPECT_EQ(model->columns[0].doc, "in USD]");
  EXPECT_EQ(model->columns[0].unit, "");
}

TEST(Model, wants_a_formula_beside_every_gold_column) {
  EXPECT_EQ(error_of("/* claimlake\nkind: full\ndescription: x\naggregation: month\n*/\n"
                     "SELECT a, -- key\n       b FROM silver.x",
                     "gold.t"),
            "t.sql:7:8 a column of Gold or serving has no formula beside it: b");
}

}  // namespace
}  // namespace claimlake::pack
