// The tables below features/ come without expected rows. What they must hold is derived here from
// the text of their logs and from their data files alone, read by DuckDB's own read_parquet: which
// files are alive, by reading the JSON commits in SQL; which rows are deleted, worked out by hand
// from the bytes of the vectors. Nothing of ours that reads tables takes part in it.
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "golden_lake.h"

namespace claimlake {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class GoldenFeatures : public testing::Test {
 public:
  void SetUp() override {
    SKIP_WITHOUT_GOLDEN_DATA();
    auto made = golden_lake()->engine().session({.access = engine::Access::kInternal});
    ASSERT_TRUE(made) << made.error().text();
    session_ = *std::move(made);
  }

  // The rows of `sql` as "a|b" lines; null as "-".
  std::vector<std::string> lines(const std::string& sql) {
    const auto rows = session_->query(sql);
    if (!rows) return {rows.error().text()};
    const auto table = engine::read_all(**rows);
    if (!table) return {table.error().text()};
    std::vector<std::string> out;
    for (const auto& row : table->rows) {
      std::string line;
      for (const auto& cell : row) line += (line.empty() ? "" : "|") + cell.value_or("-");
      out.push_back(line);
    }
    return out;
  }

  // The name in SQL of the table in `folder`.
  static std::string table(const std::string& folder) {
    golden_lake()->show(folder);
    return "lake.golden." + sql_identifier(to_lower(folder));
  }

  // In SQL: the last add of each file that the commits of `folder` do not remove later, as JSON.
  static std::string live_adds(const std::string& folder) {
    std::string commits;
    const auto objects = golden_lake()->store().list(folder + "/_delta_log");
    for (const auto& object : *objects) {
      if (!object.path.ends_with(".json") || object.path.find(".c") != std::string::npos) continue;
      commits += (commits.empty() ? "" : ", ") + sql_string("lake://" + object.path);
    }
    // Of a file that one commit removes and adds, the add counts.
    return "with line as (select filename as commit, json from read_ndjson_objects([" + commits +
           "], filename = true)), act as (select commit, json->'$.add' as entry, "
           "coalesce(json->>'$.add.path', json->>'$.remove.path') as path from line) "
           "select path, arg_max(entry, commit) filter (entry is not null) as entry from act "
           "where path is not null group by path "
           "having arg_max(entry is not null, (commit, entry is not null))";
  }

  // The live files: path, "|" and partition values as JSON.
  std::vector<std::string> live_files(const std::string& folder) {
    return lines(
        "select url_decode(path), coalesce(cast(entry->'$.partitionValues' as varchar), "
        "'{}') from (" +
        live_adds(folder) + ") order by path");
  }

  bool has_commits_and_files(const std::string& folder) {
    const store::Store& store = golden_lake()->store();
    if (!store.head(folder + "/_delta_log/00000000000000000000.json")) return false;
    const auto files = live_files(folder);
    return !files.empty() && store.head(folder + "/" + files[0].substr(0, files[0].find('|')));
  }

  // The rows of the live files in SQL, with the columns of `ours`: a partition value comes from the
  // log, a column that a file has not is null, and all are cast to the types that the table says.
  std::string live_rows(const std::string& folder, const std::string& ours) {
    std::string all = "select * from " + ours + " where false";
    const auto columns = session_->describe("select * from " + ours);
    for (const std::string& line : live_files(folder)) {
      const auto bar = line.find('|');
      const std::string path = sql_string("lake://" + folder + "/" + line.substr(0, bar));
      const std::string file = "read_parquet(" + path + ", hive_partitioning = false)";
      const std::string values = sql_string(line.substr(bar + 1));
      const auto in_file = session_->describe("select * from " + file);
      std::string select;
      for (const auto& column : *columns) {
        const std::string name = sql_identifier(column.name);
        const bool held = std::any_of(in_file->begin(), in_file->end(),
                                      [&](const auto& other) { return other.name == column.name; });
        const std::string key = values + "::json->>'$." + name + "'";
        select += (select.empty() ? "" : ", ") +
                  ("cast(" + (held ? name : key) + " as " + column.type + ") as " + name);
      }
      all += " union all select " + select + " from " + file;
    }
    return "select * from (" + all + ")";
  }

  void expect_same(const std::string& ours, const std::string& theirs) {
    const auto count = [&](const std::string& sql) {
      return lines("select count(*) from (" + sql + ")");
    };
    EXPECT_EQ(count(ours), count(theirs)) << ours;
    EXPECT_THAT(count(ours + " EXCEPT ALL " + theirs), ElementsAre("0")) << ours;
    EXPECT_THAT(count(theirs + " EXCEPT ALL " + ours), ElementsAre("0")) << ours;
  }

 protected:
  std::unique_ptr<engine::Session> session_;
};

// All tables whose commits and data files are all there, but those that have deletion vectors or
// other names in their files: what those hold is said by tests of their own.
TEST_F(GoldenFeatures, tables_hold_the_rows_of_their_live_files) {
  const std::set<std::string> apart = {
      "cdf-table-with-dv",   "compacted-log-files-table", "partition_cm",       "table-with-geo",
      "table-with-dv-small", "stats-writing-all-types",   "unshredded-variant", "with-short-dv"};
  int compared = 0;
  for (const std::string& name : golden_lake()->names("features")) {
    const std::string folder = "features/" + name;
    if (apart.contains(name) || !has_commits_and_files(folder)) continue;
    SCOPED_TRACE(name);
    const auto read = golden_lake()->log(folder).snapshot();
    ASSERT_TRUE(read) << read.error().text();
    const std::string ours = table(folder);
    expect_same("select * from " + ours, live_rows(folder, ours));
    ++compared;
  }
  EXPECT_GE(compared, 20);
}

TEST_F(GoldenFeatures, tables_with_deletion_vectors_have_as_many_rows_as_their_log_says) {
  for (const char* name :
       {"cdf-table-with-dv", "compacted-log-files-table", "table-with-dv-small", "with-short-dv"}) {
    const std::string folder = "features/" + std::string(name);
    const std::string rows =
        "select sum(cast(json_extract_string(json_extract_string(entry, '$.stats'), "
        "'$.numRecords') "
        "as bigint) - coalesce(cast(entry->'$.deletionVector.cardinality' as bigint), 0)) from (" +
        live_adds(folder) + ")";
    const std::string ours = table(folder);
    EXPECT_EQ(lines("select count(*) from " + ours), lines(rows)) << name;
    EXPECT_EQ(lines("select count(*) from (select file_row_number from " + ours + ")"), lines(rows))
        << name;
  }
}

// The columns of the one file with rows stand in the order of the schema, under physical names.
TEST_F(GoldenFeatures, stats_writing_all_types) {
  const std::string ours = table("features/stats-writing-all-types/delta");
  const auto columns = session_->describe("select * from " + ours);
  ASSERT_TRUE(columns) << columns.error().text();
  std::string files;
  for (const std::string& line : live_files("features/stats-writing-all-types/delta")) {
    files +=
        (files.empty() ? "" : ", ") + sql_string("lake://features/stats-writing-all-types/delta/" +
                                                 line.substr(0, line.find('|')));
  }
  // The text of a struct has the names of its fields, and that of a time its zone, which INT96 has
  // not: both are left out on both sides.
  const auto texts = [](const std::string& from) {
    return "select regexp_replace(cast(columns(*) as varchar), "
           "'(col-[0-9a-f-]+|inner_[a-z]+|[+]00$)', "
           "'', 'g') from " +
           from;
  };

  EXPECT_EQ(columns->size(), 16u);
  EXPECT_THAT(lines("select count(*) from " + ours), ElementsAre("4"));
  expect_same(texts(ours), texts("read_parquet([" + files + "])"));
}

TEST_F(GoldenFeatures, partition_columns_come_from_the_log) {
  // Letters and numbers as the adds say; the files hold number and a_float only.
  for (const char* name : {"basic_partitioned", "partitioned_with_materialize_feature"}) {
    const std::string folder = "features/" + std::string(name);
    EXPECT_THAT(lines("select letter, number, a_float from " + table(folder) + " order by number"),
                ElementsAre("a|1|1.1", "b|2|2.2", "c|3|3.3", "a|4|4.4", "e|5|5.5", "-|6|6.6"));
    EXPECT_THAT(lines("select number from " + table(folder) + " where letter is null"),
                ElementsAre("6"));
  }
}

// Deletion vector of 45 bytes at offset 1: rows 0 and 9 of ten.
TEST_F(GoldenFeatures, table_with_dv_small) {
  const std::string folder = "features/table-with-dv-small";

  EXPECT_THAT(lines("select value from " + table(folder) + " order by value"),
              ElementsAre("1", "2", "3", "4", "5", "6", "7", "8"));
  EXPECT_THAT(lines("select count(*), min(value), max(value) from " + table(folder)),
              ElementsAre("8|1|8"));
}

// The vector's array container has the positions 0, 1 and 2 of a file of five rows; the other file
// has no vector.
TEST_F(GoldenFeatures, with_short_dv) {
  const std::string folder = "features/with-short-dv";
  EXPECT_THAT(lines("select count(*) from " + table(folder)), ElementsAre("7"));
  EXPECT_THAT(lines("select id, value from " + table(folder) + " order by id"),
              ElementsAre("3|3", "4|4", "5|5", "6|6", "7|7", "8|8", "9|9"));
}

// The first row was written with the narrow types, the second with the wide ones: both as the
// statistics of their adds say, for each file has one row.
TEST_F(GoldenFeatures, type_widening) {
  EXPECT_THAT(
      lines("select byte_long, int_long, round(float_double, 6), byte_double, short_double, "
            "int_double, decimal_decimal_same_scale, decimal_decimal_greater_scale, byte_decimal, "
            "short_decimal, int_decimal, long_decimal, date_timestamp_ntz from " +
            table("features/type-widening") + " order by byte_long"),
      ElementsAre("1|2|3.4|5.0|6.0|7.0|123.45|67.89000|1.0|2.0|3.0|4.0|2024-09-09 00:00:00",
                  "9223372036854775807|9223372036854775807|1.234568|1.234567890123|"
                  "1.234567890123|1.234567890123|12345678901234.56|12345678901.23456|123.4|"
                  "12345.6|1234567890.1|123456789012345678.9|2024-09-09 12:34:56.123456"));
}

TEST_F(GoldenFeatures, void_column) {
  EXPECT_THAT(lines("select id, void_col from " + table("features/void-column") + " order by id"),
              ElementsAre("1|-", "2|-", "3|-"));
}

TEST_F(GoldenFeatures, a_mapped_table_without_files_is_empty_and_has_its_columns) {
  for (const char* mode : {"none", "name", "id"}) {
    const std::string name = table("features/partition_cm/" + std::string(mode));
    EXPECT_THAT(lines("select count(*), count(value), max(category) from " + name),
                ElementsAre("0|0|-"));
  }
}

TEST_F(GoldenFeatures, geospatial_types_are_refused_by_name) {
  EXPECT_THAT(lines("select * from " + table("features/table-with-geo")),
              ElementsAre(HasSubstr("geospatial")));
}

// Row N holds in each column a variant {"key": N}: metadata 010100036b6579 (one key, "key") and
// value 020100000NNNN in unshredded-variant.expected.in; its other columns are nested around it.
TEST_F(GoldenFeatures, unshredded_variant) {
  const std::string name = table("features/unshredded-variant");

  EXPECT_THAT(lines("select count(*), count(v), count(distinct id) from " + name),
              ElementsAre("102|102|100"));
  EXPECT_THAT(lines("select count(*) from " + name + " where cast(v.key as bigint) <> id"),
              ElementsAre("0"));
  EXPECT_THAT(lines("select id, cast(v as json), cast(array_of_variants[1] as json), "
                    "array_of_variants[2] is null, cast(struct_of_variants.v as json), "
                    "cast(map_of_variants[cast(id as varchar)] as json), "
                    "map_of_variants['nullKey'] is null, "
                    "cast(array_of_struct_of_variants[1].v as json), "
                    "array_of_struct_of_variants[3] is null, "
                    "cast(struct_of_array_of_variants.v[2] as json) from " +
                    name + " where id = 42"),
              ElementsAre("42|{\"key\":42}|{\"key\":42}|true|{\"key\":42}|{\"key\":42}|true|"
                          "{\"key\":42}|true|{\"key\":42}"));
}

}  // namespace
}  // namespace claimlake
