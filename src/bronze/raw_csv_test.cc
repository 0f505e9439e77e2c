#include <gmock/gmock.h>

#include "bronze/raw_scan_for_test.h"

namespace claimlake::bronze {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

const RawSchema& schema() {
  static const RawSchema schema{{{.name = "id", .required = true},
                                 {.name = "name"},
                                 {.name = "amount", .type = RawType::kDecimal},
                                 {.name = "count", .type = RawType::kInteger},
                                 {.name = "flag", .type = RawType::kBool}}};
  return schema;
}

Scanned scan(std::string bytes, RawOptions options = {}) {
  return scan_all(open_raw_csv, schema(), raw_input(std::move(bytes)), std::move(options));
}

// Only the declared columns and what was rescued.
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

TEST(RawCsv, rows_are_typed_and_say_where_they_come_from) {
  const Scanned scanned = scan("id,name,amount,count,flag\r\n1,Ada,12.5,3,True\r\n2,,,,\r\n");

  ASSERT_EQ(scanned.rows.size(), 2);
  EXPECT_THAT(scanned.rows[0],
              ElementsAre(Pair("_batch_id", "20251222000000"),
                          Pair("_ingestion_timestamp", "1766361600000000"),
                          Pair("_source_file", "customers.csv"), Pair("_source_position", "27"),
                          Pair("amount", "1250"), Pair("count", "3"), Pair("flag", "true"),
                          Pair("id", "1"), Pair("name", "Ada")));
  EXPECT_EQ(scanned.rows[1].at("_source_position"), "46");
  EXPECT_FALSE(scanned.rows[1].contains("name"));
}

TEST(RawCsv, line_ends_marks_and_column_order_do_not_matter) {
  const std::vector<ScannedRow> expected = {{{"id", "1"}, {"name", "Ada"}},
                                            {{"id", "2"}, {"name", "Bo"}}};

  EXPECT_EQ(rows_of("id,name\n1,Ada\n2,Bo\n"), expected);
  EXPECT_EQ(rows_of("id,name\r\n1,Ada\r\n2,Bo"), expected);
  EXPECT_EQ(rows_of("\xef\xbb\xbfid,name\n1,Ada\n\n2,Bo\r\n\r\n"), expected);
  EXPECT_EQ(rows_of("\"name\",\"id\"\nAda,1\n\"Bo\",\"2\""), expected);
}

TEST(RawCsv, quotes_keep_commas_lines_and_quotes) {
  const auto rows = rows_of("id,name\n1,\"Lee, Ada\"\n2,\"two\r\nlines\"\n3,\"say \"\"hi\"\"\"\n");

  ASSERT_EQ(rows.size(), 3);
  EXPECT_EQ(rows[0].at("name"), "Lee, Ada");
  EXPECT_EQ(rows[1].at("name"), "two\r\nlines");
  EXPECT_EQ(rows[2].at("name"), "say \"hi\"");
}

TEST(RawCsv, an_empty_field_is_null_quoted_or_not) {
  const auto rows = rows_of("id,name\n1,\"\"\n2,\n");

  ASSERT_EQ(rows.size(), 2);
  EXPECT_FALSE(rows[0].contains("name"));
  EXPECT_FALSE(rows[1].contains("name"));
}

TEST(RawCsv, a_quote_inside_a_plain_field_is_a_character) {
  const auto rows = rows_of("id,name\n1,6\" pipe\n2,Bo\n");

  ASSERT_EQ(rows.size(), 2);
  EXPECT_EQ(rows[0].at("name"), "6\" pipe");
}

TEST(RawCsv, what_does_not_fit_is_rescued) {
  const auto rows = rows_of("id,amount,count,flag,color\n1,12.345,many,maybe,\"re\"\"d\"\n2,,,,\n");

  ASSERT_EQ(rows.size(), 2);
  EXPECT_THAT(rows[0], ElementsAre(Pair("_rescued_data",
                                        R"({"amount":"12.345","count":"many","flag":"maybe",)"
                                        R"("color":"re\"d"})"),
                                   Pair("id", "1")));
  EXPECT_THAT(rows[1], ElementsAre(Pair("id", "2")));
}

TEST(RawCsv, a_record_with_a_wrong_number_of_fields_is_broken_and_the_rest_goes_in) {
  const Scanned scanned = scan("id,name\n1\n2,Bo\n3,C,D\n");

  ASSERT_EQ(scanned.rows.size(), 1);
  ASSERT_EQ(scanned.broken.size(), 2);
  EXPECT_EQ(scanned.broken[0].position, 8);
  EXPECT_EQ(scanned.broken[0].payload, "1");
  EXPECT_EQ(scanned.broken[0].reason, "the record has 1 fields, the header has 2");
  EXPECT_EQ(scanned.broken[1].payload, "3,C,D");
}

TEST(RawCsv, a_file_that_was_cut_off_says_so_of_its_last_record) {
  for (const char* end : {"2", "2,\"B"}) {
    const Scanned scanned = scan(std::string("id,name\n1,Ada\n3\n") + end);

    ASSERT_EQ(scanned.rows.size(), 1) << end;
    ASSERT_EQ(scanned.broken.size(), 2) << end;
    EXPECT_THAT(scanned.broken[0].reason, testing::Not(HasSubstr("cut off")));
    EXPECT_THAT(scanned.broken[1].reason, HasSubstr("; the file ends here without a line end"));
    EXPECT_EQ(scanned.broken[1].payload, end);
  }
}

TEST(RawCsv, what_is_no_text_in_utf_8_is_refused_by_its_first_bytes) {
  for (const auto& [bytes, what] : std::vector<std::pair<std::string, const char*>>{
           {"\x1f\x8b\x08\x01", "compressed by gzip"},
           {"PK\x03\x04rest", "workbook"},
           {std::string("\xff\xfei\0d\0", 6), "UTF-16"}}) {
    const Scanned scanned = scan(bytes);

    ASSERT_TRUE(scanned.error) << what;
    EXPECT_THAT(scanned.error->message, HasSubstr(what));
    EXPECT_FALSE(scanned.error->next.empty());
  }
}

TEST(RawCsv, a_header_of_other_separators_or_bytes_says_what_to_write) {
  EXPECT_THAT(scan("id;name\n1;Ada\n").error->next, HasSubstr("commas"));
  const Scanned binary = scan(std::string("id\0,name\n1,2\n", 14));
  EXPECT_THAT(binary.error->message, HasSubstr("holds a NUL byte"));
  EXPECT_EQ(binary.error->message.find('\0'), std::string::npos);
}

TEST(RawCsv, a_stray_quote_breaks_its_line_only) {
  for (const char* bytes : {"id,name\n1,\"Ada\n2,Bo\n", "id,name\n1,\"Ada\" x\n2,Bo\n"}) {
    const Scanned scanned = scan(bytes);

    ASSERT_EQ(scanned.rows.size(), 1) << bytes;
    EXPECT_EQ(scanned.rows[0].at("name"), "Bo");
    ASSERT_EQ(scanned.broken.size(), 1);
    EXPECT_EQ(scanned.broken[0].position, 8);
  }
}

TEST(RawCsv, bytes_that_are_no_text_break_their_record_only) {
  const Scanned scanned =
      scan("id,name\n1,M\xff" + std::string("ller\n2,a") + '\0' + "b\n3,M\xc3\xbcller\n");

  ASSERT_EQ(scanned.rows.size(), 1);
  EXPECT_EQ(scanned.rows[0].at("name"), "M\xc3\xbcller");
  ASSERT_EQ(scanned.broken.size(), 2);
  EXPECT_THAT(scanned.broken[0].reason, HasSubstr("UTF-8"));
  EXPECT_EQ(scanned.broken[0].payload, "1,M\xef\xbf\xbdller");
  EXPECT_THAT(scanned.broken[1].reason, HasSubstr("NUL"));
}

TEST(RawCsv, a_line_of_10_mb_goes_in_and_one_past_the_limit_does_not) {
  const std::string long_text(10 << 20, 'x');
  const std::string bytes = "id,name\n1," + long_text + "\n2,Bo\n";

  const Scanned within = scan(bytes);
  ASSERT_EQ(within.rows.size(), 2);
  EXPECT_EQ(within.rows[0].at("name").size(), long_text.size());

  RawOptions options;
  options.record_bytes_max = 1 << 20;
  const Scanned past = scan(bytes, options);
  ASSERT_EQ(past.rows.size(), 1);
  EXPECT_EQ(past.rows[0].at("name"), "Bo");
  ASSERT_EQ(past.broken.size(), 1);
  EXPECT_EQ(past.broken[0].position, 8);
  EXPECT_EQ(past.broken[0].payload.size(), 1 << 20);
}

TEST(RawCsv, a_wrong_header_is_refused_with_what_to_do) {
  const auto message = [](std::string bytes) {
    const Scanned scanned = scan(std::move(bytes));
    EXPECT_TRUE(scanned.error);
    return scanned.error ? scanned.error->text() : "";
  };

  EXPECT_THAT(message("name,amount\nAda,1\n"),
              AllOf(HasSubstr("The header has no column id"), HasSubstr("customers.csv:1"),
                    HasSubstr("Expected columns: id, name, amount, count, flag"),
                    HasSubstr("Found: name, amount"), HasSubstr("Mend the first line")));
  EXPECT_THAT(message("id,name,id\n1,Ada,2\n"), HasSubstr("a column twice: id"));
  EXPECT_THAT(message(""), HasSubstr("The file is empty"));
  EXPECT_THAT(message("\xef\xbb\xbf"), HasSubstr("The file is empty"));
  EXPECT_THAT(message("\n\n"), HasSubstr("The file is empty"));
  EXPECT_THAT(message("id,name\n"),
              AllOf(HasSubstr("a header and no rows"), HasSubstr("Write the file again")));
  EXPECT_THAT(message("id,\"name\n1,2\n"), HasSubstr("The header cannot be read"));
}

TEST(RawCsv, columns_that_are_not_wanted_are_left_alone) {
  const RawInput input = raw_input("id,name,count\n1,Ada,x\n");
  auto source = open_raw_csv(schema(), input);
  ASSERT_TRUE(source);
  std::uint8_t null[engine::kBatchRows] = {};
  std::string_view text[engine::kBatchRows];
  engine::Batch batch;
  batch.columns.resize((*source)->columns().size(), {.wanted = false});
  batch.columns[1] = {.text = text, .null = null};

  auto scan = (*source)->scan(0);
  ASSERT_TRUE((*scan)->next(batch));

  EXPECT_EQ(batch.rows, 1);
  EXPECT_EQ(text[0], "Ada");
}

TEST(RawCsv, dates_doubles_and_wide_decimals_are_checked_and_stay_text) {
  const RawSchema schema{{{.name = "day", .type = RawType::kDate},
                          {.name = "rating", .type = RawType::kDouble},
                          {.name = "wide", .type = RawType::kDecimal, .precision = 30, .scale = 4},
                          {.name = "at", .type = RawType::kTimestamp},
                          {.name = "big", .type = RawType::kLong}}};

  const Scanned scanned =
      scan_all(open_raw_csv, schema,
               raw_input("day,rating,wide,at,big\n2025-02-28,4.5,1.2345,1970-01-01T00:00:01,9\n"
                         "2025-02-30,much,1.23456,yesterday,9.5\n"));

  ASSERT_EQ(scanned.rows.size(), 2);
  EXPECT_EQ(scanned.rows[0].at("day"), "2025-02-28");
  EXPECT_EQ(scanned.rows[0].at("wide"), "1.2345");
  EXPECT_EQ(scanned.rows[0].at("at"), "1000000");
  EXPECT_EQ(scanned.rows[0].at("big"), "9");
  EXPECT_EQ(
      scanned.rows[1].at("_rescued_data"),
      R"({"day":"2025-02-30","rating":"much","wide":"1.23456","at":"yesterday","big":"9.5"})");
}

}  // namespace
}  // namespace claimlake::bronze
