// Routes are written "table: column" where columns hold the key, "table: column = table.column"
// where they equal those of another place, and "table: all (why)" where any row may touch any key.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "engine/fixture_for_test.h"

namespace claimlake::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class Routes : public EngineTest {
 protected:
  void SetUp() override {
    add_table("silver.claims", {"id", "customer", "policy", "month", "paid"});
    add_table("silver.customers", {"id", "city"});
    add_table("silver.policies", {"id", "customer", "starts"});
  }
  static std::string text(const KeyFlow& flow, std::size_t i) {
    const KeyRoute& route = flow.routes[i];
    std::string out = route.table + ":";
    if (route.way == KeyRoute::Way::kWhole) return out + " all (" + route.reason + ")";
    for (const std::string& column : route.columns) out += " " + column;
    if (route.way == KeyRoute::Way::kKey) return out;
    out += " =";
    for (const std::string& column : route.other_columns) {
      out += " " + flow.routes[route.other].table + "." + column;
    }
    return out;
  }
  std::vector<std::string> of(const std::string& select,
                              const std::vector<std::string>& key = {"k"}) {
    const auto flow = session()->key_flow(select, key);
    if (!flow) return {failure(flow.error())};
    std::vector<std::string> out;
    for (std::size_t i = 0; i < flow->routes.size(); ++i) out.push_back(text(*flow, i));
    return out;
  }
};

TEST_F(Routes, lead_through_columns_and_groups) {
  EXPECT_THAT(of("select id as k, paid * 2 from silver.claims where paid > 3"),
              ElementsAre("silver.claims: id"));
  EXPECT_THAT(of("select customer as k, sum(paid) from silver.claims group by customer"),
              ElementsAre("silver.claims: customer"));
  EXPECT_THAT(
      of("select customer as k, month, sum(paid) from silver.claims group by customer, month",
         {"k", "month"}),
      ElementsAre("silver.claims: customer month"));
  EXPECT_THAT(of("select distinct customer as k from silver.claims order by 1"),
              ElementsAre("silver.claims: customer"));
}

TEST_F(Routes, lead_through_joins_by_what_they_compare) {
  EXPECT_THAT(
      of("select c.id as k, city from silver.customers c left join (select customer, sum(paid) "
         "from silver.claims group by customer) t on t.customer = c.id"),
      ElementsAre("silver.customers: id", "silver.claims: customer"));
  EXPECT_THAT(
      of("select l.id as k, p.starts, c.city from silver.claims l left join silver.policies p on "
         "p.id = l.policy left join silver.customers c on c.id = p.customer"),
      ElementsAre("silver.claims: id", "silver.policies: id = silver.claims.policy",
                  "silver.customers: id = silver.policies.customer"));
  EXPECT_THAT(of("select l.id as k from silver.claims l, silver.policies p where p.id = l.policy"),
              ElementsAre("silver.claims: id", "silver.policies: id = silver.claims.policy"));
  EXPECT_THAT(
      of("select p.id as k from silver.claims l right join silver.policies p on p.id = l.policy"),
      ElementsAre("silver.policies: id", "silver.claims: policy"));
}

TEST_F(Routes, lead_into_subqueries) {
  const auto both = UnorderedElementsAre("silver.customers: id", "silver.claims: customer");
  EXPECT_THAT(
      of("select id as k from silver.customers where id in (select customer from silver.claims)"),
      both);
  EXPECT_THAT(
      of("select id as k from silver.customers c where exists (select 1 from silver.claims l where "
         "l.customer = c.id)"),
      both);
  EXPECT_THAT(
      of("select id as k from silver.customers c where not exists (select 1 from silver.claims l "
         "where l.customer = c.id and l.paid > c.city)"),
      both);
  EXPECT_THAT(
      of("select id as k, (select max(paid) from silver.claims l where l.customer = c.id) from "
         "silver.customers c"),
      both);
  EXPECT_THAT(
      of("select l.id as k from silver.claims l where exists (select 1 from silver.policies p "
         "where "
         "p.id = l.policy)"),
      UnorderedElementsAre("silver.claims: id", "silver.policies: id = silver.claims.policy"));
}

TEST_F(Routes, lead_through_windows_unions_and_ctes) {
  EXPECT_THAT(of("with n as (select customer, row_number() over (partition by customer order by "
                 "paid) as r from silver.claims) select customer as k from n where r = 1"),
              ElementsAre("silver.claims: customer"));
  EXPECT_THAT(
      of("select id as k from silver.customers union all select customer from silver.policies"),
      ElementsAre("silver.customers: id", "silver.policies: customer"));
  EXPECT_THAT(
      of("with t as (select customer, month, sum(paid) as paid from silver.claims group by all) "
         "select a.customer as k from t a join t b on b.month = a.month"),
      ElementsAre("silver.claims: customer", "silver.claims: month = silver.claims.month"));
}

TEST_F(Routes, end_where_rows_of_other_keys_matter) {
  EXPECT_THAT(of("select id as k, row_number() over (order by paid) from silver.claims"),
              ElementsAre(HasSubstr("all (a window")));
  EXPECT_THAT(of("select id as k from silver.claims order by paid limit 3"),
              ElementsAre(HasSubstr("all (LIMIT")));
  EXPECT_THAT(of("select max(customer) as k from silver.claims group by month"),
              ElementsAre(HasSubstr("all (an aggregate")));
  EXPECT_THAT(of("select id + 1 as k from silver.claims"), ElementsAre(HasSubstr("computed")));
  EXPECT_THAT(of("select id as k from silver.customers where id not in (select customer from "
                 "silver.claims)"),
              UnorderedElementsAre("silver.customers: id", HasSubstr("silver.claims: all")));
  EXPECT_THAT(
      of("select c.id as k from silver.customers c join silver.claims l on l.paid > c.city"),
      ElementsAre("silver.customers: id", HasSubstr("silver.claims: all (it is joined")));
  EXPECT_THAT(
      of("select c.id as k, p.id as m from silver.customers c join silver.policies p on p.starts < "
         "c.city",
         {"k", "m"}),
      ElementsAre(HasSubstr("both sides"), HasSubstr("both sides")));
  EXPECT_THAT(of("select customer as k, count(*) from silver.claims group by rollup (customer)"),
              ElementsAre(HasSubstr("all (an aggregate")));
}

TEST_F(Routes, do_not_end_in_the_text_being_wrong) {
  EXPECT_EQ(session()->key_flow("select id from silver.claims", {"k"}).error().fault,
            Fault::kNotFound);
  EXPECT_EQ(session()->key_flow("select nope as k from silver.claims", {"k"}).error().where, "1:8");
}

// Each CTE reads the one before it twice: a million places.
TEST_F(Routes, are_given_up_where_they_are_too_many) {
  std::string sql = "with t0 as (select id from silver.claims)";
  for (int i = 1; i <= 20; ++i) {
    sql += ", t" + std::to_string(i) + " as (select a.id from t" + std::to_string(i - 1) +
           " a join t" + std::to_string(i - 1) + " b on a.id = b.id)";
  }
  const auto flow = session()->key_flow(sql + " select id as k from t20", {"k"});
  ASSERT_TRUE(flow);
  EXPECT_THAT(flow->lost, HasSubstr("CTEs"));
  EXPECT_TRUE(flow->routes.empty());
}

// The engine puts what is asked of one side only below the join, where the columns of the other
// side are not known.
TEST_F(Routes, are_not_led_astray_by_conditions_of_one_side) {
  EXPECT_THAT(of("select r.customer as k, r.month as m from silver.policies l left join "
                 "silver.claims r on r.policy = l.customer and r.paid > 0 where r.customer = l.id",
                 {"k", "m"}),
              UnorderedElementsAre("silver.claims: customer month", HasSubstr("silver.policies:")));
}

// Its ON finds null for null, which no route does.
// A row of b that no row of a matches has no key, and comes or goes with rows of a.
TEST_F(Routes, say_where_a_row_without_partner_has_no_key) {
  const auto keyless = [this](const std::string& select) {
    const auto flow = session()->key_flow(select, {"k"});
    return flow ? flow->keyless : failure(flow.error());
  };
  const std::string joined = "silver.claims a {} join silver.policies b on a.policy = b.id";
  for (const char* join : {"right", "full"}) {
    EXPECT_THAT(keyless(fmt::format(fmt::runtime("select a.id as k from " + joined), join)),
                HasSubstr("without partner"));
  }
  EXPECT_THAT(keyless("select b.id as k from " + fmt::format(fmt::runtime(joined), "left")),
              HasSubstr("without partner"));
  EXPECT_THAT(keyless("select b.customer as k, sum(paid) from " +
                      fmt::format(fmt::runtime(joined), "left") + " group by b.customer"),
              HasSubstr("without partner"));
  EXPECT_EQ(keyless("select a.id as k from " + fmt::format(fmt::runtime(joined), "left")), "");
  EXPECT_EQ(keyless("select a.id as k from " + fmt::format(fmt::runtime(joined), "inner")), "");
  EXPECT_EQ(keyless("select b.customer as k from " + fmt::format(fmt::runtime(joined), "left") +
                    " where b.customer = a.customer"),
            "");
}

TEST_F(Routes, end_at_a_lateral_join_that_compares_nulls) {
  EXPECT_THAT(of("select o.id as k, l.paid from silver.policies o left join lateral (select * from "
                 "silver.claims i where i.policy = o.customer) l on l.month is not distinct from "
                 "o.starts"),
              UnorderedElementsAre("silver.policies: id", HasSubstr("silver.claims: all")));
}

}  // namespace
}  // namespace claimlake::engine
