// Tables with features: column mapping, deletion vectors, widened types. The files are written by
// DuckDB's COPY with the names, ids and types that another engine would have given them.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <tuple>

#include "delta/deletion_vector.h"
#include "engine/deleted_rows.h"
#include "engine/fixture_for_test.h"

namespace claimlake::engine {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

delta::DataType primitive(const char* name) { return delta::PrimitiveType{name}; }
delta::DataType record(std::vector<delta::Field> fields) {
  return delta::StructType{std::move(fields)};
}
delta::DataType list(delta::DataType element) { return delta::ArrayType{std::move(element)}; }
delta::DataType map(delta::DataType key, delta::DataType value) {
  return delta::MapType{std::move(key), std::move(value)};
}

delta::Field plain(std::string name, delta::DataType type) {
  return {std::move(name), std::move(type)};
}
delta::Field mapped(std::string name, delta::DataType type, int id, const std::string& physical) {
  return {std::move(name),
          std::move(type),
          true,
          {{"delta.columnMapping.id", std::to_string(id)},
           {"delta.columnMapping.physicalName", "\"" + physical + "\""}}};
}
delta::Field widened(std::string name, delta::DataType type) {
  return {std::move(name), std::move(type), true, {{"delta.typeChanges", "[]"}}};
}

class TableFeatures : public EngineTest {
 protected:
  std::unique_ptr<Session> writer = internal_session();
  int files = 0;

  FakeSnapshot& table(std::vector<delta::Field> fields, const std::string& mode = "none") {
    auto snapshot = std::make_shared<FakeSnapshot>();
    snapshot->schema_value = {std::move(fields)};
    snapshot->protocol_value = {3, 7, {"columnMapping"}, {"columnMapping"}};
    snapshot->metadata_value.configuration["delta.columnMapping.mode"] = mode;
    auto& made = *snapshot;
    directory.versions["silver.t"].push_back({std::move(snapshot), "silver/t"});
    return made;
  }

  // Adds a file with the rows of `select`; `options` are those of COPY.
  delta::AddFile& add(FakeSnapshot& snapshot, const std::string& select,
                      const std::string& options = "") {
    delta::AddFile file;
    file.path = "f" + std::to_string(files++) + ".parquet";
    const std::string path = "silver/t/" + file.path;
    const auto rows = writer->execute("copy (" + select + ") to 'lake://" + path +
                                      "' (format parquet" + options + ")");
    EXPECT_TRUE(rows) << rows.error().text();
    file.size = store.head(path)->size;
    snapshot.add(std::move(file), *rows);
    return snapshot.adds.back();
  }

  // Takes `rows` of `file` away.
  void remove_rows(delta::AddFile& file, const std::vector<std::uint64_t>& rows) {
    delta::RowSet set;
    for (const auto row : rows) set.add(row);
    delta::DeletionVectorFile vectors("silver/t", random);
    file.deletion_vector = vectors.add(set);
    EXPECT_TRUE(vectors.write(store));
  }

  std::vector<std::string> read(const std::string& sql) { return lines(*session(), sql); }
};

TEST_F(TableFeatures, columns_are_found_by_physical_name_down_to_fields_in_lists_and_maps) {
  auto& t = table(
      {mapped("claim", primitive("long"), 1, "c1"),
       mapped("owner",
              record({mapped("name", primitive("string"), 3, "c3"),
                      mapped("age", primitive("integer"), 4, "c4")}),
              2, "c2"),
       mapped("items", list(record({mapped("price", primitive("double"), 6, "c6")})), 5, "c5"),
       mapped("notes",
              map(record({mapped("day", primitive("date"), 8, "c8")}),
                  record({mapped("text", primitive("string"), 9, "c9"),
                          mapped("new", primitive("string"), 10, "c10")})),
              7, "c7")},
      "name");
  add(t,
      "select 1::bigint as c1, {'c3': 'Ann', 'c4': 30} as c2, [{'c6': 1.5::double}, null] as c5, "
      "map([{'c8': date '2026-01-02'}], [{'c9': 'ill'}]) as c7 union all "
      "select 2, null, null, null");
  add(t, "select {'c4': 40} as c2, 3::bigint as \"C1\", 'claim' as claim");

  EXPECT_THAT(read("select claim, owner, items, notes from silver.t order by claim"),
              ElementsAre("1|{'name': Ann, 'age': 30}|[{'price': 1.5}, NULL]|"
                          "{{'day': 2026-01-02}={'text': ill, 'new': NULL}}",
                          "2|-|-|-", "3|{'name': NULL, 'age': 40}|-|-"));
  EXPECT_THAT(read("select claim from silver.t where owner.age > 30"), ElementsAre("3"));
  EXPECT_THAT(read("select claim from silver.t where owner.name = 'Ann'"), ElementsAre("1"));
  EXPECT_THAT(read("select claim from silver.t where owner is null"), ElementsAre("2"));
  EXPECT_THAT(read("select owner.age, claim from silver.t where items is not null"),
              ElementsAre("30|1"));
}

TEST_F(TableFeatures, a_column_that_was_dropped_and_added_again_does_not_show_its_old_values) {
  auto& t =
      table({mapped("a", primitive("integer"), 3, "c3"), mapped("b", primitive("integer"), 2, "a")},
            "name");
  add(t, "select 1 as a, 2 as b");  // from before: `a` was dropped, `b` is the old `a` renamed
  add(t, "select 3 as a, 4 as c3");

  EXPECT_THAT(read("select a, b from silver.t order by b"), ElementsAre("-|1", "4|3"));
  EXPECT_THAT(read("select a, b from silver.t where a is null"), ElementsAre("-|1"));
}

TEST_F(TableFeatures, fields_that_swapped_their_names_are_told_apart) {
  auto& t = table({mapped("s",
                          record({mapped("a", primitive("integer"), 2, "b"),
                                  mapped("b", primitive("integer"), 3, "a")}),
                          1, "s"),
                   mapped("l",
                          list(record({mapped("a", primitive("integer"), 5, "b"),
                                       mapped("b", primitive("integer"), 6, "a")})),
                          4, "l")},
                  "name");
  add(t, "select {'a': i, 'b': 10 * i} as s, [{'a': i, 'b': 10 * i}] as l from range(1, 4) r(i)",
      "");

  EXPECT_THAT(read("select s.a, s.b, l[1].a, l from silver.t where s.a = 20"),
              ElementsAre("20|2|20|[{'a': 20, 'b': 2}]"));
  EXPECT_THAT(read("select s.a from silver.t where s.b = 3"), ElementsAre("30"));
  EXPECT_THAT(read("select s.b from silver.t where s = {'a': 10, 'b': 1}"), ElementsAre("1"));
}

TEST_F(TableFeatures, columns_are_found_by_id_and_by_name_in_files_that_have_no_ids) {
  auto& t = table({mapped("id", primitive("long"), 1, "id"),
                   mapped("s",
                          record({mapped("a", primitive("integer"), 3, "a"),
                                  mapped("b", primitive("string"), 4, "b")}),
                          2, "s"),
                   mapped("l", list(record({mapped("x", primitive("integer"), 6, "x")})), 5, "l")},
                  "id");
  add(t, "select 1::bigint as p, {'q': 7, 'r': 'x'} as o, [{'u': 5}] as v",
      ", field_ids {p: 1, o: {__duckdb_field_id: 2, q: 3, r: 4}, "
      "v: {__duckdb_field_id: 5, element: {u: 6}}}");
  add(t, "select 2::bigint as id, {'a': 8, 'b': 'y'} as s, [{'x': 6}] as l");

  EXPECT_THAT(read("select * from silver.t order by id"),
              ElementsAre("1|{'a': 7, 'b': x}|[{'x': 5}]", "2|{'a': 8, 'b': y}|[{'x': 6}]"));
  EXPECT_THAT(read("select id from silver.t where s.a = 7"), ElementsAre("1"));
}

TEST_F(TableFeatures, an_id_that_a_file_has_not_reads_as_null_even_if_the_name_is_there) {
  auto& t = table(
      {mapped("a", primitive("integer"), 1, "a"), mapped("b", primitive("integer"), 2, "b")}, "id");
  add(t, "select 10 as a, 20 as b", ", field_ids {a: 1, b: 9}");

  EXPECT_THAT(read("select a, b from silver.t"), ElementsAre("10|-"));
  EXPECT_THAT(read("select a from silver.t where b = 20"), IsEmpty());
}

TEST_F(TableFeatures, statistics_and_partition_values_go_by_physical_names) {
  auto& t =
      table({mapped("id", primitive("long"), 1, "c1"), mapped("day", primitive("date"), 2, "c2")},
            "name");
  t.metadata_value.partition_columns = {"day"};
  for (int i = 0; i < 3; ++i) {
    auto& file = add(t, "select " + std::to_string(i) + "::bigint as c1");
    file.partition_values["c2"] = "2026-01-0" + std::to_string(i + 1);
    t.stats["c1"].entries.push_back({std::to_string(i), std::to_string(i), 0});
  }
  auto session = this->session();

  EXPECT_THAT(lines(*session, "select id from silver.t where day = '2026-01-02'"),
              ElementsAre("1"));
  EXPECT_EQ(session->scan_reports().at(0).files_read, 1);
  EXPECT_THAT(lines(*session, "select day from silver.t where id = 2"), ElementsAre("2026-01-03"));
  EXPECT_EQ(session->scan_reports().at(0).files_read, 1);
}

TEST_F(TableFeatures, deleted_rows_are_left_out_wherever_they_stand) {
  auto& t = table({plain("id", primitive("long"))});
  auto& file = add(t, "select i as id from range(10000) r(i)", ", row_group_size 2048");
  remove_rows(file, {0, 5, 2047, 2048, 2049, 9999});
  add(t, "select i as id from range(10000, 10010) r(i)");

  EXPECT_THAT(read("select count(*) from silver.t"), ElementsAre("10004"));
  EXPECT_THAT(read("select count(id), count(distinct id), min(id), max(id), sum(id) from silver.t"),
              ElementsAre("10004|10004|1|10009|" +
                          std::to_string(10010 * 10009 / 2 - (5 + 2047 + 2048 + 2049 + 9999))));
  EXPECT_THAT(read("select id from silver.t where id between 2045 and 2051"),
              ElementsAre("2045", "2046", "2050", "2051"));
  EXPECT_THAT(read("select id from silver.t where id in (5, 6, 9999)"), ElementsAre("6"));
  EXPECT_THAT(read("select count(*) from silver.t where id < 3000"), ElementsAre("2995"));
  EXPECT_THAT(read("select id from silver.t order by id desc limit 12 offset 9"),
              ElementsAre("10000", "9998", "9997", "9996", "9995", "9994", "9993", "9992", "9991",
                          "9990", "9989", "9988"));
}

TEST_F(TableFeatures, a_row_keeps_its_place_in_the_file_when_others_are_deleted) {
  auto& t = table({plain("id", primitive("long"))});
  remove_rows(add(t, "select 100 + i as id from range(6) r(i)"), {0, 2});

  EXPECT_THAT(read("select id, file_row_number, file_number from silver.t order by id"),
              ElementsAre("101|1|0", "103|3|0", "104|4|0", "105|5|0"));
}

TEST_F(TableFeatures, deleted_rows_are_left_out_of_columns_that_are_mapped_or_widened) {
  auto& t = table({mapped("id", primitive("long"), 1, "c1"),
                   mapped("s",
                          record({mapped("a", primitive("long"), 3, "c3"),
                                  mapped("b", primitive("string"), 4, "c4")}),
                          2, "c2"),
                   mapped("l", list(record({mapped("x", primitive("long"), 6, "c6")})), 5, "c5")},
                  "name");
  auto& file = add(t,
                   "select i::integer as c1, case when i % 7 <> 0 then {'c3': i::integer} end as "
                   "c2, [{'c6': i::integer}] as c5 from range(5000) r(i)");
  std::vector<std::uint64_t> even;
  for (std::uint64_t i = 0; i < 5000; i += 2) even.push_back(i);
  remove_rows(file, even);

  EXPECT_THAT(read("select count(*), sum(id), sum(s.a), sum(l[1].x), count(s) from silver.t "
                   "where id % 2 = 1 and l[1].x = id and (s is null) = (id % 7 = 0) and "
                   "(s is null or s.a = id)"),
              ElementsAre("2500|6250000|5357857|6250000|2143"));
  EXPECT_THAT(read("select id, s, l from silver.t where s.a > 4996"),
              ElementsAre("4997|{'a': 4997, 'b': NULL}|[{'x': 4997}]",
                          "4999|{'a': 4999, 'b': NULL}|[{'x': 4999}]"));
}

TEST_F(TableFeatures, bounds_of_a_file_with_deleted_rows_answer_no_aggregate) {
  auto& t = table({plain("id", primitive("long"))});
  remove_rows(add(t, "select i as id from range(10) r(i)"), {0, 9});
  t.stats["id"].entries = {{"0", "9", 0}};

  EXPECT_THAT(read("select min(id), max(id), count(*), count(id) from silver.t"),
              ElementsAre("1|8|8|8"));
  EXPECT_THAT(read("explain select * from silver.t"), ElementsAre(HasSubstr("8 rows")));
}

TEST_F(TableFeatures, rows_are_counted_by_reading_where_statistics_do_not_say) {
  auto& t = table({plain("id", primitive("long"))});
  remove_rows(add(t, "select i as id from range(3000) r(i)"), {0, 2999});
  t.rows[0].reset();
  EXPECT_THAT(read("select count(*) from silver.t"), ElementsAre("2998"));

  t.rows[0] = 1;  // fewer than the vector takes away: damaged
  EXPECT_THAT(read("select count(*) from silver.t"), ElementsAre("2998"));
}

TEST_F(TableFeatures, a_file_whose_rows_are_all_deleted_is_not_opened) {
  auto& t = table({plain("id", primitive("long"))});
  auto& gone = add(t, "select i as id from range(5) r(i)");
  remove_rows(gone, {0, 1, 2, 3, 4});
  add(t, "select 7::bigint as id");
  ASSERT_TRUE(store.remove("silver/t/" + gone.path)) << "so that opening it would be an error";
  auto session = this->session();

  EXPECT_THAT(lines(*session, "select id from silver.t"), ElementsAre("7"));
  EXPECT_EQ(session->scan_reports().at(0).files_read, 1);
  EXPECT_THAT(lines(*session, "select count(*) from silver.t"), ElementsAre("1"));
  const auto plan = lines(*session, "explain select id from silver.t");
  EXPECT_THAT(plan, Contains(HasSubstr("1 by all rows deleted")));
}

// A row's id has the number of its file: a join on it opens the files that it is about.
TEST_F(TableFeatures, files_are_left_out_by_their_number) {
  auto& t = table({plain("id", primitive("long"))});
  for (int i = 0; i < 4; ++i) add(t, fmt::format("select {}::bigint as id", i));
  auto session = this->session();

  EXPECT_THAT(lines(*session, "select id from silver.t where file_number = 2"), ElementsAre("2"));
  EXPECT_EQ(session->scan_reports().at(0).files_read, 1);
  EXPECT_THAT(lines(*session,
                    "select id from silver.t join (values (1), (3)) v(n) on file_number = n "
                    "order by id"),
              ElementsAre("1", "3"));
  EXPECT_EQ(session->scan_reports().at(0).files_read, 2);
}

TEST_F(TableFeatures, a_deletion_vector_that_is_missing_or_damaged_is_named_with_its_file) {
  auto& t = table({plain("id", primitive("long"))});
  auto& file = add(t, "select i as id from range(10) r(i)");
  remove_rows(file, {3});
  const auto path = *delta::deletion_vector_path(*file.deletion_vector, "silver/t", store.root());
  std::string bytes = *store.read(path);
  bytes[12] = static_cast<char>(bytes[12] ^ 1);
  ASSERT_TRUE(store.put(path, bytes));

  const Error damaged = error_of(*session(), "select * from silver.t");
  EXPECT_EQ(damaged.fault, Fault::kCorrupt);
  EXPECT_THAT(damaged.message, HasSubstr("deletion vector of file f0.parquet"));
  EXPECT_THAT(damaged.message, HasSubstr("checksum"));
  EXPECT_THAT(damaged.where, HasSubstr(path));

  ASSERT_TRUE(store.remove(path));
  const Error missing = error_of(*session(), "select * from silver.t");
  EXPECT_EQ(missing.fault, Fault::kCorrupt);
  EXPECT_THAT(missing.message, HasSubstr("deletion vector of file f0.parquet"));
  // What is known without the rows stays known.
  EXPECT_THAT(read("select count(*) from silver.t"), ElementsAre("9"));
}

TEST_F(TableFeatures, deletion_vectors_are_kept_within_their_limit) {
  auto snapshot = std::make_shared<FakeSnapshot>();
  for (int i = 0; i < 10; ++i) {
    remove_rows(add(*snapshot, "select 1 as a"), {0});
  }
  const auto one = snapshot->adds[0].deletion_vector->size_in_bytes + 256;
  const DeletedRows deleted(store, "silver/t", snapshot, 3 * one);

  for (std::size_t i = 0; i < 10; ++i) {
    const auto rows = deleted.of(i);
    ASSERT_TRUE(rows) << rows.error().text();
    EXPECT_EQ((*rows)->size(), 1u);
    EXPECT_LE(deleted.kept_bytes(), 3 * one);
  }
  EXPECT_EQ(deleted.kept_bytes(), 3 * one);
  EXPECT_EQ(*deleted.of(9), *deleted.of(9));  // the same set, not read twice
}

TEST_F(TableFeatures, narrower_types_of_older_files_are_widened) {
  auto& t =
      table({widened("n", primitive("long")), widened("d", primitive("double")),
             widened("m", primitive("decimal(20,4)")), widened("seen", primitive("timestamp_ntz")),
             widened("f", primitive("double")), plain("l", list(primitive("long"))),
             plain("k", map(primitive("long"), primitive("decimal(10,1)"))),
             plain("s", record({widened("x", primitive("decimal(12,2)"))}))});
  add(t,
      "select 1::tinyint as n, 3 as d, 1.25::decimal(5,2) as m, date '2026-01-31' as seen, "
      "0.5::float as f, [1::smallint, null] as l, map([1::integer], [2::integer]) as k, "
      "{'x': 7::integer} as s");
  add(t,
      "select 9000000000::bigint as n, 3.5::double as d, 1.2345::decimal(20,4) as m, "
      "timestamp '2026-01-31 12:00:00' as seen, 0.25::double as f, [9000000000] as l, "
      "map([9000000000], [0.5::decimal(10,1)]) as k, {'x': 1.25::decimal(12,2)} as s");

  EXPECT_THAT(read("select * from silver.t order by n"),
              ElementsAre("1|3.0|1.2500|2026-01-31 00:00:00|0.5|[1, NULL]|{1=2.0}|{'x': 7.00}",
                          "9000000000|3.5|1.2345|2026-01-31 12:00:00|0.25|[9000000000]|"
                          "{9000000000=0.5}|{'x': 1.25}"));
  const std::pair<const char*, std::vector<std::string>> cases[] = {
      {"n = 9000000000", {"9000000000"}},
      {"n < 9000000000", {"1"}},
      {"n in (1, 9000000000)", {"1", "9000000000"}},
      {"n <> 257", {"1", "9000000000"}},
      {"d = 3.5", {"9000000000"}},
      {"d < 3.5", {"1"}},
      {"d > 2.5 and d < 3.4", {"1"}},
      {"d in (3, 3.4)", {"1"}},
      {"m = 1.2500", {"1"}},
      {"m > 1.2499", {"1"}},
      {"m < 1.2501 and m > 1.2400", {"1"}},
      {"m >= 1.2345 and m < 1.2346", {"9000000000"}},
      {"seen < '2026-01-31 06:00:00'", {"1"}},
      {"seen > '2026-01-30 23:59:59' and seen <= '2026-01-31 11:59:59'", {"1"}},
      {"seen = '2026-01-31 12:00:00'", {"9000000000"}},
      {"s.x > 1.25", {"1"}},
      {"s.x = 7", {"1"}},
      {"s.x between 1.2 and 1.3", {"9000000000"}},
      {"s is not null and n < 5", {"1"}},
  };
  for (const auto& [condition, expected] : cases) {
    EXPECT_THAT(read(std::string("select n from silver.t where ") + condition + " order by n"),
                testing::ElementsAreArray(expected))
        << condition;
  }
}

TEST_F(TableFeatures, statistics_of_floats_do_not_hide_the_doubles_that_they_became) {
  auto& t = table({widened("f", primitive("double"))});
  add(t, "select 0.7::float as f");  // 0.699999988079071
  t.stats["f"].entries = {{"0.7", "0.7", 0}};

  EXPECT_THAT(read("select count(*) from silver.t where f < 0.7"), ElementsAre("1"));
  EXPECT_THAT(read("select count(*) from silver.t where f = 0.7::float::double"), ElementsAre("1"));
}

TEST_F(TableFeatures, joins_and_top_n_read_widened_and_mapped_columns_right) {
  auto& t =
      table({mapped("k", primitive("double"), 1, "c1"), mapped("v", primitive("string"), 2, "c2")},
            "name");
  add(t, "select i::integer as c1, 'old' || i as c2 from range(100) r(i)");
  add(t, "select i + 0.5 as c1, 'new' || i as c2 from range(100) r(i)");

  EXPECT_THAT(read("select v from silver.t join (values (3.0), (3.5), (4.2)) x(k) using (k) "
                   "order by v"),
              ElementsAre("new3", "old3"));
  EXPECT_THAT(read("select v from silver.t order by k desc limit 3"),
              ElementsAre("new99", "old99", "new98"));
}

TEST_F(TableFeatures, a_void_column_is_null_and_may_be_missing_in_files) {
  auto& t = table(
      {plain("id", primitive("long")), plain("nothing", primitive("void")),
       plain("s", record({plain("v", primitive("void")), plain("w", primitive("integer"))}))});
  add(t, "select 1::bigint as id, {'w': 2} as s");

  EXPECT_THAT(read("select * from silver.t"), ElementsAre("1|-|{'v': NULL, 'w': 2}"));
  EXPECT_THAT(read("select id from silver.t where nothing is null"), ElementsAre("1"));
}

TEST_F(TableFeatures, variants_are_read_shredded_or_not_and_given_as_json) {
  auto& t = table({plain("id", primitive("long")), plain("v", primitive("variant"))});
  const std::string rows =
      "select i::bigint as id, case when i % 3 <> 0 then {'a': i, 'b': 'x' || i}::variant end as "
      "v from range(1, 4) r(i)";
  add(t, rows);
  add(t, "select * replace (id + 10 as id) from (" + rows + ")",
      ", shredding {v: 'struct(a bigint)'}");
  remove_rows(add(t, "select * replace (id + 20 as id) from (" + rows + ")"), {0});
  add(t, "select 31::bigint as id");

  // A null is cast to the null of JSON.
  EXPECT_THAT(read("select id, cast(v as json) from silver.t order by id"),
              ElementsAre("1|{\"a\":1,\"b\":\"x1\"}", "2|{\"a\":2,\"b\":\"x2\"}", "3|null",
                          "11|{\"a\":1,\"b\":\"x1\"}", "12|{\"a\":2,\"b\":\"x2\"}", "13|null",
                          "22|{\"a\":2,\"b\":\"x2\"}", "23|null", "31|null"));
  EXPECT_THAT(read("select id from silver.t where cast(v.a as bigint) = 2 order by id"),
              ElementsAre("2", "12", "22"));
  EXPECT_THAT(read("select id from silver.t where v is null order by id"),
              ElementsAre("3", "13", "23", "31"));
  auto session = this->session();
  const auto found = session->query("select v from silver.t where id = 12");
  ASSERT_TRUE(found && *(*found)->next());
  std::string json;
  (*found)->json(0, 0, json);
  EXPECT_EQ(json, "{\"a\":2,\"b\":\"x2\"}");
}

TEST_F(TableFeatures, a_struct_that_looks_like_a_variant_stays_a_struct) {
  auto& t = table({plain(
      "s", record({plain("metadata", primitive("binary")), plain("value", primitive("binary"))}))});
  add(t, "select {'metadata': 'a'::blob, 'value': 'b'::blob} as s");

  EXPECT_THAT(read("select s.metadata, s.value from silver.t"), ElementsAre("a|b"));
}

TEST_F(TableFeatures, partition_values_of_all_types_are_read) {
  const std::tuple<const char*, std::string, std::string> cases[] = {
      {"string", "a b/%c=\xc3\xa4'\"", "a b/%c=\xc3\xa4'\""},
      {"long", "-9223372036854775808", "-9223372036854775808"},
      {"byte", "-128", "-128"},
      {"double", "-Infinity", "-inf"},
      {"float", "1.5E10", "15000000512.0"},  // the nearest float: they are 1024 apart
      {"double", "NaN", "nan"},
      {"boolean", "true", "true"},
      {"date", "1581-12-31", "1581-12-31"},
      {"date", "0001-01-01", "0001-01-01"},
      {"decimal(10,5)", "-2342.23423", "-2342.23423"},
      {"decimal(38,10)", "1E-7", "0.0000001000"},
      {"timestamp", "2026-01-31 23:59:59.123456", "2026-01-31 23:59:59.123456+00"},
      {"timestamp", "2026-01-31T23:59:59.123456Z", "2026-01-31 23:59:59.123456+00"},
      {"timestamp", "2026-01-31T23:59:59+02:00", "2026-01-31 21:59:59+00"},
      {"timestamp_ntz", "1500-02-28 01:02:03", "1500-02-28 01:02:03"},
      {"binary", std::string("\x01\x02z", 3), "\\x01\\x02z"},
      {"string", "", "-"},
  };
  for (const auto& [type, text, expected] : cases) {
    directory.versions.clear();
    auto& t = table({plain("p", primitive(type)), plain("id", primitive("long"))});
    t.metadata_value.partition_columns = {"p"};
    add(t, "select 1::bigint as id").partition_values["p"] = text;
    EXPECT_THAT(read("select p, id from silver.t"), ElementsAre(expected + "|1")) << type << text;
  }
}

TEST_F(TableFeatures, files_without_rows_and_tables_without_files_are_empty) {
  auto& t = table({plain("id", primitive("long"))});
  EXPECT_THAT(read("select count(*), max(id) from silver.t"), ElementsAre("0|-"));
  EXPECT_THAT(read("select * from silver.t"), IsEmpty());

  add(t, "select 1::bigint as id where false");
  add(t, "select 1::bigint as id");
  remove_rows(add(t, "select i as id from range(3) r(i)"), {0, 1, 2});
  EXPECT_THAT(read("select count(*), max(id) from silver.t"), ElementsAre("1|1"));
  EXPECT_THAT(read("select * from silver.t where id < 5"), ElementsAre("1"));
}

TEST_F(TableFeatures, partition_columns_that_files_hold_too_have_the_value_of_the_log) {
  auto& t = table({plain("p", primitive("integer")), plain("id", primitive("long"))});
  t.metadata_value.partition_columns = {"P"};
  add(t, "select 1::bigint as id, 99 as p").partition_values["p"] = "7";

  EXPECT_THAT(read("select p, id from silver.t where p = 7"), ElementsAre("7|1"));
  EXPECT_THAT(read("select p, id from silver.t where p = 99"), IsEmpty());
}

}  // namespace
}  // namespace claimlake::engine
