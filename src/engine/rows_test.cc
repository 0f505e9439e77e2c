#include "engine/rows.h"

#include <gmock/gmock.h>

#include "engine/fixture_for_test.h"

namespace claimlake::engine {
namespace {

class RowsTest : public EngineTest {
 protected:
  std::unique_ptr<Session> open_session = session();

  std::unique_ptr<Rows> first_chunk(const std::string& expression) {
    auto rows = open_session->query("select " + expression + " as x");
    EXPECT_TRUE(rows) << rows.error().text();
    EXPECT_TRUE(*(*rows)->next());
    return *std::move(rows);
  }
  std::string json(const std::string& expression) {
    std::string out;
    first_chunk(expression)->json(0, 0, out);
    return out;
  }
};

TEST_F(RowsTest, json_is_exact_and_nested) {
  const std::pair<const char*, const char*> cases[] = {
      {"null", "null"},
      {"true", "true"},
      {"(-128)::tinyint", "-128"},
      {"9223372036854775807", "9223372036854775807"},
      {"18446744073709551615::ubigint", "18446744073709551615"},
      {"170141183460469231731687303715884105727::hugeint",
       "170141183460469231731687303715884105727"},
      {"12.50::decimal(18,2)", "12.50"},
      {"1234567890123456789012345678.0123456789::decimal(38,10)",
       "1234567890123456789012345678.0123456789"},
      {"0.1::double", "0.1"},
      {"'nan'::double", "\"NaN\""},
      {"'-inf'::float", "\"-Infinity\""},
      {"date '2026-01-31'", "\"2026-01-31\""},
      {"timestamptz '2026-01-31 10:00:00.5+00'", "\"2026-01-31T10:00:00.500000Z\""},
      {"timestamp '2026-01-31 10:00:00'", "\"2026-01-31T10:00:00.000000\""},
      {"'say \"hi\"\n\\ ä' || chr(1)", "\"say \\\"hi\\\"\\n\\\\ ä\\u0001\""},
      {"'\\xFFa'::blob", "\"/2E=\""},
      {"[1, null, 3]", "[1,null,3]"},
      {"{a: 1, b: {c: 'x'}, d: []::varchar[]}", R"({"a":1,"b":{"c":"x"},"d":[]})"},
      {"map {'k': 1.5::decimal(3,1)}", R"({"k":1.5})"},
      {"map {1: 'x'}", R"([[1,"x"]])"},
      {"'{\"a\": [1]}'::json", "{\"a\": [1]}"},
      {"uuid '6ba7b810-9dad-11d1-80b4-00c04fd430c8'", "\"6ba7b810-9dad-11d1-80b4-00c04fd430c8\""},
      {"time '10:00:00'", "\"10:00:00\""}};
  for (const auto& [expression, expected] : cases)
    EXPECT_EQ(json(expression), expected) << expression;
}

TEST_F(RowsTest, integers_are_given_raw) {
  EXPECT_EQ(first_chunk("12.50::decimal(18,2)")->integer(0, 0), 1250);
  EXPECT_EQ(first_chunk("12.50::decimal(38,2)")->integer(0, 0), 1250);
  EXPECT_EQ(first_chunk("date '1970-01-11'")->integer(0, 0), 10);
  EXPECT_EQ(first_chunk("timestamptz '1970-01-01 00:00:01+00'")->integer(0, 0), 1'000'000);
  EXPECT_EQ(first_chunk("true")->integer(0, 0), 1);
  EXPECT_EQ(first_chunk("(-3)::smallint")->integer(0, 0), -3);
}

TEST_F(RowsTest, stream_in_chunks_and_end_once) {
  auto rows = *open_session->query("select range as x from range(100000)");
  std::int64_t sum = 0;
  std::size_t count = 0;

  while (*rows->next()) {
    count += rows->row_count();
    for (std::size_t row = 0; row < rows->row_count(); ++row) sum += rows->integer(0, row);
  }

  EXPECT_EQ(count, 100'000u);
  EXPECT_EQ(sum, 4'999'950'000);
  EXPECT_FALSE(*rows->next());
  EXPECT_EQ(rows->row_count(), 0u);
}

TEST_F(RowsTest, are_cut_off_by_the_next_query_with_an_error) {
  auto rows = *open_session->query("select range from range(10000000)");
  ASSERT_TRUE(*rows->next());

  ASSERT_TRUE(open_session->query("select 1"));

  while (true) {
    const auto more = rows->next();
    if (!more) break;
    ASSERT_TRUE(*more) << "the rows must not end as if they were all";
  }
}

TEST_F(RowsTest, read_all_stops_at_its_limit) {
  auto rows = *open_session->query("select range from range(100000)");

  EXPECT_EQ(read_all(*rows, 5)->rows.size(), 5u);
}

TEST_F(RowsTest, types_go_to_delta_and_back) {
  for (const char* type :
       {"BIGINT", "INTEGER", "SMALLINT", "TINYINT", "FLOAT", "DOUBLE", "BOOLEAN", "VARCHAR", "BLOB",
        "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "DECIMAL(38,10)", "VARCHAR[]",
        "MAP(VARCHAR, BIGINT[])", "STRUCT(a INTEGER, \"b c\" STRUCT(d DATE)[])"}) {
    const auto schema = delta_schema({{"x", type}});
    ASSERT_TRUE(schema) << schema.error().text();
    EXPECT_EQ(*sql_type(schema->fields[0].type), type);
  }
  EXPECT_FALSE(delta_schema({{"x", "HUGEINT"}}));
  EXPECT_FALSE(delta_schema({{"x", "NO SUCH TYPE"}}));
  EXPECT_EQ(*sql_type(delta::PrimitiveType{"variant"}), "VARIANT");  // is read, and not written
  EXPECT_FALSE(delta_schema({{"x", "VARIANT"}}));
  EXPECT_FALSE(sql_type(delta::PrimitiveType{"geometry"}));
  EXPECT_FALSE(sql_type(delta::PrimitiveType{"decimal(99,2)"}));
}

}  // namespace
}  // namespace claimlake::engine
