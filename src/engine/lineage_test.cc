#include <gmock/gmock.h>

#include "engine/fixture_for_test.h"

namespace claimlake::engine {
namespace {

using testing::ElementsAre;

class Lineage : public EngineTest {
 protected:
  void SetUp() override {
    add_table("silver.claims", {"id", "customer", "paid"});
    add_table("silver.customers", {"id", "name"});
    directory.view_map["gold"]["paid_view"] = {
        "select customer as who, paid * 2 as twice from silver.claims", ""};
  }
  std::vector<std::string> of(std::string_view select) {
    const auto lineage = session()->lineage(select);
    if (!lineage) return {failure(lineage.error())};
    std::vector<std::string> out;
    for (const auto& column : *lineage) {
      std::string line = column.column + ":";
      for (const auto& source : column.sources) line += " " + source.table + "." + source.column;
      out.push_back(line);
    }
    return out;
  }
};

TEST_F(Lineage, follows_expressions_aggregates_and_joins) {
  EXPECT_THAT(of("select u.name, sum(c.paid) + count(*) as total, 1 as one from silver.claims c "
                 "join silver.customers u on u.id = c.customer where c.id > 3 group by u.name"),
              ElementsAre("name: silver.customers.name", "total: silver.claims.paid", "one:"));
}

TEST_F(Lineage, follows_views_ctes_unions_windows_and_subqueries) {
  EXPECT_THAT(of("with x as materialized (select who, twice from gold.paid_view) select who, "
                 "row_number() over (order by twice) as rank, (select max(name) from "
                 "silver.customers u where u.id = x.who) as n from x"),
              ElementsAre("who: silver.claims.customer", "rank: silver.claims.paid",
                          "n: silver.customers.name"));
  EXPECT_THAT(of("select id from silver.claims union all select id from silver.customers"),
              ElementsAre("id: silver.claims.id silver.customers.id"));
  EXPECT_THAT(of("with recursive r as (select id, paid from silver.claims union all select id + 1, "
                 "paid from r where id < 5) select id, paid from r"),
              ElementsAre("id: silver.claims.id", "paid: silver.claims.paid"));
}

TEST_F(Lineage, says_where_the_sql_is_wrong) {
  EXPECT_EQ(session()->lineage("select nope from silver.claims").error().where, "1:8");
}

}  // namespace
}  // namespace claimlake::engine
