// Leaving out files by what the log says of them must not change a single answer: for random
// conditions on the columns of every golden table, the table gives the rows that a copy without
// files and statistics gives.
#include <gtest/gtest.h>

#include <set>

#include "golden_lake.h"

namespace claimlake {
namespace {

constexpr int kConditionsPerColumn = 3;

class GoldenPrune : public testing::Test {
 public:
  void SetUp() override {
    SKIP_WITHOUT_GOLDEN_DATA();
    auto made = golden_lake()->engine().session({.access = engine::Access::kInternal});
    ASSERT_TRUE(made) << made.error().text();
    session_ = *std::move(made);
  }

  std::string value(const std::string& sql) {
    const auto rows = session_->query(sql);
    if (!rows) return rows.error().text();
    const auto table = engine::read_all(**rows);
    if (!table) return table.error().text();
    return table->rows.empty() ? "no row" : table->rows.at(0).at(0).value_or("NULL");
  }

  // True for a type whose values can be written as a text that casts to them.
  static bool comparable(const std::string& type) {
    const bool plain = type.find('(') == std::string::npos || type.starts_with("DECIMAL");
    return plain && !type.ends_with("]") && type != "VARIANT" && type != "BLOB";
  }

  // A condition on `column`, about a value that the table has or one near it.
  std::string condition(const std::string& column, const std::string& type,
                        const std::string& copy) {
    const auto constant = [&] {
      const std::string found =
          value("select cast(" + column + " as varchar) from " + copy + " where " + column +
                " is not null offset " + std::to_string(random_.below(20)));
      return found == "no row" ? std::string("NULL")
                               : "cast(" + sql_string(found) + " as " + type + ")";
    };
    static constexpr const char* kComparisons[] = {"=", "<", "<=", ">", ">=", "<>"};
    switch (random_.below(5)) {
      case 0:
        return column + " is null";
      case 1:
        return column + " is not null";
      case 2:
        return column + " in (" + constant() + ", " + constant() + ")";
      case 3:
        return column + " between " + constant() + " and " + constant();
      default:
        return column + " " + kComparisons[random_.below(6)] + " " + constant();
    }
  }

  void check(const std::string& folder) {
    golden_lake()->show(folder);
    const std::string table = "lake.golden." + sql_identifier(to_lower(folder));
    const auto columns = session_->describe("select * from " + table);
    if (!columns) return;  // refused: other tests say which, and why
    if (!session_->execute("create or replace temp table plain_copy as select * from " + table)) {
      return;  // its data files are not there
    }
    ++tables_;
    const std::string rows = "select count(*) || ' ' || coalesce(sum(hash(cast(t as varchar))), 0)";
    for (const auto& column : *columns) {
      if (!comparable(column.type)) continue;
      for (int i = 0; i < kConditionsPerColumn; ++i) {
        const std::string where = condition(sql_identifier(column.name), column.type, "plain_copy");
        EXPECT_EQ(value(rows + " from " + table + " t where " + where),
                  value(rows + " from plain_copy t where " + where))
            << folder << " where " << where;
      }
    }
  }

  int tables_ = 0;

 private:
  SeededRandom random_{7};
  std::unique_ptr<engine::Session> session_;
};

TEST_F(GoldenPrune, does_not_change_the_answer_to_random_conditions) {
  // The first has statistics of a column that its files lack; the files of the second, 300,000 with
  // a hundred columns, are not there.
  const std::set<std::string> apart = {"parsed-stats", "300k-add-files-100-col-partitioned"};
  for (const std::string& name : golden_lake()->names("tables")) check("tables/" + name + "/delta");
  for (const std::string& name : golden_lake()->names("features")) {
    if (!apart.contains(name)) check("features/" + name);
  }
  EXPECT_GE(tables_, 80);
}

}  // namespace
}  // namespace claimlake
