// The typed columns of a checkpoint, as another reader of Parquet sees them and as we read them.
#include <gmock/gmock.h>

#include "delta/log.h"
#include "engine/engine.h"
#include "store/memory_store.h"

namespace claimlake::engine {
namespace {

using delta::PrimitiveType;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kStats =
    R"({"numRecords":3,"minValues":{"n":-5,"x":{"d":-12345678901234567890123456.789,"t":"a"},)"
    R"("day":"2026-01-31","at":"2026-01-31T10:00:00.123Z","local":"2026-01-31T10:00:00.123"},)"
    R"("maxValues":{"n":7,"x":{"d":1.5},"at":"2026-02-01T00:00:00.000Z"},)"
    R"("nullCount":{"n":0,"x":{"d":1,"t":2},"list":3},"tightBounds":false})";

class CheckpointStatsTest : public testing::Test {
 public:
  SystemClock clock;
  store::MemoryStore store;
  std::unique_ptr<Engine> engine =
      *open_engine({.memory_bytes = 1 << 30, .threads = 2}, store, clock);
  delta::ParquetIo& io = engine->parquet_io();

  static delta::TypedColumns columns() {
    delta::TypedColumns out;
    out.stats = {{{"n", PrimitiveType{"integer"}},
                  {"x", delta::StructType{{{"d", PrimitiveType{"decimal(38,3)"}},
                                           {"t", PrimitiveType{"string"}},
                                           {"blob", PrimitiveType{"binary"}}}}},
                  {"day", PrimitiveType{"date"}},
                  {"at", PrimitiveType{"timestamp"}},
                  {"local", PrimitiveType{"timestamp_ntz"}},
                  {"flag", PrimitiveType{"boolean"}},
                  {"list", delta::ArrayType{PrimitiveType{"long"}}}}};
    out.partitions = {{{"year", PrimitiveType{"integer"}},
                       {"name", PrimitiveType{"string"}},
                       {"time", PrimitiveType{"timestamp"}}}};
    return out;
  }
  // Writes one file of these statistics.
  void write(const std::string& stats, delta::PartitionValues values, bool as_json = false) {
    const delta::AddFile file{
        .path = "f", .partition_values = std::move(values), .stats_json = stats};
    const std::vector<const delta::AddFile*> adds = {&file};
    const auto written = io.write_checkpoint("c", {.small = {delta::Protocol{}},
                                                   .adds = delta::FileList(adds),
                                                   .removes = {},
                                                   .stats_as_json = as_json,
                                                   .typed = columns()});
    ASSERT_TRUE(written) << written.error().text();
  }
  // The cells of the first row.
  std::vector<std::optional<std::string>> row(const std::string& select) {
    const auto session = engine->session({.access = Access::kInternal});
    auto rows = (*session)->query("SELECT " + select +
                                  " FROM read_parquet('lake://c') WHERE \"add\" IS NOT NULL");
    if (!rows) return {rows.error().text()};
    const auto table = read_all(**rows);
    if (!table || table->rows.empty()) return {};
    return table->rows.front();
  }
  delta::AddFile read() {
    delta::AddFile out;
    const auto done = io.read_checkpoint("c", {}, [&](delta::CheckpointBatch&& batch) {
      for (auto& add : batch.adds) out = std::move(add);
      return claimlake::done();
    });
    EXPECT_TRUE(done) << done.error().text();
    return out;
  }
};

TEST_F(CheckpointStatsTest, values_stand_in_the_types_of_their_columns) {
  write(kStats, {{"year", "2026"}, {"name", "a b"}, {"time", "2026-01-31 10:00:00"}});

  EXPECT_THAT(
      row("typeof(\"add\".stats_parsed)"),
      ElementsAre("STRUCT(numRecords BIGINT, tightBounds BOOLEAN, nullCount STRUCT(n BIGINT,"
                  " x STRUCT(d BIGINT, t BIGINT, blob BIGINT), \"day\" BIGINT, \"at\" BIGINT,"
                  " \"local\" BIGINT, flag BIGINT, list BIGINT), minValues STRUCT(n INTEGER,"
                  " x STRUCT(d DECIMAL(38,3), t VARCHAR), \"day\" DATE, \"at\" TIMESTAMP WITH"
                  " TIME ZONE, \"local\" TIMESTAMP), maxValues STRUCT(n INTEGER, x STRUCT(d"
                  " DECIMAL(38,3), t VARCHAR), \"day\" DATE, \"at\" TIMESTAMP WITH TIME ZONE,"
                  " \"local\" TIMESTAMP))"));
  EXPECT_THAT(
      row("\"add\".stats_parsed.numRecords, \"add\".stats_parsed.tightBounds, "
          "\"add\".stats_parsed.minValues.n, \"add\".stats_parsed.minValues.x.d, "
          "\"add\".stats_parsed.maxValues.x.t, epoch_ms(\"add\".stats_parsed.minValues.at), "
          "\"add\".stats_parsed.nullCount.x.t, \"add\".stats_parsed.nullCount.list"),
      ElementsAre("3", "false", "-5", "-12345678901234567890123456.789", std::nullopt,
                  "1769853600123", "2", "3"));
  EXPECT_THAT(row("\"add\".partitionValues_parsed.year, \"add\".partitionValues_parsed.name, "
                  "epoch_ms(\"add\".partitionValues_parsed.time)"),
              ElementsAre("2026", "a b", "1769853600000"));
}

TEST_F(CheckpointStatsTest, as_texts_they_are_left_out_or_kept_as_the_table_asks) {
  write(kStats, {});
  EXPECT_THAT(row("typeof(\"add\")")[0].value_or(""), Not(HasSubstr("stats VARCHAR")));

  write(kStats, {}, true);
  EXPECT_THAT(row("\"add\".stats"), ElementsAre(kStats));
}

TEST_F(CheckpointStatsTest, what_is_read_back_says_the_same_in_the_protocols_form) {
  write(kStats, {});
  const std::string stats = read().stats_json;

  for (const char* part :
       {R"("numRecords":3)", R"("n":-5)", R"("day":"2026-01-31")",
        R"("at":"2026-01-31T10:00:00.123Z")", R"("local":"2026-01-31T10:00:00.123")",
        R"("d":-12345678901234567890123456.789)", R"("tightBounds":false)"}) {
    EXPECT_THAT(stats, HasSubstr(part));
  }
}

TEST_F(CheckpointStatsTest, a_file_without_statistics_has_none) {
  write("", {{"year", std::nullopt}});

  EXPECT_THAT(row("\"add\".stats_parsed IS NULL, \"add\".partitionValues_parsed.year IS NULL"),
              ElementsAre("true", "true"));
  EXPECT_EQ(read().stats_json, "");
}

TEST_F(CheckpointStatsTest, a_value_that_is_none_of_its_type_is_null_and_the_others_stay) {
  write(R"({"numRecords":1,"minValues":{"n":"many","day":"2026-01-31"}})", {{"year", "MMXXVI"}});

  EXPECT_THAT(row("\"add\".stats_parsed.minValues.n, \"add\".stats_parsed.minValues.day, "
                  "\"add\".partitionValues_parsed.year, \"add\".partitionValues['year']"),
              ElementsAre(std::nullopt, "2026-01-31", std::nullopt, "MMXXVI"));
}

TEST_F(CheckpointStatsTest, many_files_come_with_their_own) {
  constexpr int kFiles = 10'000;  // more than a chunk
  std::vector<delta::AddFile> files(kFiles);
  std::vector<const delta::AddFile*> adds;
  for (int i = 0; i < kFiles; ++i) {
    auto& file = files[static_cast<std::size_t>(i)];
    file.path = std::to_string(i);
    if (i % 3 != 0) {
      file.stats_json = R"({"numRecords":1,"minValues":{"n":)" + std::to_string(i) +
                        R"(,"x":{"t":"text )" + std::to_string(i) + "\"}}}";
    }
    adds.push_back(&file);
  }
  ASSERT_TRUE(io.write_checkpoint("c", {.small = {delta::Protocol{}},
                                        .adds = delta::FileList(adds),
                                        .removes = {},
                                        .stats_as_json = false,
                                        .typed = columns()}));

  const auto session = engine->session({.access = Access::kInternal});
  auto rows = (*session)->query(
      "SELECT count(*), count(\"add\".stats_parsed), count(*) FILTER (WHERE "
      "\"add\".stats_parsed.minValues.n = \"add\".path::INT AND "
      "\"add\".stats_parsed.minValues.x.t = 'text ' || \"add\".path) "
      "FROM read_parquet('lake://c') WHERE \"add\" IS NOT NULL");
  ASSERT_TRUE(rows) << rows.error().text();
  const auto table = read_all(**rows);
  ASSERT_TRUE(table);
  EXPECT_THAT(table->rows.front(), ElementsAre("10000", "6666", "6666"));
}

}  // namespace
}  // namespace claimlake::engine
