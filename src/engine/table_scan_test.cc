#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "engine/fixture_for_test.h"

namespace claimlake::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

delta::Field field(std::string name, const char* type) {
  return {std::move(name), delta::DataType(delta::PrimitiveType{type})};
}

class TableScan : public EngineTest {
 protected:
  std::unique_ptr<Session> writer = internal_session();

  // Writes `select` as one file below `folder` and returns what a log would say of it.
  delta::AddFile file(const std::string& select, const std::string& folder = "silver/t") {
    const auto written = writer->write_parquet(select, {.folder = folder});
    EXPECT_TRUE(written) << written.error().text();
    const WrittenFile& file = written->files.at(0);
    delta::AddFile add;
    add.path = file.path.substr(folder.size() + 1);
    add.size = file.size;
    add.stats_json = file.stats_json;
    return add;
  }

  FakeSnapshot& table(const std::string& name, delta::Schema schema,
                      delta::LogVersion version = 0) {
    auto snapshot = std::make_shared<FakeSnapshot>();
    snapshot->schema_value = std::move(schema);
    snapshot->number = version;
    auto& made = *snapshot;
    std::string path = name;
    path[path.find('.')] = '/';
    directory.versions[name].push_back({std::move(snapshot), path});
    return made;
  }

  static void bounds(FakeSnapshot& snapshot, const std::string& column,
                     std::vector<delta::ColumnStats::Entry> entries) {
    snapshot.stats[column].entries = std::move(entries);
  }

  // "read/total" of the only table of the last query.
  static std::string files_read(const Session& session) {
    const auto reports = session.scan_reports();
    if (reports.size() != 1) return std::to_string(reports.size()) + " scans";
    return std::to_string(reports[0].files_read) + "/" + std::to_string(reports[0].files_total);
  }

  // Three files with id 0..9, 10..19 and 20..29 and their statistics.
  FakeSnapshot& three_files() {
    auto& t = table("silver.t", {{field("id", "long"), field("name", "string")}});
    std::vector<delta::ColumnStats::Entry> ids, names;
    for (int i = 0; i < 3; ++i) {
      const int first = i * 10;
      const std::string select = "select i as id, 'claim number ' || i as name from range(" +
                                 std::to_string(first) + ", " + std::to_string(first + 10) +
                                 ") r(i)";
      t.add(file(select), 10);
      ids.push_back({std::to_string(first), std::to_string(first + 9), 0});
      names.push_back({"claim number " + std::to_string(first),
                       i == 0 ? "claim number 9" : "claim number " + std::to_string(first + 9), 0});
    }
    bounds(t, "id", ids);
    bounds(t, "name", names);
    return t;
  }
};

TEST_F(TableScan, is_found_by_every_form_of_its_name) {
  three_files();
  auto session = this->session({.default_schema = "silver"});

  for (const char* name :
       {"silver.t", "lake.silver.t", "t", "SILVER.T", "\"lake\".\"Silver\".\"T\""}) {
    EXPECT_THAT(lines(*session, std::string("select count(*), sum(id) from ") + name),
                ElementsAre("30|435"));
  }
  EXPECT_THAT(lines(*session, "show tables"), ElementsAre("t"));
  EXPECT_THAT(lines(*session, "select \"schema\", name from (show all tables)"),
              ElementsAre("silver|t"));
  EXPECT_THAT(lines(*session, "select column_name, column_type from (describe silver.t)"),
              ElementsAre("id|BIGINT", "name|VARCHAR"));
  EXPECT_THAT(
      lines(*session,
            "select table_schema, table_name, column_name, data_type from "
            "information_schema.columns where table_catalog = 'lake' order by ordinal_position"),
      ElementsAre("silver|t|id|BIGINT", "silver|t|name|VARCHAR"));
}

TEST_F(TableScan, proposes_the_name_that_was_meant) {
  three_files();

  EXPECT_THAT(error_of(*session(), "from silver.tt").next, HasSubstr("silver.t"));
}

TEST_F(TableScan, leaves_out_files_that_no_row_can_come_from) {
  three_files();
  auto session = this->session();

  const std::pair<const char*, const char*> cases[] = {{"id = 15", "1/3"},
                                                       {"id < 10", "1/3"},
                                                       {"id >= 10", "2/3"},
                                                       {"id in (3, 27)", "2/3"},
                                                       {"id = 99", "0/3"},
                                                       {"id between 9 and 10", "2/3"},
                                                       {"id = 5 or id = 25", "2/3"},
                                                       {"id <> 15", "3/3"},
                                                       {"id is null", "0/3"},
                                                       {"id is not null", "3/3"},
                                                       {"name = 'claim number 15'", "2/3"},
                                                       {"name > 'claim number 2'", "2/3"},
                                                       {"id + 1 = 16", "1/3"},
                                                       {"id = 15 and name = 'x'", "0/3"},
                                                       {"cast(id as varchar) = '3'", "3/3"}};
  for (const auto& [condition, expected] : cases) {
    const auto counted =
        lines(*session, std::string("select count(name) from silver.t where ") + condition);
    EXPECT_EQ(files_read(*session), expected) << condition;
    const auto oracle =
        lines(*session, std::string("select count(name) from (select i as id, 'claim number ' || i "
                                    "as name from range(30) r(i)) where ") +
                            condition);
    EXPECT_EQ(counted, oracle) << condition;
  }
}

TEST_F(TableScan, leaves_out_files_by_the_keys_of_a_join) {
  three_files();
  auto session = this->session();

  EXPECT_THAT(
      lines(
          *session,
          "select t.name from silver.t t join (values (12), (13)) k(id) on t.id = k.id order by 1"),
      ElementsAre("claim number 12", "claim number 13"));

  EXPECT_EQ(files_read(*session), "1/3");
}

TEST_F(TableScan, counts_rows_without_reading_a_file) {
  auto& t = three_files();
  auto session = this->session();

  EXPECT_THAT(lines(*session, "select count(*) from silver.t"), ElementsAre("30"));
  EXPECT_EQ(files_read(*session), "0/3");

  t.rows[1] = std::nullopt;
  EXPECT_THAT(lines(*session, "select count(*) from silver.t"), ElementsAre("30"));
  EXPECT_EQ(files_read(*session), "3/3");
}

TEST_F(TableScan, reads_tables_without_files) {
  table("silver.empty", {{field("id", "long")}});
  auto session = this->session();

  EXPECT_THAT(lines(*session, "select count(*), max(id) from silver.empty"), ElementsAre("0|-"));
  EXPECT_THAT(lines(*session, "select * from silver.empty where id = 3"), ElementsAre());
}

TEST_F(TableScan, gives_null_for_columns_that_a_file_lacks) {
  auto& t =
      table("silver.t",
            {{field("id", "long"), field("added", "decimal(18,2)"), field("nothing", "void")}});
  t.add(file("select 1::bigint as id"), 1);
  t.add(file("select 2::bigint as id, 1.50::decimal(18,2) as ADDED"), 1);

  EXPECT_THAT(lines(*session(), "select * from silver.t order by id"),
              ElementsAre("1|-|-", "2|1.50|-"));
}

TEST_F(TableScan, reads_partition_values_of_every_type) {
  const std::vector<std::tuple<const char*, const char*, const char*>> values = {
      {"string", "a b/c", "a b/c"},
      {"long", "-7", "-7"},
      {"integer", "7", "7"},
      {"short", "5", "5"},
      {"byte", "-128", "-128"},
      {"float", "1.5", "1.5"},
      {"double", "NaN", "nan"},
      {"boolean", "true", "true"},
      {"binary", "\x01\x02", "\\x01\\x02"},
      {"date", "2026-01-31", "2026-01-31"},
      {"timestamp", "2026-01-31 10:00:00.123456", "2026-01-31 10:00:00.123456+00"},
      {"timestamp", "2026-01-31T10:00:00.123456Z", "2026-01-31 10:00:00.123456+00"},
      {"timestamp_ntz", "2026-01-31 10:00:00", "2026-01-31 10:00:00"},
      {"decimal(18,2)", "12.50", "12.50"}};
  delta::Schema schema{{field("id", "long")}};
  delta::PartitionValues set, null;
  std::vector<std::string> partitions;
  std::string expected, all_null;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& [type, text, shown] = values[i];
    partitions.push_back("p" + std::to_string(i));
    schema.fields.push_back(field(partitions.back(), type));
    set[partitions.back()] = text;
    null[partitions.back()] = i % 2 ? std::optional<std::string>() : "";
    expected += std::string("|") + shown;
    all_null += "|-";
  }
  auto& t = table("silver.t", std::move(schema));
  t.metadata_value.partition_columns = partitions;
  auto first = file("select 1::bigint as id");
  first.partition_values = set;
  t.add(first, 1);
  auto second = file("select 2::bigint as id");
  second.partition_values = null;
  t.add(second, 1);
  auto session = this->session();

  EXPECT_THAT(lines(*session, "select * from silver.t order by id"),
              ElementsAre("1" + expected, "2" + all_null));
  EXPECT_THAT(lines(*session, "select id from silver.t where p0 = 'a b/c' and p13 > 12"),
              ElementsAre("1"));
  EXPECT_EQ(files_read(*session), "1/2");
  for (const char* condition : {"p9 is null", "p9 is null or p0 = 'z'", "p1 + p2 is null",
                                "coalesce(month(p9), 2) = 2", "p0 is null and id > 0"}) {
    EXPECT_THAT(lines(*session, std::string("select id from silver.t where ") + condition),
                ElementsAre("2"));
    EXPECT_EQ(files_read(*session), "1/2") << condition;
  }
}

TEST_F(TableScan, says_which_partition_value_is_damaged) {
  auto& t = table("silver.t", {{field("id", "long"), field("day", "date")}});
  t.metadata_value.partition_columns = {"day"};
  auto add = file("select 1::bigint as id");
  add.partition_values = {{"day", "soon"}};
  t.add(add, 1);

  const Error error = error_of(*session(), "from silver.t");

  EXPECT_EQ(error.fault, Fault::kCorrupt);
  EXPECT_THAT(error.message, HasSubstr("'soon'"));
}

TEST_F(TableScan, takes_cut_times_for_bounds_that_reach_further) {
  auto& t = table("silver.t", {{field("moment", "timestamp"), field("local", "timestamp_ntz")}});
  t.add(file("select timestamptz '2026-01-01 00:00:00.123999+00' as moment, timestamp '2026-01-01 "
             "00:00:00.123999' as local"),
        1);
  bounds(t, "moment", {{"2026-01-01T00:00:00.123Z", "2026-01-01T00:00:00.123Z", 0}});
  bounds(t, "local", {{"2026-01-01T00:00:00.123", "2026-01-01T00:00:00.123", 0}});
  auto session = this->session();

  EXPECT_THAT(
      lines(*session,
            "select count(moment) from silver.t where moment > '2026-01-01 00:00:00.1235+00'"),
      ElementsAre("1"));
  EXPECT_THAT(lines(*session,
                    "select count(local) from silver.t where local = '2026-01-01 00:00:00.123999'"),
              ElementsAre("1"));
  EXPECT_THAT(
      lines(*session,
            "select count(moment) from silver.t where moment > '2026-01-01 00:00:00.124+00'"),
      ElementsAre("0"));
  EXPECT_EQ(files_read(*session), "0/1");
}

TEST_F(TableScan, finds_what_statistics_do_not_count) {
  auto& t = table("silver.t", {{field("x", "double"), field("s", "string")}});
  t.add(file("select 'nan'::double as x, 'b' as s union all select 1.0, null"), 2);
  t.add(file("select null::double as x, null::varchar as s"), 1);
  bounds(t, "x", {{"1.0", "1.0", 0}, {std::nullopt, std::nullopt, 1}});
  bounds(t, "s", {{"b", "b", 1}, {std::nullopt, std::nullopt, 1}});
  auto session = this->session();

  EXPECT_THAT(lines(*session, "select count(x) from silver.t where x > 5"), ElementsAre("1"));
  EXPECT_EQ(files_read(*session), "1/2");
  EXPECT_THAT(lines(*session, "select count(*) from silver.t where s is null"), ElementsAre("2"));
  EXPECT_THAT(lines(*session, "select count(*) from silver.t where s = 'b' or s is null"),
              ElementsAre("3"));
}

TEST_F(TableScan, travels_in_time) {
  using std::chrono::seconds;
  auto& old = table("silver.t", {{field("id", "long")}}, 3);
  old.add(file("select 1::bigint as id"), 1);
  old.time = Timestamp(seconds(1'700'000'000));
  auto& current = table("silver.t", {{field("id", "long"), field("more", "string")}}, 4);
  current.add(file("select 2::bigint as id, 'x' as more"), 1);
  current.time = Timestamp(seconds(1'800'000'000));
  auto session = this->session();

  EXPECT_THAT(lines(*session, "from silver.t"), ElementsAre("2|x"));
  EXPECT_THAT(lines(*session, "from silver.t at (version => 3)"), ElementsAre("1"));
  EXPECT_THAT(lines(*session, "from silver.t at (timestamp => '2024-01-01 00:00:00')"),
              ElementsAre("1"));
  EXPECT_THAT(
      lines(*session, "from silver.t at (timestamp => timestamptz '2024-01-01 00:00:00+00')"),
      ElementsAre("1"));
  EXPECT_THAT(lines(*session, "select a.id, b.id from silver.t a, silver.t b at (version => 3)"),
              ElementsAre("2|1"));
  EXPECT_EQ(error_of(*session, "from silver.t at (version => 9)").fault, Fault::kNotFound);
  EXPECT_EQ(error_of(*session, "from silver.t at (day => 9)").fault, Fault::kInvalidInput);
}

TEST_F(TableScan, reads_views_and_functions_of_the_directory) {
  three_files();
  directory.view_map["gold"]["big"] = {"select id, name from silver.t where id > 27 -- the end",
                                       "Big ones"};
  directory.function_map["gold"]["named"] = {
      {"wanted", "other"}, "select name from silver.t where id = wanted or id = other"};
  auto session = this->session();

  EXPECT_THAT(lines(*session, "select id from big order by id"), ElementsAre("28", "29"));
  EXPECT_EQ(files_read(*session), "1/3");
  EXPECT_THAT(lines(*session, "from gold.named(3, other := 4) order by 1"),
              ElementsAre("claim number 3", "claim number 4"));
  EXPECT_THAT(lines(*session, "select name from (show all tables) order by 1"),
              ElementsAre("big", "t"));
  EXPECT_THAT(lines(*session, "select column_name from (describe gold.big)"),
              ElementsAre("id", "name"));
  EXPECT_THAT(lines(*session, "select count(*) from big b join silver.t t using (id)"),
              ElementsAre("2"));
}

TEST_F(TableScan, reads_nested_values) {
  delta::StructType inner{{field("a", "long"), field("b", "string"), field("new", "date")}};
  auto& t =
      table("silver.t", {{{"s", delta::DataType(inner)},
                          {"l", delta::DataType(delta::ArrayType{delta::DataType(inner)})},
                          {"m", delta::DataType(delta::MapType{delta::PrimitiveType{"string"},
                                                               delta::PrimitiveType{"long"}})}}});
  t.add(file("select {a: 1::bigint, b: 'x'} as s, [{a: 2::bigint, b: 'y'}] as l, map {'k': "
             "3::bigint} as m"),
        1);

  EXPECT_THAT(lines(*session(), "select s.a, s.new, l[1].b, l[1].new, m['k'] from silver.t"),
              ElementsAre("1|-|y|-|3"));
}

TEST_F(TableScan, follows_encoded_and_absolute_paths) {
  auto& t = table("silver.t", {{field("id", "long")}});
  const auto bytes = *store.read("silver/t/" + file("select 1::bigint as id").path);
  ASSERT_TRUE(store.put("silver/t/day=a%20b/x *.parquet", bytes));
  delta::AddFile add;
  add.path = "day=a%2520b/x%20*.parquet";
  add.size = static_cast<std::int64_t>(bytes.size());
  t.add(add, 1);
  auto session = this->session();
  EXPECT_THAT(lines(*session, "from silver.t"), ElementsAre("1"));

  t.adds[0].path = "s3://elsewhere/x.parquet";
  EXPECT_THAT(error_of(*session, "from silver.t").message, HasSubstr("s3://elsewhere/x.parquet"));
}

TEST_F(TableScan, names_a_file_that_is_missing_or_damaged) {
  auto& t = table("silver.t", {{field("id", "long")}});
  ASSERT_TRUE(store.put("silver/t/broken.parquet", "this is no parquet file at all"));
  delta::AddFile add;
  add.path = "broken.parquet";
  add.size = 30;
  t.add(add, 1);
  auto session = this->session();

  const Error broken = error_of(*session, "from silver.t");
  EXPECT_EQ(broken.fault, Fault::kCorrupt);
  EXPECT_THAT(broken.message, HasSubstr("silver.t"));
  EXPECT_THAT(broken.where, HasSubstr("broken.parquet"));

  t.adds[0].path = "gone.parquet";
  EXPECT_EQ(error_of(*session, "from silver.t").fault, Fault::kCorrupt);
}

TEST_F(TableScan, orders_by_and_limits) {
  three_files();
  auto session = this->session();

  EXPECT_THAT(lines(*session, "select * from silver.t order by id desc limit 2"),
              ElementsAre("29|claim number 29", "28|claim number 28"));
  EXPECT_THAT(lines(*session, "select id from silver.t limit 1"), ElementsAre("0"));
}

TEST_F(TableScan, sessions_run_side_by_side) {
  three_files();
  std::vector<std::thread> threads;
  std::atomic<int> right{0};

  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      auto session = this->session();
      for (int round = 0; round < 10; ++round) {
        right += lines(*session, "select sum(id) from silver.t where id >= 10") ==
                 std::vector<std::string>{"390"};
        right += lines(*session, "select count(*) from silver.t a join silver.t b using (id)") ==
                 std::vector<std::string>{"30"};
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(right, 80);
}

TEST_F(TableScan, a_time_with_an_offset_is_that_time_and_null_is_none) {
  auto& t = table("silver.t", {{field("id", "long")}});
  t.add(file("select 1::bigint as id"), 1);
  t.time =
      Timestamp(std::chrono::sys_days(std::chrono::year(2024) / 1 / 1)) + std::chrono::hours(10);
  auto session = this->session();

  EXPECT_THAT(lines(*session, "from silver.t at (timestamp => '2024-01-01 12:00:00+02:00')"),
              ElementsAre("1"));
  EXPECT_EQ(error_of(*session, "from silver.t at (timestamp => '2024-01-01 11:00:00+02:00')").fault,
            Fault::kNotFound);
  EXPECT_EQ(error_of(*session, "from silver.t at (timestamp => null)").fault, Fault::kInvalidInput);
  EXPECT_EQ(error_of(*session, "from silver.t at (version => null)").fault, Fault::kInvalidInput);
}

TEST_F(TableScan, refuses_to_change_tables) {
  three_files();
  auto session = internal_session();

  for (const char* sql :
       {"insert into silver.t values (1, 'x')", "delete from silver.t", "drop table silver.t",
        "update silver.t set id = 1", "create table silver.u (a int)", "create schema lake.x",
        "create table silver.u as select 1", "alter table silver.t add column x int",
        "create view silver.v as select 1", "create index i on silver.t(id)", "truncate silver.t",
        "merge into silver.t using silver.t u on u.id = t.id when matched then delete"}) {
    const auto changed = session->execute(sql);
    ASSERT_FALSE(changed) << sql;
    EXPECT_EQ(changed.error().fault, Fault::kInvalidInput) << sql << changed.error().text();
  }
  EXPECT_THAT(lines(*session, "select count(*) from silver.t"), ElementsAre("30"));
}

}  // namespace
}  // namespace claimlake::engine
