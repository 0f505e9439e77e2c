#include "delta/stats_columns.h"

#include <gmock/gmock.h>

namespace claimlake::delta {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const PrimitiveType kLong{"long"};

// id, s.a, s.b, list, day (a partition), last
Schema schema() {
  return {{{"id", kLong},
           {"s", StructType{{{"a", kLong}, {"b", PrimitiveType{"string"}}}}},
           {"list", ArrayType{kLong}},
           {"day", PrimitiveType{"date"}},
           {"last", kLong}}};
}

// The columns of which bounds are kept, then those of which only nulls are counted.
std::string kept(const std::map<std::string, std::string>& properties, Schema columns = schema()) {
  StatsColumns stats =
      stats_columns({std::move(columns), ColumnMapping::kNone, 0, {"day"}, properties});
  std::string all;
  std::string nulls;
  for (const FieldPath& leaf :
       std::vector<FieldPath>{{"id"}, {"s", "a"}, {"s", "b"}, {"list"}, {"last"}, {"new"}}) {
    const StatsKept what = stats.take(leaf);
    if (what == StatsKept::kAll) all += (all.empty() ? "" : " ") + text_of(leaf);
    if (what == StatsKept::kNullCount) nulls += (nulls.empty() ? "" : " ") + text_of(leaf);
  }
  return all + "|" + nulls;
}

TEST(StatsColumns, the_number_counts_leaves_and_not_partition_columns) {
  EXPECT_EQ(kept({}), "id s.a s.b list last new|");
  EXPECT_EQ(kept({{kStatsCount, "0"}}), "|");
  EXPECT_EQ(kept({{kStatsCount, "2"}}), "id s.a|");
  EXPECT_EQ(kept({{kStatsCount, "5"}}), "id s.a s.b list last|");
  EXPECT_EQ(kept({{kStatsCount, "-1"}}), "id s.a s.b list last new|");
}

TEST(StatsColumns, names_win_over_the_number) {
  EXPECT_EQ(kept({{kStatsColumns, "last, S"}, {kStatsCount, "1"}}), "s.a s.b last|");
  EXPECT_EQ(kept({{kStatsColumns, "s.B"}, {kStatsCount, "0"}}), "s.b|");
  EXPECT_EQ(kept({{kStatsColumns, ""}}), "|");
}

TEST(StatsColumns, of_personal_data_only_the_nulls_are_counted) {
  Schema tagged = schema();
  set_tags(tagged.fields[0], {"pii", "other"});
  Schema inner = schema();
  set_tags(inner.fields[1], {"phi"});
  Schema other = schema();
  set_tags(other.fields[0], {"piie"});

  EXPECT_EQ(kept({}, tagged), "s.a s.b list last new|id");
  EXPECT_EQ(kept({{kStatsColumns, "id,last"}}, tagged), "last|id");
  EXPECT_EQ(kept({}, inner), "id list last new|s.a s.b");
  EXPECT_EQ(kept({}, other), "id s.a s.b list last new|");
  EXPECT_THAT(tags_of(tagged.fields[0]), ElementsAre("pii", "other"));
  set_tags(tagged.fields[0], {});
  EXPECT_TRUE(tagged.fields[0].metadata.empty());
}

TEST(StatsColumns, names_may_be_paths_and_quoted) {
  const auto read = parse_stats_columns(" a , s.`x.y`,`b``c`.d, `e, f`");
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_THAT(*read, ElementsAre(FieldPath{"a"}, FieldPath{"s", "x.y"}, FieldPath{"b`c", "d"},
                                 FieldPath{"e, f"}));
  EXPECT_EQ(stats_columns_text(*read), "a,s.`x.y`,`b``c`.d,`e, f`");
  for (const char* bad : {"a,,b", ",a", "a,", "a.", ".a", "`a", "`a`b", "a`b`", "``", "a b.`"}) {
    EXPECT_FALSE(parse_stats_columns(bad)) << bad;
  }
}

TEST(StatsColumns, what_cannot_have_bounds_is_refused_when_it_is_set) {
  const auto error = [](const std::string& names) {
    const Done checked = check_stats_columns(schema(), {"day"}, {{kStatsColumns, names}});
    return checked ? "" : checked.error().text();
  };
  EXPECT_EQ(error("id, s, last"), "");
  EXPECT_THAT(error("ids"), HasSubstr("did you mean id?"));
  EXPECT_THAT(error("s.c"), HasSubstr("names column s.c"));
  EXPECT_THAT(error("list"), HasSubstr("of type array<long>, of which no bounds are kept"));
  EXPECT_THAT(error("Day"), HasSubstr("partitions the table"));
  EXPECT_THAT(error("id,ID"), HasSubstr("twice"));
  EXPECT_THAT(error("a,,b"), HasSubstr("no list of columns"));
  EXPECT_THAT(error(" "), HasSubstr("names no column"));
}

TEST(StatsColumns, the_list_follows_columns_that_are_renamed_and_dropped) {
  std::map<std::string, std::string> properties{{kStatsColumns, "id, S.a,s.b"}};
  rename_in_stats_columns(properties, {"s"}, "new one");
  EXPECT_EQ(properties[kStatsColumns], "id,`new one`.a,`new one`.b");
  rename_in_stats_columns(properties, {"new one", "A"}, "c");
  EXPECT_EQ(properties[kStatsColumns], "id,`new one`.c,`new one`.b");
  drop_from_stats_columns(properties, {"ID"});
  EXPECT_EQ(properties[kStatsColumns], "`new one`.c,`new one`.b");
  drop_from_stats_columns(properties, {"other"});
  EXPECT_FALSE(properties.contains(kStatsCount));
  drop_from_stats_columns(properties, {"new one"});
  EXPECT_FALSE(properties.contains(kStatsColumns));
  EXPECT_EQ(properties[kStatsCount], "0") << "no other column gets statistics by that";
}

TEST(StatsColumns, bounds_are_taken_out_and_the_rest_stays_as_it_is) {
  const std::string stats =
      R"({"numRecords":2,"minValues":{"a":"x","d":12345678901234567890.123456789,"s":{"b":1,"c":2}},)"
      R"("maxValues":{"a":"y","d":1.50,"s":{"b":1,"c":2}},"nullCount":{"a":0,"s":{"b":1,"c":0}},)"
      R"("tightBounds":false})";
  EXPECT_EQ(without_bounds(stats, {{"a"}, {"s", "b"}}),
            R"({"numRecords":2,"minValues":{"d":12345678901234567890.123456789,"s":{"c":2}},)"
            R"("maxValues":{"d":1.50,"s":{"c":2}},"nullCount":{"a":0,"s":{"b":1,"c":0}},)"
            R"("tightBounds":false})");
  EXPECT_EQ(without_bounds(R"({"minValues":{"q\"":1,"b":2}})", {{"q\""}}),
            R"({"minValues":{"b":2}})");
  EXPECT_EQ(without_bounds("", {{"a"}}), "");
  for (const char* damaged :
       {"{", "[]", R"({"minValues":{"a":)", R"({"minValues":{"a" 1}})", "x"}) {
    EXPECT_EQ(without_bounds(damaged, {{"a"}}), "") << damaged;
  }
}

}  // namespace
}  // namespace claimlake::delta
