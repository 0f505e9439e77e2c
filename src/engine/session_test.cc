#include <gmock/gmock.h>

#include "engine/fixture_for_test.h"

namespace claimlake::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SessionTest : public EngineTest {};

TEST_F(SessionTest, answers_a_query) {
  EXPECT_THAT(lines(*session(), "select 1 as a, 'x' as b, null as c"), ElementsAre("1|x|-"));
}

TEST_F(SessionTest, takes_text_parameters) {
  EXPECT_THAT(lines(*session(), "select $1 || $2, cast($1 as integer) + 1", {"4", "x"}),
              ElementsAre("4x|5"));
}

TEST_F(SessionTest, describes_a_select_without_running_it) {
  const auto columns =
      session()->describe("select 1 as a, cast('1.5' as decimal(18,2)) as b, ['x'] as c");

  ASSERT_TRUE(columns) << columns.error().text();
  EXPECT_EQ((*columns)[0].type, "INTEGER");
  EXPECT_EQ((*columns)[1].type, "DECIMAL(18,2)");
  EXPECT_EQ((*columns)[2].name, "c");
  EXPECT_EQ((*columns)[2].type, "VARCHAR[]");
}

TEST_F(SessionTest, says_where_the_sql_is_wrong) {
  auto session = this->session();

  EXPECT_EQ(error_of(*session, "selec 1").where, "1:1");
  EXPECT_EQ(error_of(*session, "select\n  ä, x from (select 1 as ä)").where, "2:6");
  EXPECT_EQ(error_of(*session, "select * from nope").message,
            "Table with name nope does not exist");
  EXPECT_EQ(error_of(*session, "select cast('x' as integer)").fault, Fault::kInvalidInput);
}

TEST_F(SessionTest, read_only_runs_what_only_reads) {
  auto session = this->session();

  for (const char* sql :
       {"select 1", "values (1), (2)", "with a as (select 1) select * from a", "from range(3)",
        "describe select 1", "summarize select 1 as a", "explain select 1",
        "explain analyze select 1", "show tables", "show all tables", "show databases",
        "(select 1) union (select 2)", "select * from information_schema.tables",
        "select count(*) from duckdb_functions()"}) {
    const auto rows = session->query(sql);
    EXPECT_TRUE(rows) << sql << ": " << rows.error().text();
  }
}

TEST_F(SessionTest, read_only_refuses_the_rest_and_says_what_is_allowed) {
  auto session = this->session();

  for (const char* sql : {"create table t(a int)",
                          "create temp table t(a int)",
                          "copy (select 1) to 'lake://x'",
                          "insert into gold.x values (1)",
                          "update gold.x set a = 1",
                          "delete from gold.x",
                          "drop table gold.x",
                          "set threads = 1",
                          "pragma version",
                          "pragma show_tables",
                          "call pragma_version()",
                          "install httpfs",
                          "load httpfs",
                          "attach ':memory:' as m",
                          "detach lake",
                          "begin",
                          "checkpoint",
                          "prepare p as select 1",
                          "execute p",
                          "export database 'x'",
                          "import database 'x'",
                          "explain create table t(a int)",
                          "create secret (type s3)",
                          "vacuum",
                          "use lake.silver",
                          "reset threads"}) {
    const Error error = error_of(*session, sql);
    EXPECT_EQ(error.fault, Fault::kInvalidInput) << sql;
    EXPECT_THAT(error.message, HasSubstr("not allowed")) << sql;
    EXPECT_THAT(error.next, HasSubstr("SELECT")) << sql;
  }
}

TEST_F(SessionTest, names_a_refused_statement_as_it_was_typed) {
  auto session = this->session();
  const auto said = [&](std::string_view sql) {
    const Error error = error_of(*session, sql);
    return error.message.substr(0, error.message.find(" is not allowed")) + " " + error.where;
  };

  EXPECT_EQ(said("install httpfs"), "INSTALL 1:1");
  EXPECT_EQ(said("FORCE INSTALL httpfs"), "INSTALL 1:7");
  EXPECT_EQ(said("load httpfs"), "LOAD 1:1");
  EXPECT_EQ(said("use silver"), "USE 1:1");
  EXPECT_EQ(said("truncate gold.x"), "TRUNCATE 1:1");
  EXPECT_EQ(said("begin"), "BEGIN 1:1");
  EXPECT_EQ(said("-- why\n/* not */ drop table gold.x"), "DROP 2:11");
  EXPECT_EQ(said("explain delete from gold.x"), "DELETE 1:9");
  EXPECT_EQ(said("explain analyze delete from gold.x"), "DELETE 1:17");
  EXPECT_EQ(said("explain (format json) delete from gold.x"), "DELETE 1:23");
}

TEST_F(SessionTest, read_only_reads_no_files) {
  ASSERT_TRUE(store.put("a.csv", "x\n1\n"));
  auto session = this->session();

  for (const char* sql :
       {"select * from read_csv('/etc/passwd')",
        "select * from 'lake://a.csv'",
        "from glob('*')",
        "select (select count(*) from read_text('lake://a.csv'))",
        "from parquet_scan('lake://a')",
        "with a as (from read_blob('lake://a.csv')) select 1 from a",
        "from query('select 1')",
        "describe select * from read_csv('lake://a.csv')",
        "from parquet_metadata('lake://a')",
        "select * from range(2), lateral (from read_csv('lake://a.csv'))",
        "from main.read_csv('lake://a.csv')",
        "from system.main.read_csv('lake://a.csv')",
        "select 1 where exists (from read_csv('lake://a.csv'))",
        "from query_table('a')",
        "select 1 order by (select count(*) from read_csv('lake://a.csv'))",
        "pivot (from read_csv('lake://a.csv')) on x",
        "from duckdb_secrets()",
        "explain from read_csv('lake://a.csv')",
        "select list_transform([1], lambda x: (select count(*) from read_csv('lake://a.csv')))",
        "with recursive a as (select 1 union all from read_csv('lake://a.csv')) from a",
        "select 1 union all from read_csv('lake://a.csv')",
        "summarize from read_csv('lake://a.csv')"}) {
    EXPECT_EQ(error_of(*session, sql).fault, Fault::kInvalidInput) << sql;
  }
}

TEST_F(SessionTest, internal_sessions_cannot_leave_the_lake_either) {
  auto session = internal_session();

  for (const char* sql :
       {"select * from read_csv('/etc/passwd')", "copy (select 1) to '/tmp/x.csv'",
        "install httpfs", "set memory_limit = '1GB'", "attach '/tmp/x.db' as x",
        "set enable_external_access = true", "from read_text('lake://../etc/passwd')"}) {
    EXPECT_FALSE(session->execute(sql)) << sql;
  }
}

TEST_F(SessionTest, refuses_more_than_one_statement_and_none) {
  auto session = this->session();

  EXPECT_EQ(error_of(*session, "select 1; select 2").fault, Fault::kInvalidInput);
  EXPECT_EQ(error_of(*session, " -- nothing").fault, Fault::kInvalidInput);
  EXPECT_THAT(lines(*session, "select 1;"), ElementsAre("1"));
}

TEST_F(SessionTest, writes_rows_that_can_be_read_before_they_are_committed) {
  auto session = internal_session();

  const auto written = session->write_parquet("select i, 'n' || i as name from range(3) t(i)",
                                              {.folder = "silver/t"});

  ASSERT_TRUE(written) << written.error().text();
  const std::vector<WrittenFile>& files = written->files;
  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(files[0].rows, 3);
  EXPECT_EQ(files[0].stats_json,
            R"({"numRecords":3,"minValues":{"i":0,"name":"n0"},"maxValues":{"i":2,"name":"n2"},)"
            R"("nullCount":{"i":0,"name":0}})");
  EXPECT_EQ(store.head(files[0].path)->size, files[0].size);
  const auto schema = delta_schema({{"i", "BIGINT"}, {"name", "VARCHAR"}});
  ASSERT_TRUE(session->bind_files("staged", *schema, files));
  EXPECT_THAT(lines(*session, "select * from staged order by i"),
              ElementsAre("0|n0", "1|n1", "2|n2"));
  EXPECT_THAT(lines(*session, "select count(*) from temp.staged where name = 'n1'"),
              ElementsAre("1"));
}

}  // namespace
}  // namespace claimlake::engine
