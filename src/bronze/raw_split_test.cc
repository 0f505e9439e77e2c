#include <gtest/gtest.h>

#include "base/random.h"
#include "bronze/raw_records.h"
#include "bronze/raw_scan_for_test.h"

// However a file is cut into parts and blocks, its rows and its broken records are the same.

namespace claimlake::bronze {
namespace {

// What a scan said, as one text.
std::string told(const Scanned& scanned) {
  std::string text = scanned.error ? "error: " + scanned.error->message : "";
  for (const ScannedRow& row : scanned.rows) {
    for (const auto& [name, value] : row) text += name + '=' + value + ';';
    text += '\n';
  }
  for (const UnreadableRecord& record : scanned.broken) {
    text += std::to_string(record.position) + ' ' + record.reason + ": " + record.payload + '\n';
  }
  return text;
}

std::string random_text(Random& random, const std::vector<std::string>& pieces,
                        std::uint64_t size) {
  std::string text;
  while (text.size() < size) text += pieces[random.below(pieces.size())];
  return text;
}

void expect_same_however_split(OpenRaw open, const RawSchema& schema, const std::string& bytes,
                               Random& random) {
  RawOptions whole;
  whole.record_bytes_max = 60;
  whole.block_bytes = 1 << 20;
  whole.part_bytes = 1 << 20;
  const std::string expected = told(scan_all(open, schema, raw_input(bytes), whole));
  for (int round = 0; round < 3; ++round) {
    RawOptions cut = whole;
    cut.part_bytes = static_cast<std::int64_t>(1 + random.below(bytes.size() / 2 + 1));
    cut.block_bytes = static_cast<std::int64_t>(1 + random.below(40));
    const Scanned scanned = scan_all(open, schema, raw_input(bytes), cut);
    ASSERT_EQ(told(scanned), expected)
        << "part_bytes " << cut.part_bytes << ", block_bytes " << cut.block_bytes << "\n"
        << bytes;
  }
}

TEST(RawSplit, csv_rows_do_not_depend_on_the_split) {
  const RawSchema schema{{{.name = "a"}, {.name = "b", .type = RawType::kInteger}}};
  const std::vector<std::string> pieces = {"x,1\n",
                                           "x,1\r\n",
                                           "\"q\",2\n",
                                           "\"two\nlines\",3\r\n",
                                           "\"a\"\"b\",4\n",
                                           ",",
                                           "\n",
                                           "\"",
                                           "\"\"",
                                           "\r",
                                           "\r\n",
                                           "y",
                                           "7",
                                           "long text that is not so short,5\n",
                                           "6\" pipe,6\n",
                                           "\xff",
                                           "\xc3\xa4",
                                           "\"\n,\n\"",
                                           "\"\"\"\n"};
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    SeededRandom random(seed);
    SCOPED_TRACE(seed);
    const std::string bytes = "a,b\n" + random_text(random, pieces, 1 + random.below(200));
    expect_same_however_split(open_raw_csv, schema, bytes, random);
    if (HasFatalFailure()) return;
  }
}

TEST(RawSplit, json_rows_do_not_depend_on_the_split) {
  const RawSchema schema{{{.name = "a"}, {.name = "b", .type = RawType::kInteger}}};
  const std::vector<std::string> pieces = {
      "{\"a\":\"x\",\"b\":1}\n",
      "{\"b\":2,\"a\":\"\\u0041\\n\"}\r\n",
      "{\"a\":\"x\",\n",
      "\n",
      " ",
      "{\"c\":[1,{\"d\":\"}\"}]}\n",
      "{",
      "}",
      "\"",
      "[",
      "]",
      ",",
      "{\"b\":\"no\"}\n",
      "\xff",
      "{\"a\":\"a text that is longer than the limit of sixty bytes for one record\"}\n",
      "[{\"a\":1}"};
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    SeededRandom random(seed);
    SCOPED_TRACE(seed);
    const std::string bytes = random_text(random, pieces, 1 + random.below(200));
    expect_same_however_split(open_raw_json, schema, bytes, random);
    if (HasFatalFailure()) return;
  }
}

TEST(RawSplit, rows_keep_their_order_over_many_parts) {
  const RawSchema schema{{{.name = "n", .type = RawType::kInteger}, {.name = "t"}}};
  std::string bytes = "n,t\n";
  for (int i = 0; i < 10'000; ++i) bytes += std::to_string(i) + ",\"a\nb\"\n";
  RawOptions options;
  options.part_bytes = 10'000;
  options.block_bytes = 3'000;

  const Scanned scanned = scan_all(open_raw_csv, schema, raw_input(bytes), options);

  EXPECT_GT(scanned.part_count, 8);
  ASSERT_EQ(scanned.rows.size(), 10'000);
  std::int64_t last_position = 0;
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_EQ(scanned.rows[static_cast<std::size_t>(i)].at("n"), std::to_string(i));
    const std::int64_t position =
        std::stoll(scanned.rows[static_cast<std::size_t>(i)].at("_source_position"));
    EXPECT_GT(position, last_position);
    last_position = position;
  }
}

TEST(RawSplit, parts_have_about_the_size_asked_for) {
  std::string bytes;
  for (int i = 0; i < 1'000; ++i) bytes += "{\"a\":\"0123456789\"}\n";
  const TextReader reader(bytes);
  RawOptions options;
  options.part_bytes = 1'900;

  const auto parts = split_at_records(reader, 0, RecordFinder::kLines, options);

  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->size(), 10);
  for (const std::int64_t begin : *parts) EXPECT_EQ(begin % 19, 0);
}

}  // namespace
}  // namespace claimlake::bronze
