#include <fmt/format.h>
#include <gmock/gmock.h>

#include "engine/fixture_for_test.h"
#include "store/faulty_store.h"

namespace claimlake::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;

class ParquetWrite : public EngineTest {
 protected:
  std::unique_ptr<Session> session = internal_session();

  std::vector<WrittenFile> write(std::string_view select, WriteOptions options = {}) {
    if (options.folder.empty()) options.folder = "gold/t";
    auto written = session->write_parquet(select, options);
    EXPECT_TRUE(written) << written.error().text();
    return written ? std::move(written->files) : std::vector<WrittenFile>{};
  }
  std::vector<std::string> read_back(const std::vector<WrittenFile>& files,
                                     std::string_view select) {
    const auto columns = session->describe(select);
    EXPECT_TRUE(session->bind_files("back", *delta_schema(*columns), files));
    return lines(*session, "select * from back order by all");
  }
};

TEST_F(ParquetWrite, names_files_by_uuid_and_codec) {
  const auto many = write("select range as a from range(3000)");
  const auto few = write("select 1 as a");

  const std::string name =
      "gold/t/part-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}";
  ASSERT_EQ(many.size(), 1u);
  EXPECT_THAT(many[0].path, MatchesRegex(name + "\\.zstd\\.parquet"));
  ASSERT_EQ(few.size(), 1u);
  EXPECT_THAT(few[0].path, MatchesRegex(name + "\\.snappy\\.parquet"));
  EXPECT_EQ(store.list_all("")->size(), 2u);
}

// Few rows and many go different ways to a file; what is said of them must not differ.
TEST_F(ParquetWrite, few_rows_are_written_and_described_as_many_are) {
  const std::string values =
      "select 1 as i, 'a' as s, {'x': 1.5::decimal(4,1), 'y': null::date} as n, [1, 2] as l, "
      "timestamptz '2026-01-31 10:00:00.123456+00' as moment union all "
      "select 2, null, {'x': null, 'y': date '2026-01-31'}, [], null";
  const auto few = session->write_parquet(values, {.folder = "gold/few"});
  const auto many = session->write_parquet(
      "select v.* from (" + values + ") v where i < (select count(*) from range(5))",
      {.folder = "gold/many"});

  ASSERT_TRUE(few) << few.error().text();
  ASSERT_TRUE(many) << many.error().text();
  ASSERT_EQ(few->files.size(), 1u);
  ASSERT_EQ(many->files.size(), 1u);
  EXPECT_THAT(few->files[0].path, HasSubstr("snappy"));
  EXPECT_THAT(many->files[0].path, HasSubstr("zstd"));
  EXPECT_EQ(few->files[0].rows, 2);
  EXPECT_EQ(few->files[0].size, store.head(few->files[0].path)->size);
  EXPECT_EQ(few->files[0].stats_json, many->files[0].stats_json);
  EXPECT_EQ(read_back(few->files, values), read_back(many->files, values));
  ASSERT_EQ(few->columns.size(), 5u);
  EXPECT_EQ(few->columns[2].name, "n");
  EXPECT_EQ(few->columns[2].type, "STRUCT(x DECIMAL(4,1), y DATE)");
  EXPECT_EQ(many->columns[2].type, few->columns[2].type);
}

TEST_F(ParquetWrite, writes_no_file_for_no_row) {
  EXPECT_TRUE(write("select 1 as a where false").empty());
  EXPECT_TRUE(write("select 1 as a, 2 as p where false", {.partition_columns = {"p"}}).empty());
  EXPECT_TRUE(store.list_all("")->empty());
}

TEST_F(ParquetWrite, a_few_rows_are_one_file_and_many_are_cut) {
  EXPECT_EQ(write("select range as a from range(300000)").size(), 1u);

  const auto files = write(
      "select range as a, (range * 7919) % 104729 as b, md5(range::varchar) as c "
      "from range(500000)",
      {.target_file_bytes = 2 << 20});

  EXPECT_GT(files.size(), 2u);
  std::int64_t rows = 0;
  for (const WrittenFile& file : files) {
    rows += file.rows;
    EXPECT_EQ(store.head(file.path)->size, file.size);
  }
  EXPECT_EQ(rows, 500'000);
}

TEST_F(ParquetWrite, partitions_by_raw_values_and_escaped_folders) {
  const std::string select =
      "select * from (values (1, 'a b/c=d', date '2026-01-31'), (2, null, date '2026-01-31'), (3, "
      "'', null),"
      " (4, 'ä%', date '2026-01-30')) t(id, kind, day)";

  const auto files = write(select, {.partition_columns = {"kind", "day"}});

  std::map<std::string, delta::PartitionValues> by_folder;
  for (const WrittenFile& file : files) {
    by_folder[file.path.substr(0, file.path.rfind('/'))] = file.partition_values;
  }
  EXPECT_EQ(by_folder.size(), 4u);
  EXPECT_EQ(by_folder["gold/t/kind=a b%2Fc%3Dd/day=2026-01-31"],
            (delta::PartitionValues{{"day", "2026-01-31"}, {"kind", "a b/c=d"}}));
  EXPECT_EQ(by_folder["gold/t/kind=__HIVE_DEFAULT_PARTITION__/day=2026-01-31"],
            (delta::PartitionValues{{"day", "2026-01-31"}, {"kind", std::nullopt}}));
  EXPECT_EQ(by_folder.count("gold/t/kind=ä%25/day=2026-01-30"), 1u);
  EXPECT_EQ(
      by_folder.count("gold/t/kind=__HIVE_DEFAULT_PARTITION__/day=__HIVE_DEFAULT_PARTITION__"), 1u);
  EXPECT_THAT(read_back(files, select),
              ElementsAre("1|a b/c=d|2026-01-31", "2|-|2026-01-31", "3|-|-", "4|ä%|2026-01-30"));
}

TEST_F(ParquetWrite, a_text_that_is_the_name_of_the_folder_of_null_is_kept_apart_from_null) {
  const std::string select =
      "select * from (values (1, '__HIVE_DEFAULT_PARTITION__'), (2, null), (3, ''), (4, 'a')) "
      "t(id, kind)";

  const auto files = write(select, {.partition_columns = {"kind"}});

  EXPECT_THAT(read_back(files, select),
              ElementsAre("1|__HIVE_DEFAULT_PARTITION__", "2|-", "3|-", "4|a"));
}

TEST_F(ParquetWrite, partition_values_of_all_types_come_back) {
  const std::string select =
      "select 1 as id, true as a, 1.50::decimal(18,2) as b, timestamptz '2026-01-31 "
      "10:00:00.123456+00' as c, "
      "timestamp '2026-01-31 10:00:00' as d, 0.1::double as e, 1.5::float as f, -7::bigint as g, "
      "3::tinyint as h";

  const auto files = write(select, {.partition_columns = {"a", "b", "c", "d", "e", "f", "g", "h"}});

  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(files[0].partition_values, (delta::PartitionValues{{"a", "true"},
                                                               {"b", "1.50"},
                                                               {"c", "2026-01-31T10:00:00.123456Z"},
                                                               {"d", "2026-01-31 10:00:00"},
                                                               {"e", "0.1"},
                                                               {"f", "1.5"},
                                                               {"g", "-7"},
                                                               {"h", "3"}}));
  EXPECT_THAT(
      read_back(files, select),
      ElementsAre("1|true|1.50|2026-01-31 10:00:00.123456+00|2026-01-31 10:00:00|0.1|1.5|-7|3"));
}

TEST_F(ParquetWrite, states_statistics_as_the_protocol_has_them) {
  const auto files = write(
      "select * from (values (1::bigint, -1::tinyint, 1.50::decimal(18,2), 'b', date '2026-01-31', "
      "timestamptz '2026-01-31 10:00:00.123456+00', timestamp '2026-01-31 10:00:00.9999', "
      "1.5::double, true, "
      "{a: 1, b: null::varchar}, [1], 'x'::blob), (null, null, null, null, null, null, null, null, "
      "null, null, null, null)) "
      "t(l, y, d, s, day, moment, ntz, f, b, st, li, bl)");

  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(
      files[0].stats_json,
      R"({"numRecords":2,"minValues":{"l":1,"y":-1,"d":1.50,"s":"b","day":"2026-01-31",)"
      R"("moment":"2026-01-31T10:00:00.123Z","ntz":"2026-01-31T10:00:00.999","f":1.5,"st":{"a":1}},)"
      R"("maxValues":{"l":1,"y":-1,"d":1.50,"s":"b","day":"2026-01-31",)"
      R"("moment":"2026-01-31T10:00:00.123Z","ntz":"2026-01-31T10:00:00.999","f":1.5,"st":{"a":1}},)"
      R"("nullCount":{"l":1,"y":1,"d":1,"s":1,"day":1,"moment":1,"ntz":1,"f":1,"b":1,)"
      R"("st":{"a":1,"b":2},"bl":1}})");
}

TEST_F(ParquetWrite, cuts_long_text_and_leaves_out_what_has_no_order) {
  const auto files = write(
      "select repeat('x', 40) as s, 'nan'::double as f union all select repeat('y', 40), 1.0");

  EXPECT_THAT(files[0].stats_json,
              HasSubstr("\"minValues\":{\"s\":\"" + std::string(32, 'x') + "\"}"));
  EXPECT_THAT(files[0].stats_json, HasSubstr("\"maxValues\":{\"s\":\"" + std::string(32, 'y')));
  EXPECT_EQ(files[0].stats_json.find(std::string(33, 'y')), std::string::npos);
}

TEST_F(ParquetWrite, states_statistics_of_the_first_columns_only) {
  const auto files =
      write("select 1 as a, {x: 2, y: 3} as b, 4 as c", {.stats = delta::StatsColumns(2)});

  EXPECT_THAT(files[0].stats_json, HasSubstr(R"("minValues":{"a":1,"b":{"x":2}})"));
  EXPECT_THAT(write("select 1 as a", {.stats = delta::StatsColumns(0)})[0].stats_json,
              HasSubstr(R"("minValues":{})"));
}

// Values on which statistics and partition values are easily wrong, by type.
const std::vector<std::pair<std::string, std::vector<std::string>>>& hard_values() {
  static const std::vector<std::pair<std::string, std::vector<std::string>>> kValues = {
      {"decimal(18,2)",
       {"'-9999999999999999.99'", "'1234567890123456.77'", "'1234567890123456.78'", "'-0.01'"}},
      {"decimal(38,10)",
       {"'9999999999999999999999999999.9999999999'", "'9999999999999999999999999999.9999999998'",
        "'0.0000000001'"}},
      {"double",
       {"'nan'", "'inf'", "'-inf'", "'-0.0'", "'0.0'", "'5e-324'", "'0.30000000000000004'"}},
      {"float", {"'nan'", "'-inf'", "'-0.0'", "'0'", "'0.1'", "'16777217'", "'1e-45'"}},
      {"bigint", {"'-9223372036854775808'", "'9223372036854775807'", "'9007199254740993'"}},
      {"boolean", {"true", "false"}},
      {"date",
       {"'0001-01-01'", "'1969-12-31'", "'0044-03-15 (BC)'", "'infinity'", "'-infinity'",
        "'12026-01-31'"}},
      {"timestamp",
       {"'1969-12-31 23:59:59.999999'", "'2026-01-31 10:00:00.123456'",
        "'2026-01-31 10:00:00.123999'", "'2026-01-31 10:00:00.124'", "'infinity'"}},
      {"timestamptz",
       {"'1969-12-31 23:59:59.999999+00'", "'2026-01-31 10:00:00.123456+05:30'",
        "'2026-01-31 04:30:00.123999+00'", "'-infinity'"}},
      {"varchar",
       {"''", "'a'", "'A'", "'ä'", "'NULL'", "'__HIVE_DEFAULT_PARTITION__'", "'a/b=c%d'",
        "'it''s \"\\'", "'..'", "chr(10) || chr(9) || chr(127)", "repeat('z', 32)",
        "repeat('z', 33)", "repeat('z', 32) || chr(1114111)",
        "repeat('z', 31) || chr(128512) || 'b'", "repeat('z', 32) || 'ä'"}}};
  return kValues;
}

// One file per value, written as few rows, by a COPY, or with that value as its partition.
TEST_F(ParquetWrite, no_filter_loses_a_row_to_what_is_known_of_the_files) {
  enum class Way { kFew, kCopy, kPartition };
  for (const Way way : {Way::kFew, Way::kCopy, Way::kPartition}) {
    const bool partitioned = way == Way::kPartition;
    for (const auto& [type, values] : hard_values()) {
      WriteOptions options;
      if (partitioned) options.partition_columns = {"v"};
      std::vector<WrittenFile> files;
      std::string rows;
      for (std::size_t i = 0; i <= values.size(); ++i) {
        const std::string value = (i == values.size() ? "null" : values[i]) + "::" + type;
        const char* from = way == Way::kCopy ? " from range(1)" : "";
        files.push_back(write("select " + value + " as v, 1 as one" + from, options).at(0));
        rows += (rows.empty() ? "(" : ", (") + value + ", 1)";
      }
      // A partition value that is an empty text is null.
      const std::string v = partitioned && type == "varchar" ? "nullif(v, '') as v" : "v";
      const std::string known = "(select " + v + ", one from (values " + rows + ") t(v, one))";
      const auto columns = session->describe("from " + known);
      ASSERT_TRUE(columns) << columns.error().text();
      ASSERT_TRUE(session->bind_files("back", *delta_schema(*columns), files));
      std::vector<std::string> filters = {"v is null", "v is not null", "not (v is null)", "true"};
      for (const std::string& value : values) {
        for (const char* comparison :
             {"=", "<>", "<", "<=", ">", ">=", "is distinct from", "is not distinct from"}) {
          filters.push_back(fmt::format("v {} {}::{}", comparison, value, type));
        }
        filters.push_back(
            fmt::format("v between {0}::{2} and {1}::{2} or v in ({0}::{2}, {1}::{2})", value,
                        values.back(), type));
      }
      for (const std::string& filter : filters) {
        EXPECT_EQ(lines(*session, "select sum(one) from back where " + filter),
                  lines(*session, "select sum(one) from " + known + " where " + filter))
            << filter << " (way " << static_cast<int>(way) << ")";
      }
    }
  }
}

TEST_F(ParquetWrite, refuses_types_that_delta_has_not_and_names_the_column) {
  for (const char* select :
       {"select 1::hugeint as total", "select 1::uinteger as total",
        "select time '10:00:00' as total", "select interval 1 day as total",
        "select uuid() as total", "select sum(range::bigint) as total from range(3)"}) {
    const auto files = session->write_parquet(select, {.folder = "t"});
    ASSERT_FALSE(files) << select;
    EXPECT_EQ(files.error().fault, Fault::kInvalidInput) << select;
    EXPECT_THAT(files.error().message, HasSubstr("total")) << select;
    EXPECT_THAT(files.error().next, HasSubstr("cast")) << select;
  }
}

TEST_F(ParquetWrite, leaves_nothing_when_the_select_fails) {
  const auto files = session->write_parquet(
      "select case when range = 400000 then cast('x' || range as integer) else 1 end as a, "
      "md5(range::varchar) as b from range(500000)",
      {.folder = "t", .target_file_bytes = 1 << 20});

  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().fault, Fault::kInvalidInput);
  EXPECT_TRUE(store.list_all("")->empty());
}

TEST_F(ParquetWrite, says_where_the_select_is_wrong) {
  const auto files = session->write_parquet("select 1 as a,\n  nope as b", {.folder = "t"});

  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().where, "2:3");
  EXPECT_FALSE(session->write_parquet("create table t(a int)", {.folder = "t"}));
}

TEST_F(ParquetWrite, is_not_for_read_only_sessions) {
  EXPECT_EQ(
      this->EngineTest::session()->write_parquet("select 1 as a", {.folder = "t"}).error().fault,
      Fault::kInvalidInput);
}

}  // namespace
}  // namespace claimlake::engine
