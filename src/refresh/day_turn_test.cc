// Pets whose age hangs on the day, in a lake in memory. After each turn of the day the tables must
// be what the same steps give in a second lake that is built as a whole each time.
#include "refresh/day_turn.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "refresh/memory_lake_for_test.h"

namespace claimlake::refresh {
namespace {

using testing::StartsWith;

Date day(const std::string& text) { return *parse_date(text); }

// bronze.p, written by hand; silver.pets with their age in months, of which those born in future
// and those without an id are refused; two tables of Gold over it.
class Clinic : private MemoryLake {
 public:
  using MemoryLake::rows;
  using MemoryLake::say;
  using MemoryLake::version;

  explicit Clinic(double by_key_share) : by_key_share_(by_key_share) {
    const Columns in = {{"id", "VARCHAR"}, {"owner", "VARCHAR"}, {"born", "DATE"}};
    say("CREATE TABLE bronze.p (id VARCHAR, owner VARCHAR, born DATE)");
    pets_ =
        model("silver.pets", {"id"},
              "SELECT id, owner, born, CAST((YEAR(CURRENT_DATE) - YEAR(born)) * 12 + "
              "MONTH(CURRENT_DATE) - MONTH(born) - CASE WHEN DAY(CURRENT_DATE) < DAY(born) THEN "
              "1 ELSE 0 END AS BIGINT) AS months FROM bronze.p",
              {{"id", "VARCHAR"}, {"owner", "VARCHAR"}, {"born", "DATE"}, {"months", "BIGINT"}},
              {{"bronze.p", in}});
    const auto quarantine = pack::Action::kQuarantine;
    pets_.rules.rules = {
        {.name = "is_known", .body = pack::NotNull{{"id"}}, .action = quarantine},
        {.name = "is_born",
         .body = pack::RowCondition{"born < CURRENT_DATE"},
         .action = quarantine},
        {.name = "is_old", .body = pack::RowCondition{"months > 2"}},
        {.name = "few_are_new",
         .group = pack::RuleGroup::kSet,
         .body = pack::Query{
             "SELECT COUNT(*) FROM {new} AS n WHERE n.born = CURRENT_DATE - INTERVAL 1 DAY",
             "<=",
             "100",
             {{{"_new"}, {}}}}}};
    owners_ = model("gold.owners", {"owner"},
                    "SELECT owner, COUNT(*) AS pets FROM silver.pets GROUP BY owner",
                    {{"owner", "VARCHAR"}, {"pets", "BIGINT"}}, {{"silver.pets", pets_.columns}});
    young_ = model("gold.young", {"id"},
                   "SELECT id, born FROM silver.pets WHERE born > CURRENT_DATE - INTERVAL 30 DAY",
                   {{"id", "VARCHAR"}, {"born", "DATE"}}, {{"silver.pets", pets_.columns}});
    days_ = model("gold.days", {"id"},
                  "WITH c AS (SELECT id, born, CURRENT_DATE AS today FROM silver.pets) SELECT "
                  "c.id, COUNT(*) AS days FROM c, generate_series(CAST(c.born AS TIMESTAMP), "
                  "CAST(c.today AS TIMESTAMP), INTERVAL '1' DAY) AS g(d) GROUP BY c.id",
                  {{"id", "VARCHAR"}, {"days", "BIGINT"}}, {{"silver.pets", pets_.columns}});
    for (pack::Model* each : models()) each->header.clock_day = true;
  }

  // What became of silver.pets, gold.owners, gold.young and gold.days.
  std::vector<TableReport> refresh(const std::string& as_of) {
    std::vector<TableReport> out;
    for (const pack::Model* each : models()) {
      out.push_back(
          MemoryLake::refresh(*each, {.by_key_share = by_key_share_, .as_of = day(as_of)}));
    }
    return out;
  }
  // The rows of all tables but for times, what the rules found, and the quarantine.
  std::string tables() {
    std::string out = rows("SELECT * EXCLUDE (_silver_processed_at) FROM silver.pets ORDER BY ALL");
    for (const char* name : {"gold.owners", "gold.young", "gold.days"}) {
      out += "\n" +
             rows(fmt::format("SELECT * EXCLUDE (_gold_processed_at) FROM {} ORDER BY ALL", name));
    }
    return out + "\n" + rows("SELECT key, state, reason, payload FROM ops.quarantine ORDER BY ALL");
  }
  std::vector<pack::Model*> models() { return {&pets_, &owners_, &young_, &days_}; }

 private:
  const double by_key_share_;
  pack::Model pets_;
  pack::Model owners_;
  pack::Model young_;
  pack::Model days_;  // one row for each day, in a function that is called for each row
};

class DayTurnTest : public testing::Test {
 protected:
  void say(const std::string& sql) {
    by_key.say(sql);
    whole.say(sql);
  }
  // Refreshes both lakes, which must then hold the same. The results of the rules, too.
  std::vector<TableReport> turn_to(const std::string& as_of) {
    const auto reports = by_key.refresh(as_of);
    const auto built = whole.refresh(as_of);
    EXPECT_EQ(by_key.tables(), whole.tables()) << as_of;
    const auto found = [](const std::vector<TableReport>& all) {
      std::string out;
      for (const auto& result : all[0].results) {
        out += fmt::format("{} {} {}; ", result.rule, result.checked, result.failed);
      }
      return out;
    };
    EXPECT_EQ(found(reports), found(built)) << as_of;
    return reports;
  }

  Clinic by_key{1};
  Clinic whole{0};
};

TEST_F(DayTurnTest, writes_the_rows_alone_whose_values_change) {
  say("INSERT INTO bronze.p VALUES ('a', 'o1', DATE '2025-01-15'), ('b', 'o1', DATE '2025-03-20'), "
      "('c', 'o2', DATE '2025-06-15'), ('d', 'o2', NULL)");
  turn_to("2026-01-14");

  const auto reports = turn_to("2026-01-15");

  EXPECT_EQ(reports[0].way, "by key (2 touched by the day)");
  EXPECT_EQ(reports[0].rows, 2);
  EXPECT_EQ(by_key.rows("SELECT id, months FROM silver.pets ORDER BY id"), "a 12 b 9 c 7 d null ");
}

TEST_F(DayTurnTest, months_that_end_early_are_counted) {
  say("INSERT INTO bronze.p VALUES ('a', 'o', DATE '2025-12-31'), ('b', 'o', DATE '2025-12-28'), "
      "('c', 'o', DATE '2025-12-01'), ('d', 'o', DATE '2024-02-29')");
  turn_to("2026-02-27");
  EXPECT_EQ(turn_to("2026-02-28")[0].way, "by key (1 touched by the day)");  // b

  const auto reports = turn_to("2026-03-01");  // c, a and d: a day before the 29th and 31st

  EXPECT_EQ(by_key.rows("SELECT id, months FROM silver.pets ORDER BY id"), "a 2 b 2 c 3 d 24 ");
  EXPECT_EQ(reports[0].way, "by key (3 touched by the day)");
}

TEST_F(DayTurnTest, goes_back_and_far_as_the_clock_does) {
  say("INSERT INTO bronze.p VALUES ('a', 'o1', DATE '2025-01-15'), ('b', 'o1', DATE '2026-01-20'), "
      "('c', 'o2', DATE '2026-02-01')");
  turn_to("2026-02-14");
  for (const char* as_of : {"2026-02-13", "2026-01-01", "2027-01-31", "2024-02-29", "2026-02-14"}) {
    EXPECT_THAT(turn_to(as_of)[0].way, StartsWith("by key")) << as_of;
  }
}

TEST_F(DayTurnTest, a_refused_row_comes_on_its_day) {
  say("INSERT INTO bronze.p VALUES ('a', 'o1', DATE '2026-01-15'), ('b', 'o1', DATE '2026-01-16'), "
      "(NULL, 'o2', DATE '2025-05-17'), (NULL, 'o2', DATE '2025-05-18')");
  EXPECT_EQ(turn_to("2026-01-15")[0].refused_rows, 4);
  EXPECT_EQ(turn_to("2026-01-16")[0].refused_rows, 3);
  // A pet without an id is a month older: its row in the quarantine changes.
  EXPECT_EQ(turn_to("2026-01-17")[0].way, "by key (1 touched by the day)");
  EXPECT_EQ(by_key.rows("SELECT id FROM silver.pets ORDER BY id"), "a b ");
  EXPECT_EQ(turn_to("2026-01-15")[0].refused_rows, 4);
}

TEST_F(DayTurnTest, follows_changes_of_its_inputs_of_the_same_night) {
  say("INSERT INTO bronze.p VALUES ('a', 'o1', DATE '2025-01-15'), ('b', 'o1', DATE '2025-03-20'), "
      "('c', 'o2', DATE '2025-06-15')");
  turn_to("2026-01-14");
  say("INSERT INTO bronze.p VALUES ('e', 'o3', DATE '2026-01-01')");
  say("UPDATE bronze.p SET owner = 'o3' WHERE id = 'c'");
  say("DELETE FROM bronze.p WHERE id = 'b'");

  EXPECT_EQ(turn_to("2026-01-15")[0].way, "by key (4 touched by the day)");
}

TEST_F(DayTurnTest, rows_that_changed_in_what_a_table_does_not_read_touch_none_of_it) {
  say("INSERT INTO bronze.p VALUES ('a', 'o1', DATE '2025-01-15'), ('b', 'o2', DATE '2025-03-20')");
  turn_to("2026-01-14");

  const auto reports = turn_to("2026-01-15");

  EXPECT_EQ(reports[0].rows, 1);
  // Counts pets, whatever their age.
  EXPECT_EQ(reports[1].way, "by key (0 touched, added to what they had)");
}

TEST_F(DayTurnTest, where_the_day_decides_which_rows_there_are_those_are_written_that_differ) {
  say("INSERT INTO bronze.p VALUES ('a', 'o1', DATE '2025-01-15'), ('b', 'o1', DATE '2025-12-16'), "
      "('c', 'o2', DATE '2026-01-10')");
  turn_to("2026-01-14");
  EXPECT_EQ(by_key.rows("SELECT id FROM gold.young ORDER BY id"), "b c ");

  const auto reports = turn_to("2026-01-15");

  EXPECT_EQ(by_key.rows("SELECT id FROM gold.young"), "c ");
  EXPECT_EQ(reports[2].rows, 1);
}

TEST_F(DayTurnTest, what_the_day_does_is_read_from_the_sql) {
  const auto models = by_key.models();
  using Kind = pack::DayWay::Kind;

  const pack::DayWay pets = pack::day_way(*models[0]);

  EXPECT_EQ(pets.kind, Kind::kColumns);
  EXPECT_EQ(pets.columns, std::vector<std::string>{"months"});
  ASSERT_EQ(pets.rules.size(), 1U);
  EXPECT_EQ(pets.rules[0]->name, "is_born");
  EXPECT_EQ(pack::day_way(*models[1]).kind, Kind::kNothing);
  EXPECT_EQ(pack::day_way(*models[2]).kind, Kind::kRows);
  EXPECT_EQ(pack::day_way(*models[3]).kind, Kind::kRows);
}

}  // namespace
}  // namespace claimlake::refresh
