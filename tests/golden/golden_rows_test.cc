// Each golden table with expected rows: what we read of delta/ equals expected/, as a bag.
#include <gmock/gmock.h>

#include "golden_lake.h"

namespace claimlake {
namespace {

// A partition value of type timestamp may have no zone; then each reader takes that of its session,
// ours being UTC. These expected rows were made by a session in Los Angeles, so the time that its
// clock showed is what both must agree on.
std::string expected_column(const std::string& table, const std::string& column) {
  const std::string name = sql_identifier(column);
  if (table != "data-reader-partition-values" || column != "as_timestamp") return name;
  return "CAST(timezone('America/Los_Angeles', CAST(" + name + " AS TIMESTAMPTZ)) AS TIMESTAMPTZ)";
}

std::string read_expected(const std::string& folder) {
  std::string files;
  const auto objects = golden_lake()->store().list_all(folder);
  for (const auto& object : *objects) {
    if (!object.path.ends_with(".parquet")) continue;
    files += (files.empty() ? "" : ", ") + sql_string("lake://" + object.path);
  }
  // Partitioned expectations have their partition columns in the folder names.
  return "read_parquet([" + files + "], hive_partitioning = false)";
}

Result<std::string> one_value(engine::Session& session, const std::string& sql) {
  TRY(const auto rows, session.query(sql));
  TRY(const auto table, engine::read_all(*rows));
  return table.rows.at(0).at(0).value_or("NULL");
}

// For the message of a failing test.
std::string first_row(engine::Session& session, const std::string& sql) {
  const auto value =
      one_value(session, "SELECT CAST(row AS VARCHAR) FROM (" + sql + ") AS row LIMIT 1");
  return sql + ": " + (value ? *value : value.error().text());
}

class GoldenRows : public testing::TestWithParam<std::string> {};

TEST_P(GoldenRows, equal_the_expected_ones) {
  GoldenLake& lake = *golden_lake();
  const std::string folder = "tables/" + GetParam() + "/delta";
  lake.show(folder);
  auto session = lake.engine().session({.access = engine::Access::kInternal});
  ASSERT_TRUE(session) << session.error().text();
  const std::string ours = "lake.golden." + sql_identifier(to_lower(folder));

  const auto columns = (*session)->describe("SELECT * FROM " + ours);
  ASSERT_TRUE(columns) << columns.error().text();
  std::string names;
  std::string expected_names;
  for (const auto& column : *columns) {
    names += (names.empty() ? "" : ", ") + sql_identifier(column.name);
    expected_names +=
        (expected_names.empty() ? "" : ", ") + expected_column(GetParam(), column.name);
  }
  const std::string left = "SELECT " + names + " FROM " + ours;
  const std::string right =
      "SELECT " + expected_names + " FROM " + read_expected("tables/" + GetParam() + "/expected");
  const auto count = [&](const std::string& sql) {
    const auto value = one_value(**session, "SELECT count(*) FROM (" + sql + ")");
    return value ? *value : value.error().text();
  };

  EXPECT_EQ(count(left), count(right));
  for (const std::string& difference :
       {left + " EXCEPT ALL " + right, right + " EXCEPT ALL " + left}) {
    EXPECT_EQ(count(difference), "0") << first_row(**session, difference);
  }
}

std::vector<std::string> tables_with_expected_rows() {
  std::vector<std::string> out;
  if (golden_lake() == nullptr) return out;
  for (const std::string& name : golden_lake()->names("tables")) {
    if (golden_lake()->has("tables/" + name + "/expected")) out.push_back(name);
  }
  return out;
}

INSTANTIATE_TEST_SUITE_P(All, GoldenRows, testing::ValuesIn(tables_with_expected_rows()),
                         [](const auto& info) {
                           std::string name = info.param;
                           for (char& c : name) {
                             if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
                           }
                           return name;
                         });
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(GoldenRows);

TEST(GoldenRowsData, is_there) {
  SKIP_WITHOUT_GOLDEN_DATA();
  EXPECT_GE(tables_with_expected_rows().size(), 60u);
}

}  // namespace
}  // namespace claimlake
