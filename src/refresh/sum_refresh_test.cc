// Sums that go on from what came and went, held against the same sums of all rows.
#include "refresh/sum_refresh.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "refresh/memory_lake_for_test.h"

namespace claimlake::refresh {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

class SumRefreshTest : public testing::Test, protected MemoryLake {
 protected:
  SumRefreshTest() {
    say("CREATE TABLE silver.c (id BIGINT, month VARCHAR, customer VARCHAR, pet VARCHAR, amount "
        "DECIMAL(18,2), days INTEGER, share DOUBLE)");
  }
  pack::Model sums_of(const std::string& items, Columns columns, std::vector<std::string> key,
                      const std::string& groups) {
    return model(
        "gold.t", std::move(key),
        "SELECT " + items + " FROM silver.c WHERE days IS NULL OR days < 90 GROUP BY " + groups,
        std::move(columns), {{"silver.c", kColumns}});
  }
  pack::Model by_month() {
    return sums_of(
        "month AS of, SUBSTR(month, 1, 2) AS of_year, COUNT(*) AS n, COUNT(amount) AS known, "
        "COUNT(DISTINCT customer) AS customers, COUNT(DISTINCT pet) AS pets, "
        "CAST(COALESCE(SUM(amount), 0) AS DECIMAL(18,2)) AS amount, "
        "COUNT(CASE WHEN days > 3 THEN 1 END) AS late",
        {{"of", "VARCHAR"},
         {"of_year", "VARCHAR"},
         {"n", "BIGINT"},
         {"known", "BIGINT"},
         {"customers", "BIGINT"},
         {"pets", "BIGINT"},
         {"amount", "DECIMAL(18,2)"},
         {"late", "BIGINT"}},
        {"of"}, "month");
  }
  TableReport refresh(const pack::Model& model) {
    return MemoryLake::refresh(model, {.by_key_share = 1});
  }
  // What the model's SQL gives now, and what the table has.
  void expect_right(const pack::Model& model, const std::string& after) {
    const std::string columns =
        fmt::format("{}", fmt::join(pack::column_names(model.columns), ","));
    EXPECT_EQ(rows(fmt::format("SELECT {} FROM gold.t ORDER BY ALL", columns)),
              rows(fmt::format("SELECT * FROM ({}) ORDER BY ALL", model.sql)))
        << after;
  }

  const Columns kColumns = {
      {"id", "BIGINT"},   {"month", "VARCHAR"},        {"customer", "VARCHAR"},
      {"pet", "VARCHAR"}, {"amount", "DECIMAL(18,2)"}, {"days", "INTEGER"},
      {"share", "DOUBLE"}};
};

TEST_F(SumRefreshTest, a_month_goes_on_from_what_it_had) {
  say("INSERT INTO silver.c VALUES (1, 'May', 'K1', 'A1', 10.50, 1, 0), (2, 'May', 'K1', 'A2', "
      "NULL, 5, 0), (3, 'June', 'K2', 'A3', 7, NULL, 0)");
  const pack::Model model = by_month();
  refresh(model);
  EXPECT_EQ(rows("SELECT * EXCLUDE (_gold_processed_at, _source_tables, _aggregation_type) FROM "
                 "gold.t ORDER BY ALL"),
            "June Ju 1 1 1 1 7.00 0 May Ma 2 1 1 2 10.50 1 ");

  // One of K1 goes, who stays with the other; K3 is new; June has no row any more.
  say("DELETE FROM silver.c WHERE id IN (1, 3)");
  say("INSERT INTO silver.c VALUES (4, 'May', 'K3', 'A2', 1.25, 9, 0)");
  EXPECT_THAT(refresh(model).way, EndsWith("(2 touched, added to what they had)"));
  EXPECT_EQ(rows("SELECT * EXCLUDE (_gold_processed_at, _source_tables, _aggregation_type) FROM "
                 "gold.t ORDER BY ALL"),
            "May Ma 2 1 2 1 1.25 2 ");
}

TEST_F(SumRefreshTest, a_row_that_the_model_leaves_out_needs_no_key) {
  pack::Model model = by_month();
  model.sql =
      "SELECT month AS of, SUBSTR(month, 1, 2) AS of_year, COUNT(*) AS n, COUNT(amount) AS "
      "known, COUNT(DISTINCT customer) AS customers, COUNT(DISTINCT pet) AS pets, "
      "CAST(COALESCE(SUM(amount), 0) AS DECIMAL(18,2)) AS amount, COUNT(CASE WHEN days > 3 "
      "THEN 1 END) AS late FROM silver.c WHERE month IS NOT NULL GROUP BY month";
  model = MemoryLake::model("gold.t", {"of"}, model.sql, model.columns, {{"silver.c", kColumns}});
  say("INSERT INTO silver.c VALUES (1, 'May', 'K1', 'A1', 10, 1, 0)");
  refresh(model);
  say("INSERT INTO silver.c VALUES (2, NULL, 'K1', 'A1', 10, 1, 0), (3, 'May', 'K1', 'A1', 10, 1, "
      "0)");

  EXPECT_THAT(refresh(model).way, HasSubstr("(1 touched, added"));
  expect_right(model, "a row without a month");
}

TEST_F(SumRefreshTest, doubles_and_what_is_rounded_are_added_up_again) {
  say("INSERT INTO silver.c VALUES (1, 'May', 'K1', 'A1', 0.4, 1, 0.1)");
  for (const auto& [item, type] :
       {std::pair{"COALESCE(SUM(share), 0)", "DOUBLE"},
        {"CAST(COALESCE(SUM(share), 0) AS DECIMAL(18,2))", "DECIMAL(18,2)"},
        {"CAST(COALESCE(SUM(amount), 0) AS BIGINT)", "BIGINT"},
        {"MAX(amount)", "DECIMAL(18,2)"}}) {
    const pack::Model model =
        sums_of(fmt::format("month, COUNT(*) AS n, {} AS x", item),
                {{"month", "VARCHAR"}, {"n", "BIGINT"}, {"x", type}}, {"month"}, "month");
    EXPECT_EQ(*added_up(*session, model), "") << item;
  }
  EXPECT_EQ(*added_up(*session, by_month()), "silver.c");
  // Nobody would see that a key has no row any more.
  EXPECT_EQ(
      *added_up(*session, sums_of("month, COUNT(amount) AS n",
                                  {{"month", "VARCHAR"}, {"n", "BIGINT"}}, {"month"}, "month")),
      "");
}

TEST_F(SumRefreshTest, any_changes_give_what_all_rows_give) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    say("DELETE FROM silver.c");
    SeededRandom draw(seed);
    const auto below = [&](std::uint64_t n) { return draw.next() % n; };
    const auto one = [&](const char* letter, std::uint64_t n) {
      const std::uint64_t drawn = below(n + 1);
      return drawn == n ? std::string("NULL") : fmt::format("'{}{}'", letter, drawn);
    };
    const auto row = [&](std::uint64_t id) {
      return fmt::format("({}, 'm{}', {}, {}, {}, {}, 0)", id, below(3), one("k", 4), one("a", 5),
                         below(4) == 0 ? "NULL" : fmt::format("{}.{:02}", below(50), below(100)),
                         below(5) == 0 ? "NULL" : fmt::format("{}", below(100)));
    };
    say("INSERT INTO silver.c VALUES " + row(0) + ", " + row(1));
    const pack::Model model = by_month();
    MemoryLake::refresh(model, {.by_key_share = 1, .force = true});
    std::size_t added = 0;
    for (std::uint64_t step = 2; step < 14; ++step) {
      switch (below(4)) {
        case 0:
          say(fmt::format("DELETE FROM silver.c WHERE id % 5 = {}", below(5)));
          break;
        case 1:
          say(fmt::format("UPDATE silver.c SET month = 'm{}' WHERE id % 3 = {}", below(3),
                          below(3)));
          break;
        case 2:
          say(fmt::format("UPDATE silver.c SET customer = {}, pet = {} WHERE id % 4 = {}",
                          one("k", 4), one("a", 5), below(4)));
          break;
        default:
          say("INSERT INTO silver.c VALUES " + row(step) + ", " + row(step + 100) + ", " +
              row(step));
          break;
      }
      const TableReport report = refresh(model);
      if (report.outcome == TableOutcome::kSkipped) continue;
      EXPECT_THAT(report.way, HasSubstr("added to what they had"));
      ++added;
      expect_right(model, fmt::format("seed {}, step {}", seed, step));
    }
    EXPECT_GE(added, 4U) << "of twelve steps, of which some find no row to change";
  }
}

}  // namespace
}  // namespace claimlake::refresh
