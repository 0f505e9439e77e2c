// A source is written "way table.column"; the line "rows" holds what decides which rows there are.
#include <gmock/gmock.h>

#include "engine/fixture_for_test.h"

namespace claimlake::engine {
namespace {

using testing::ElementsAre;

class Lineage : public EngineTest {
 protected:
  using Lines = std::vector<std::string>;
  void SetUp() override {
    add_table("silver.claims", {"id", "customer", "month", "paid"});
    add_table("silver.customers", {"id", "name", "city"});
    add_table("silver.vets", {"id", "city"});
    directory.view_map["gold"]["paid_view"] = {
        "select customer as who, paid * 2 as twice from silver.claims where id > 0", ""};
  }
  // Tables of the session that hold what the fixture's tables cannot.
  std::unique_ptr<Session> with_nested() {
    auto made = internal_session();
    EXPECT_TRUE(made->execute(
        "create temp table nested (id bigint, home struct(city varchar, geo struct(lat double, lon "
        "double)), tags varchar[])"));
    return made;
  }
  static std::string text(const std::vector<ColumnSource>& sources) {
    std::string out;
    for (const ColumnSource& source : sources) {
      const std::string table = source.table.substr(source.table.find('.') + 1);
      out += std::string(out.empty() ? "" : ", ") + lineage_way_name(source.way) + " " + table +
             (source.column.empty() ? "" : "." + source.column) +
             (source.field.empty() ? "" : "." + source.field);
    }
    return out;
  }
  static Lines of(Session& session, std::string_view select) {
    const auto lineage = session.lineage(select);
    if (!lineage) return {failure(lineage.error())};
    Lines out;
    for (const auto& column : lineage->columns) {
      out.push_back(column.column + ": " + text(column.sources));
    }
    if (!lineage->rows.empty()) out.push_back("rows: " + text(lineage->rows));
    return out;
  }
  Lines of(std::string_view select) { return of(*session(), select); }
};

TEST_F(Lineage, tells_what_is_handed_on_from_what_is_computed) {
  EXPECT_THAT(of("select id, paid * 2 + month as x, 1 as one, cast(paid as varchar) as t, "
                 "coalesce(paid, month) as c from silver.claims"),
              ElementsAre("id: identity claims.id",
                          "x: transformation claims.month, transformation claims.paid",
                          "one: ", "t: transformation claims.paid",
                          "c: transformation claims.month, transformation claims.paid"));
}

TEST_F(Lineage, tells_groups_filters_and_joins_of_the_rows) {
  EXPECT_THAT(of("select u.name, sum(c.paid) / 2 as half from silver.claims c join "
                 "silver.customers u on u.id = c.customer where c.id > 3 group by u.name having "
                 "max(c.month) > 1 order by sum(c.paid)"),
              ElementsAre("name: identity customers.name", "half: aggregation claims.paid",
                          "rows: join claims.customer, filter claims.id, filter claims.month, sort "
                          "claims.paid, join customers.id, group_by customers.name"));
}

// The rows of which tables are counted, where no column is.
TEST_F(Lineage, counts_rows) {
  EXPECT_THAT(
      of("select customer, count(*) as n, count(id) as m, sum(1) as s, count(*) filter "
         "(where paid > 0) as f from silver.claims group by customer"),
      ElementsAre("customer: identity claims.customer", "n: aggregation claims",
                  "m: aggregation claims.id", "s: aggregation claims",
                  "f: aggregation claims, filter claims.paid", "rows: group_by claims.customer"));
  EXPECT_THAT(of("select count(*) as n from silver.claims c, silver.vets v"),
              ElementsAre("n: aggregation claims, aggregation vets"));
}

// A total is one row, whatever its filter: the filter is behind its value and nothing else.
TEST_F(Lineage, leaves_rows_alone_that_a_total_always_has) {
  EXPECT_THAT(of("select sum(paid) as total from silver.claims where month = 3"),
              ElementsAre("total: filter claims.month, aggregation claims.paid"));
  EXPECT_THAT(
      of("select v.id, t.total from silver.vets v, (select sum(paid) as total from "
         "silver.claims where month = 3) t"),
      ElementsAre("id: identity vets.id", "total: filter claims.month, aggregation claims.paid"));
}

TEST_F(Lineage, follows_a_cte_to_each_place_that_reads_it) {
  EXPECT_THAT(
      of("with t as (select customer, paid, month as m from silver.claims where id > 1) select "
         "a.customer, b.paid from t a join t b on a.m = b.customer"),
      ElementsAre("customer: identity claims.customer", "paid: identity claims.paid",
                  "rows: join claims.customer, filter claims.id, join claims.month"));
  EXPECT_THAT(
      of("with x as materialized (select who, twice from gold.paid_view) select who from x"),
      ElementsAre("who: identity claims.customer", "rows: filter claims.id"));
}

TEST_F(Lineage, follows_stars_and_aliases) {
  EXPECT_THAT(of("select * from silver.customers as u"),
              ElementsAre("id: identity customers.id", "name: identity customers.name",
                          "city: identity customers.city"));
  EXPECT_THAT(
      of("select v.* exclude (id), u.* replace (u.city + 1 as city) from silver.customers u, "
         "silver.vets v"),
      ElementsAre("city: identity vets.city", "id: identity customers.id",
                  "name: identity customers.name", "city: transformation customers.city"));
}

TEST_F(Lineage, takes_both_sides_of_a_join_by_name) {
  EXPECT_THAT(of("select * from silver.customers join silver.vets using (id, city)"),
              ElementsAre("id: identity customers.id", "name: identity customers.name",
                          "city: identity customers.city",
                          "rows: join customers.city, join customers.id, join vets.city, join "
                          "vets.id"));
  EXPECT_THAT(
      of("select id, name from silver.customers full join silver.vets using (id)"),
      ElementsAre("id: transformation customers.id, transformation vets.id",
                  "name: identity customers.name", "rows: join customers.id, join vets.id"));
  EXPECT_THAT(of("select name from silver.customers natural join silver.vets"),
              ElementsAre("name: identity customers.name",
                          "rows: join customers.city, join customers.id, join vets.city, join "
                          "vets.id"));
}

TEST_F(Lineage, tells_a_join_in_where_from_a_filter) {
  EXPECT_THAT(of("select v.id from silver.claims c, silver.vets v where c.customer = v.id and "
                 "c.paid > c.month and (c.id = 1 or v.city = 2)"),
              ElementsAre("id: identity vets.id",
                          "rows: join claims.customer, filter claims.id, filter claims.month, "
                          "filter claims.paid, filter vets.city, join vets.id"));
}

TEST_F(Lineage, follows_set_operations) {
  EXPECT_THAT(of("select id from silver.claims union all select id + 1 from silver.vets"),
              ElementsAre("id: identity claims.id, transformation vets.id"));
  EXPECT_THAT(of("select id from silver.claims union select id from silver.vets"),
              ElementsAre("id: identity claims.id, identity vets.id",
                          "rows: group_by claims.id, group_by vets.id"));
  // What is left out is not in the result.
  EXPECT_THAT(of("select id from silver.claims except all select id from silver.vets"),
              ElementsAre("id: identity claims.id", "rows: join claims.id, join vets.id"));
  EXPECT_THAT(of("select distinct city from silver.vets"),
              ElementsAre("city: identity vets.city", "rows: group_by vets.city"));
  EXPECT_THAT(of("select distinct on (city) id from silver.vets order by city, id"),
              ElementsAre("id: identity vets.id",
                          "rows: group_by vets.city, sort vets.city, sort vets.id"));
}

// It may hand columns on crosswise from step to step.
TEST_F(Lineage, follows_a_recursive_cte_to_its_end) {
  EXPECT_THAT(of("with recursive r as (select id as a, paid as b, month as c from silver.claims "
                 "union all select b, c, a from r where a < 5) select a from r"),
              ElementsAre("a: identity claims.id, identity claims.month, identity claims.paid",
                          "rows: filter claims.id, filter claims.month, filter claims.paid"));
}

TEST_F(Lineage, keeps_what_chooses_the_rows_of_a_scalar_subquery_to_its_value) {
  EXPECT_THAT(
      of("select v.id, (select name from silver.customers where city = 3) as n from "
         "silver.vets v"),
      ElementsAre("id: identity vets.id", "n: filter customers.city, identity customers.name"));
  EXPECT_THAT(
      of("select c.id, (select max(u.name) from silver.customers u where u.id = c.customer) "
         "as n from silver.claims c"),
      ElementsAre("id: identity claims.id",
                  "n: join claims.customer, join customers.id, aggregation "
                  "customers.name"));
  EXPECT_THAT(
      of("select v.id, (select count(*) from silver.customers u where u.city = v.city) as n "
         "from silver.vets v"),
      ElementsAre("id: identity vets.id",
                  "n: aggregation customers, join customers.city, join vets.city"));
  EXPECT_THAT(of("select id from silver.claims where paid > (select avg(paid) from silver.claims)"),
              ElementsAre("id: identity claims.id", "rows: filter claims.paid"));
}

TEST_F(Lineage, follows_exists_and_in) {
  EXPECT_THAT(
      of("select u.name from silver.customers u where exists (select 1 from silver.claims c "
         "where c.customer = u.id and c.paid > 0)"),
      ElementsAre("name: identity customers.name",
                  "rows: join claims.customer, filter claims.paid, join customers.id"));
  EXPECT_THAT(of("select name from silver.customers where id not in (select customer from "
                 "silver.claims where paid > 0)"),
              ElementsAre("name: identity customers.name",
                          "rows: join claims.customer, filter claims.paid, filter customers.id"));
  EXPECT_THAT(of("select id, id in (select customer from silver.claims) as claims from "
                 "silver.customers"),
              ElementsAre("id: identity customers.id",
                          "claims: join claims.customer, transformation customers.id"));
  // A value that is the same for all rows of the subquery parts none of them.
  EXPECT_THAT(of("select u.name from silver.customers u where u.id in (select c.customer from "
                 "silver.claims c where c.month = u.city group by c.customer, u.city)"),
              ElementsAre("name: identity customers.name",
                          "rows: join claims.customer, group_by claims.customer, join "
                          "claims.month, join customers.city, filter customers.id"));
}

TEST_F(Lineage, follows_lateral_joins_and_nested_subqueries) {
  EXPECT_THAT(
      of("select u.name, l.p from silver.customers u, lateral (select max(c.paid) as p from "
         "silver.claims c where c.customer = u.id) l"),
      ElementsAre("name: identity customers.name", "p: aggregation claims.paid",
                  "rows: join claims.customer, join customers.id"));
  EXPECT_THAT(
      of("select v.id from silver.vets v where exists (select 1 from silver.customers u where "
         "u.city = v.city and exists (select 1 from silver.claims c where c.customer = u.id "
         "and c.month = v.id))"),
      ElementsAre("id: identity vets.id",
                  "rows: join claims.customer, join claims.month, join customers.city, "
                  "join customers.id, join vets.city, join vets.id"));
}

TEST_F(Lineage, tells_what_parts_and_orders_windows) {
  EXPECT_THAT(
      of("select row_number() over (partition by customer order by paid desc) as r, sum(paid) "
         "over (partition by month) as s, lag(id) over (order by month) as l, count(*) over () "
         "as n from silver.claims"),
      ElementsAre("r: window claims.customer, window claims.paid",
                  "s: window claims.month, aggregation claims.paid",
                  "l: transformation claims.id, window claims.month", "n: aggregation claims"));
  EXPECT_THAT(
      of("select id from silver.claims qualify row_number() over (partition by customer order "
         "by paid) = 1"),
      ElementsAre("id: identity claims.id", "rows: window claims.customer, window claims.paid"));
}

TEST_F(Lineage, tells_a_condition_from_what_it_chooses) {
  EXPECT_THAT(
      of("select case when month > 3 then paid when id = 1 then 0 else customer end as x, "
         "sum(case when month = 1 then paid end) over () as s, nullif(paid, month) as z from "
         "silver.claims"),
      ElementsAre("x: transformation claims.customer, conditional claims.id, conditional "
                  "claims.month, transformation claims.paid",
                  "s: conditional claims.month, aggregation claims.paid",
                  "z: conditional claims.month, transformation claims.paid, conditional "
                  "claims.paid"));
}

TEST_F(Lineage, follows_fields_of_structs_and_elements_of_lists) {
  const auto session = with_nested();
  EXPECT_THAT(of(*session, "select home.city, home.geo.lat + 1 as up, n.home from nested n"),
              ElementsAre("city: identity nested.home.city",
                          "up: transformation nested.home.geo.lat", "home: identity nested.home"));
  EXPECT_THAT(of(*session, "with h as (select home.geo as g from nested) select g.lon from h"),
              ElementsAre("lon: identity nested.home.geo.lon"));
  EXPECT_THAT(of(*session, "select id, unnest(tags) as tag from nested"),
              ElementsAre("id: identity nested.id", "tag: transformation nested.tags",
                          "rows: join nested.tags"));
  EXPECT_THAT(of(*session, "select list_transform(tags, lambda t: t || id) as x from nested"),
              ElementsAre("x: transformation nested.id, transformation nested.tags"));
}

TEST_F(Lineage, what_a_function_of_rows_is_given_decides_which_rows_there_are) {
  EXPECT_THAT(of("select c.id from silver.claims c, generate_series(1, c.month) as g(d)"),
              testing::Contains(testing::AllOf(testing::StartsWith("rows: "),
                                               testing::HasSubstr("join claims.month"))));
}

TEST_F(Lineage, follows_rollups_and_pivots) {
  EXPECT_THAT(of("select month, grouping(month) as g, sum(paid) as p from silver.claims group by "
                 "rollup (month)"),
              ElementsAre("month: identity claims.month", "g: transformation claims.month",
                          "p: aggregation claims.paid", "rows: group_by claims.month"));
  // How values become columns is not followed: all may be in each.
  const auto pivot = session()->lineage(
      "select * from (pivot (select customer, month, paid from silver.claims) on month in (1, 2) "
      "using sum(paid))");
  ASSERT_TRUE(pivot) << pivot.error().text();
  ASSERT_EQ(pivot->columns.size(), 3U);
  EXPECT_THAT(text(pivot->columns[1].sources), testing::HasSubstr("claims.paid"));
}

TEST_F(Lineage, says_where_the_sql_is_wrong) {
  EXPECT_EQ(session()->lineage("select nope from silver.claims").error().where, "1:8");
}

}  // namespace
}  // namespace claimlake::engine
