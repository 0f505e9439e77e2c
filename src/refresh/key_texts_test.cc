#include "refresh/key_texts.h"

#include <fmt/format.h>

#include "quality/quarantine.h"
#include "refresh/memory_lake_for_test.h"

namespace claimlake::refresh {
namespace {

using Columns = MemoryLake::Columns;

class KeyTextsTest : public testing::Test {
 protected:
  // All rows of `values` are refused; which of them refused_rows() finds by the keys of `keys`,
  // rows of the key's columns, by the number that each row has.
  std::string found(const Columns& key, const std::string& values, const std::string& keys) {
    Columns columns = key;
    columns.push_back({"n", "INTEGER"});
    std::string items;
    std::vector<std::string> names;
    for (const pack::ColumnDoc& column : columns) {
      items += fmt::format("CAST({0} AS {1}) AS {0}, ", column.name, column.type);
      if (column.name != "n") names.push_back(column.name);
    }
    const std::string list = list_of(names);
    const std::string raw = fmt::format("(VALUES {}) AS raw({}, n)", values, list);
    lake_.say(fmt::format("CREATE OR REPLACE TABLE bronze.raw AS SELECT {} FROM {}",
                          items.substr(0, items.size() - 2), raw));
    pack::Model model =
        lake_.model("silver.t", names, fmt::format("SELECT {}, n FROM bronze.raw", list), columns,
                    {{"bronze.raw", columns}});
    model.rules.rules = {
        {.name = "none", .body = pack::RowCondition{"n < 0"}, .action = pack::Action::kQuarantine}};
    lake_.refresh(model, {.force = true});
    const auto made = lake_.session->execute(fmt::format(
        "CREATE OR REPLACE TEMP TABLE wanted AS SELECT * FROM (VALUES {}) AS k({})", keys, list));
    EXPECT_TRUE(made) << made.error().text();
    return lake_.rows("SELECT n FROM (" +
                      refused_rows(model, {"n"}, Timestamp(), "true", "wanted") + ") ORDER BY n");
  }

  MemoryLake lake_;
};

// Keys that a refresh by key has found come from inputs, whose types may be others than those of
// the table; the quarantine has the key as its table writes it.
TEST_F(KeyTextsTest, a_refused_row_is_found_by_its_key_whatever_its_types) {
  EXPECT_EQ(found({{"a", "VARCHAR"}}, "('x', 1), ('x|y', 2), ('', 3)", "('x|y'), ('')"), "2 3 ");
  EXPECT_EQ(found({{"a", "INTEGER"}}, "(7, 1), (-8, 2)", "(CAST(-8 AS BIGINT))"), "2 ");
  EXPECT_EQ(found({{"a", "INTEGER"}}, "(7, 1), (8, 2)", "('007')"), "1 ");
  EXPECT_EQ(found({{"a", "DECIMAL(18,2)"}}, "(1.5, 1), (2, 2)", "(CAST(1.5 AS DECIMAL(4,1)))"),
            "1 ");
  EXPECT_EQ(found({{"a", "DECIMAL(18,2)"}}, "(1.5, 1), (2, 2)", "(2)"), "2 ");
  EXPECT_EQ(found({{"a", "DATE"}}, "(DATE '2026-01-09', 1), (DATE '2026-01-10', 2)",
                  "(TIMESTAMP '2026-01-09 00:00:00')"),
            "1 ");
}

TEST_F(KeyTextsTest, a_key_of_two_columns_is_found_as_a_whole) {
  const Columns key = {{"a", "VARCHAR"}, {"b", "DATE"}};
  const char* values =
      "('x', DATE '2026-01-09', 1), ('x', DATE '2026-01-10', 2), ('y', DATE '2026-01-09', 3)";

  EXPECT_EQ(found(key, values, "('x', '2026-01-10')"), "2 ");
  EXPECT_EQ(found(key, values, "('y', '2026-01-10')"), "");
  EXPECT_EQ(
      found({{"a", "DECIMAL(18,2)"}, {"b", "INTEGER"}}, "(1, 2, 1), (1.2, 1, 2)", "(1.20, 1)"),
      "2 ");
}

TEST_F(KeyTextsTest, a_row_without_a_key_is_found_by_none) {
  EXPECT_EQ(found({{"a", "VARCHAR"}}, "(NULL, 1), ('NULL', 2)", "(NULL)"), "");
  EXPECT_EQ(found({{"a", "VARCHAR"}, {"b", "INTEGER"}}, "('x', NULL, 1), ('x', 2, 2)",
                  "('x', CAST(NULL AS INTEGER)), ('x', 2)"),
            "2 ");
}

}  // namespace
}  // namespace claimlake::refresh
