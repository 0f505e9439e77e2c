#include <gmock/gmock.h>

#include "bronze/raw_scan_for_test.h"

namespace claimlake::bronze {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

const RawSchema& schema() {
  static const RawSchema schema{{{.name = "claim_id", .required = true},
                                 {.name = "amount", .type = RawType::kDecimal},
                                 {.name = "days", .type = RawType::kInteger},
                                 {.name = "urgent", .type = RawType::kBool},
                                 {.name = "note"}}};
  return schema;
}

Scanned scan(std::string bytes, RawOptions options = {}) {
  return scan_all(open_raw_json, schema(), raw_input(std::move(bytes), "claims.jsonl"),
                  std::move(options));
}

// The declared columns and what was rescued, of a file in which nothing is broken.
std::vector<ScannedRow> rows_of(std::string bytes) {
  Scanned scanned = scan(std::move(bytes));
  EXPECT_FALSE(scanned.error) << scanned.error->text();
  EXPECT_TRUE(scanned.broken.empty()) << scanned.broken[0].reason;
  for (ScannedRow& row : scanned.rows) {
    for (const char* origin :
         {"_ingestion_timestamp", "_source_file", "_batch_id", "_source_position"}) {
      row.erase(origin);
    }
  }
  return scanned.rows;
}

ScannedRow row_of(std::string object) {
  const auto rows = rows_of(std::move(object));
  EXPECT_EQ(rows.size(), 1);
  return rows.empty() ? ScannedRow{} : rows[0];
}

TEST(RawJson, lines_become_typed_rows) {
  const Scanned scanned = scan(
      "{\"claim_id\":\"a\",\"amount\":12.3,\"days\":4,\"urgent\":true,\"note\":null}\n"
      " { \"days\" : 5 , \"claim_id\" : \"b\" } \r\n\n{\"claim_id\":\"c\"}");

  ASSERT_EQ(scanned.rows.size(), 3);
  EXPECT_THAT(scanned.rows[0],
              ElementsAre(Pair("_batch_id", "20251222000000"),
                          Pair("_ingestion_timestamp", "1766361600000000"),
                          Pair("_source_file", "claims.jsonl"), Pair("_source_position", "0"),
                          Pair("amount", "1230"), Pair("claim_id", "a"), Pair("days", "4"),
                          Pair("urgent", "true")));
  EXPECT_EQ(scanned.rows[1].at("days"), "5");
  EXPECT_EQ(scanned.rows[1].at("_source_position"), "66");
  EXPECT_EQ(scanned.rows[2].at("claim_id"), "c");
}

TEST(RawJson, money_is_exact_or_rescued) {
  const auto rescued = [](const std::string& value) {
    const ScannedRow row = row_of("{\"claim_id\":\"a\",\"amount\":" + value + "}");
    EXPECT_FALSE(row.contains("amount")) << value;
    return row.contains("_rescued_data") ? row.at("_rescued_data") : "";
  };

  EXPECT_EQ(row_of(R"({"claim_id":"a","amount":0.10})").at("amount"), "10");
  EXPECT_EQ(row_of(R"({"claim_id":"a","amount":-1e2})").at("amount"), "-10000");
  EXPECT_EQ(row_of(R"({"claim_id":"a","amount":"7.5"})").at("amount"), "750");
  EXPECT_EQ(rescued("12.345"), R"({"amount":12.345})");
  EXPECT_EQ(rescued("1e17"), R"({"amount":1e17})");
  EXPECT_EQ(rescued("\"about 200\""), R"({"amount":"about 200"})");
  EXPECT_EQ(rescued("true"), R"({"amount":true})");
  EXPECT_EQ(rescued("{\"usd\": [1, 2]}"), R"({"amount":{"usd": [1, 2]}})");
}

TEST(RawJson, a_text_column_keeps_numbers_as_they_are_written) {
  EXPECT_EQ(row_of(R"({"claim_id":12.50})").at("claim_id"), "12.50");
  EXPECT_EQ(row_of(R"({"claim_id":true})").at("claim_id"), "true");
  EXPECT_EQ(row_of(R"({"claim_id":""})").at("claim_id"), "");
  EXPECT_EQ(row_of(R"({"claim_id":["a"]})").at("_rescued_data"), R"({"claim_id":["a"]})");
}

TEST(RawJson, unknown_fields_are_rescued) {
  const ScannedRow row = row_of(R"({"x":1,"claim_id":"a","y\"z":{"k":[null]},"note":"n"})");

  EXPECT_THAT(row, ElementsAre(Pair("_rescued_data", R"({"x":1,"y\"z":{"k":[null]}})"),
                               Pair("claim_id", "a"), Pair("note", "n")));
}

TEST(RawJson, of_a_name_twice_the_last_wins) {
  EXPECT_EQ(row_of(R"({"claim_id":"a","note":"x","claim_id":"b"})").at("claim_id"), "b");
  EXPECT_FALSE(row_of(R"({"claim_id":"a","note":"x","note":null})").contains("note"));
  EXPECT_EQ(row_of(R"({"claim_id":"a","days":null,"days":3})").at("days"), "3");
}

TEST(RawJson, escapes_are_undone) {
  EXPECT_EQ(row_of(R"({"claim_id":"a","note":"q\" b\\ s\/ \b\f\n\r\t \u00fc \u20AC \ud83d\ude00"})")
                .at("note"),
            "q\" b\\ s/ \b\f\n\r\t \xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80");
  EXPECT_EQ(row_of(R"({"cl\u0061im_id":"a"})").at("claim_id"), "a");
}

TEST(RawJson, a_broken_line_is_set_aside_and_the_rest_goes_in) {
  for (const char* broken : {R"({"claim_id":"b","no)",
                             R"({"claim_id":"b",})",
                             R"({"claim_id" "b"})",
                             R"({"claim_id":"b"} x)",
                             R"({"claim_id":01})",
                             R"({"claim_id":1.})",
                             R"({"claim_id":-})",
                             R"({"claim_id":"\x"})",
                             R"({"claim_id":"\u12g4"})",
                             R"({"claim_id":"\ud800"})",
                             R"({"claim_id":tru})",
                             R"({'claim_id':"b"})",
                             R"({"claim_id":"b")",
                             R"(["claim_id"])",
                             R"("claim_id")",
                             "null",
                             "{",
                             R"({"amount":1})",
                             "{\"claim_id\":\"a\tb\"}",
                             R"({"claim_id":"b","x":[1,]})",
                             R"({"claim_id":"b","x":{"y"}})",
                             R"({"claim_id":"b","x":[1}})",
                             "{\"claim_id\":\"\xff\"}"}) {
    const Scanned scanned =
        scan(std::string("{\"claim_id\":\"a\"}\n") + broken + "\n{\"claim_id\":\"c\"}\n");

    ASSERT_EQ(scanned.rows.size(), 2) << broken;
    EXPECT_EQ(scanned.rows[1].at("claim_id"), "c");
    ASSERT_EQ(scanned.broken.size(), 1) << broken;
    EXPECT_EQ(scanned.broken[0].position, 17);
    EXPECT_FALSE(scanned.broken[0].reason.empty());
  }
}

TEST(RawJson, a_file_that_was_cut_off_says_so_of_its_last_record) {
  const Scanned lines = scan("{\"claim_id\":\"a\"}\n{\"claim_\n{\"claim_id\":\"c");
  ASSERT_EQ(lines.rows.size(), 1);
  ASSERT_EQ(lines.broken.size(), 2);
  EXPECT_THAT(lines.broken[0].reason, testing::Not(HasSubstr("cut off")));
  EXPECT_THAT(lines.broken[1].reason, HasSubstr("; the file ends here without a line end"));

  for (const char* end : {",", ",{\"claim_id\":\"c"}) {
    const Scanned array = scan(std::string("[{\"claim_id\":\"a\"}") + end);
    ASSERT_EQ(array.rows.size(), 1) << end;
    ASSERT_EQ(array.broken.size(), 1) << end;
    EXPECT_THAT(array.broken[0].reason, HasSubstr("the file may have been cut off")) << end;
  }
}

TEST(RawJson, a_broken_row_leaves_nothing_in_the_next) {
  const Scanned scanned = scan(
      "{\"claim_id\":\"a\",\"note\":null,\"x\":1,\"amount\":}\n{\"claim_id\":\"b\",\"note\":\"n\"}"
      "\n");

  ASSERT_EQ(scanned.rows.size(), 1);
  EXPECT_EQ(scanned.rows[0].at("note"), "n");
  EXPECT_FALSE(scanned.rows[0].contains("_rescued_data"));
  EXPECT_THAT(scanned.broken[0].reason, HasSubstr("at byte 44"));
}

TEST(RawJson, a_missing_required_field_is_named) {
  const Scanned scanned = scan("{\"amount\":1}\n{\"claim_id\":null}\n");

  ASSERT_EQ(scanned.broken.size(), 1);
  EXPECT_EQ(scanned.broken[0].reason, "the record has no field claim_id");
  EXPECT_EQ(scanned.rows.size(), 1);
}

TEST(RawJson, one_object_over_several_lines_is_one_row) {
  const auto rows =
      rows_of("\xef\xbb\xbf{\n  \"claim_id\": \"a\",\n  \"note\": \"x } \\\" {\"\n}\n");

  ASSERT_EQ(rows.size(), 1);
  EXPECT_EQ(rows[0].at("note"), "x } \" {");
}

TEST(RawJson, an_array_of_objects_is_a_row_each) {
  const Scanned scanned = scan("[\n {\"claim_id\":\"a\"},\n {\"claim_id\":\"b\"}, 7,{}\n]\n");

  ASSERT_EQ(scanned.rows.size(), 2);
  EXPECT_EQ(scanned.rows[1].at("_source_position"), "22");
  ASSERT_EQ(scanned.broken.size(), 2);
  EXPECT_EQ(scanned.broken[0].payload, "7");
  EXPECT_THAT(scanned.broken[0].reason, HasSubstr("not a JSON object"));
  EXPECT_EQ(scan("[]").rows.size(), 0);
  EXPECT_TRUE(scan("[]").broken.empty());
}

TEST(RawJson, a_document_that_breaks_off_keeps_what_was_whole) {
  for (const char* bytes : {"[{\"claim_id\":\"a\"},{\"claim_id\":\"b", "[{\"claim_id\":\"a\"}",
                            "[{\"claim_id\":\"a\"},", "[{\"claim_id\":\"a\"},]",
                            "[{\"claim_id\":\"a\"}] x", "[{\"claim_id\":\"a\"} {}]"}) {
    const Scanned scanned = scan(bytes);

    EXPECT_EQ(scanned.rows.size(), 1) << bytes;
    EXPECT_EQ(scanned.broken.size(), 1) << bytes;
  }
}

TEST(RawJson, a_first_line_that_is_broken_does_not_make_a_document) {
  const Scanned scanned = scan("{\"claim_id\":\"a\",\n{\"claim_id\":\"b\"}\n");

  ASSERT_EQ(scanned.rows.size(), 1);
  EXPECT_EQ(scanned.broken.size(), 1);
}

TEST(RawJson, an_empty_file_is_refused) {
  for (const char* bytes : {"", "\xef\xbb\xbf", "\n \r\n"}) {
    const Scanned scanned = scan(bytes);

    ASSERT_TRUE(scanned.error);
    EXPECT_THAT(scanned.error->text(), HasSubstr("The file is empty"));
    EXPECT_THAT(scanned.error->text(), HasSubstr("claims.jsonl"));
  }
}

TEST(RawJson, a_line_past_the_limit_is_broken_and_the_rest_goes_in) {
  RawOptions options;
  options.record_bytes_max = 1'000;
  options.block_bytes = 300;
  const std::string long_line = "{\"claim_id\":\"" + std::string(5'000, 'x') + "\"}\n";

  const Scanned scanned =
      scan("{\"claim_id\":\"a\"}\n" + long_line + "{\"claim_id\":\"b\"}\n", options);

  ASSERT_EQ(scanned.rows.size(), 2);
  EXPECT_EQ(scanned.rows[1].at("claim_id"), "b");
  ASSERT_EQ(scanned.broken.size(), 1);
  EXPECT_EQ(scanned.broken[0].payload.size(), 1'000);
}

}  // namespace
}  // namespace claimlake::bronze
