// The Parquet form of checkpoints. Oracles: what was given to write, DuckDB's own view of the
// file's schema, and (tests/golden, tests/interop) files written and read by other engines.
#include "engine/delta_parquet.h"

#include <gmock/gmock.h>

#include <deque>
#include <map>
#include <set>

#include "base/clock.h"
#include "delta/log.h"
#include "engine/engine.h"
#include "store/memory_store.h"

namespace claimlake::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class DeltaParquetTest : public testing::Test {
 public:
  SystemClock clock;
  SeededRandom random{7};
  store::MemoryStore store;
  std::unique_ptr<Engine> engine = make_engine();
  delta::ParquetIo& io = engine->parquet_io();

  std::unique_ptr<Engine> make_engine() {
    auto made = open_engine({.memory_bytes = 1 << 30, .threads = 2}, store, clock);
    EXPECT_TRUE(made) << made.error().text();
    return *std::move(made);
  }
  struct Read {
    std::vector<delta::AddFile> adds;
    std::vector<delta::Action> others;
    template <class Kind>
    std::vector<Kind> all() const {
      std::vector<Kind> out;
      for (const delta::Action& action : others) {
        if (const auto* kind = std::get_if<Kind>(&action)) out.push_back(*kind);
      }
      return out;
    }
  };
  Result<Read> read(std::string_view path, delta::CheckpointRows rows = {.remove = true}) {
    Read out;
    TRY_DONE(io.read_checkpoint(path, rows, [&](delta::CheckpointBatch&& batch) {
      for (auto& add : batch.adds) out.adds.push_back(std::move(add));
      for (auto& other : batch.others) out.others.push_back(std::move(other));
      return done();
    }));
    return out;
  }
};

delta::AddFile full_file() {
  return {.path = "day=a%2520b/f%20.parquet",
          .partition_values = {{"day", "a b"}, {"kind", std::nullopt}},
          .size = 123,
          .modification_time_ms = 1'700'000'000'123,
          .stats_json = R"({"numRecords":3,"minValues":{"a":"\"x\""}})",
          .tags = {{"k", "v"}},
          .deletion_vector = delta::DeletionVector{"u", "ab^-aqEH.-t@S}K{vb[*k^", 4, 40, 6},
          .base_row_id = 5,
          .default_row_commit_version = 6,
          .clustering_provider = "liquid"};
}

TEST_F(DeltaParquetTest, a_checkpoint_holds_what_was_written) {
  const delta::AddFile full = full_file();
  delta::AddFile bare{.path = "bare"};
  const std::vector<const delta::AddFile*> adds = {&full, &bare};
  const delta::Metadata metadata{.id = "id",
                                 .name = "n",
                                 .schema_json = R"({"type":"struct","fields":[]})",
                                 .partition_columns = {"day", "kind"},
                                 .configuration = {{"a", "b"}},
                                 .created_time_ms = 17,
                                 .format_options = {{"o", "x"}}};
  const delta::Protocol protocol{3, 7, {"timestampNtz"}, {"timestampNtz", "appendOnly"}};
  delta::RemoveFile remove{.path = "gone",
                           .deletion_timestamp_ms = 99,
                           .extended_file_metadata = true,
                           .partition_values = {{"day", "z"}},
                           .size = 7,
                           .base_row_id = 8,
                           .default_row_commit_version = 9};
  const delta::CheckpointContent content{
      .small = {protocol, metadata, delta::Txn{"app", 4, 44}, delta::Txn{"bpp", 5},
                delta::DomainMetadata{"d", "{}"}},
      .adds = delta::FileList(adds),
      .removes = {&remove, 1}};

  const auto size = io.write_checkpoint("t/c.parquet", content);
  const auto back = read("t/c.parquet");

  ASSERT_TRUE(size) << size.error().text();
  EXPECT_EQ(*size, store.head("t/c.parquet")->size);
  ASSERT_TRUE(back) << back.error().text();
  ASSERT_EQ(back->adds.size(), 2u);
  const delta::AddFile& first = back->adds[0].path == "bare" ? back->adds[1] : back->adds[0];
  EXPECT_EQ(first.path, full.path);
  EXPECT_EQ(first.partition_values, full.partition_values);
  EXPECT_EQ(first.size, full.size);
  EXPECT_EQ(first.modification_time_ms, full.modification_time_ms);
  EXPECT_EQ(first.stats_json, full.stats_json);
  EXPECT_EQ(first.tags, full.tags);
  EXPECT_EQ(first.deletion_vector, full.deletion_vector);
  EXPECT_EQ(first.base_row_id, 5);
  EXPECT_EQ(first.default_row_commit_version, 6);
  EXPECT_EQ(first.clustering_provider, "liquid");
  EXPECT_THAT(back->all<delta::Protocol>(), ElementsAre(protocol));
  EXPECT_THAT(back->all<delta::Metadata>(), ElementsAre(metadata));
  const auto txns = back->all<delta::Txn>();
  ASSERT_EQ(txns.size(), 2u);
  EXPECT_EQ(txns[0].last_updated_ms, 44);
  EXPECT_EQ(txns[1].last_updated_ms, std::nullopt);
  ASSERT_EQ(back->all<delta::DomainMetadata>().size(), 1u);
  const auto removes = back->all<delta::RemoveFile>();
  ASSERT_EQ(removes.size(), 1u);
  EXPECT_EQ(removes[0].path, "gone");
  EXPECT_EQ(removes[0].deletion_timestamp_ms, 99);
  EXPECT_EQ(removes[0].partition_values, remove.partition_values);
  EXPECT_EQ(removes[0].base_row_id, 8);
  EXPECT_EQ(removes[0].default_row_commit_version, 9);
}

// Long ones have several row groups, and kinds meet within one.
TEST_F(DeltaParquetTest, a_long_checkpoint_holds_what_was_written) {
  constexpr int kFiles = 50'000;
  std::deque<delta::AddFile> files;
  std::vector<const delta::AddFile*> adds;
  std::map<std::string, std::string> expected;
  std::vector<delta::RemoveFile> removes;
  delta::CheckpointContent content{
      .small = {delta::Protocol{}}, .adds = delta::FileList({}), .removes = {}};
  for (int i = 0; i < kFiles; ++i) {
    const std::string number = std::to_string(i);
    files.push_back({.path = "f" + number, .stats_json = "{\"numRecords\":" + number + "}"});
    if (i % 3 == 0) files.back().partition_values["p"] = number;
    adds.push_back(&files.back());
    expected[files.back().path] = number;
    removes.push_back({.path = "gone" + number, .deletion_timestamp_ms = i});
  }
  content.adds = delta::FileList(adds);
  content.removes = removes;

  ASSERT_TRUE(io.write_checkpoint("c", content));
  const auto back = read("c");

  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(back->adds.size(), expected.size());
  for (const delta::AddFile& add : back->adds) {
    const auto number = expected.extract(add.path);
    ASSERT_FALSE(number.empty()) << add.path;
    EXPECT_EQ(add.stats_json, "{\"numRecords\":" + number.mapped() + "}");
    EXPECT_EQ(add.partition_values.size(), std::stoi(number.mapped()) % 3 == 0 ? 1u : 0u);
  }
  std::set<std::string> gone;
  for (const auto& remove : back->all<delta::RemoveFile>()) {
    EXPECT_EQ(remove.path, "gone" + std::to_string(*remove.deletion_timestamp_ms));
    gone.insert(remove.path);
  }
  EXPECT_EQ(gone.size(), static_cast<std::size_t>(kFiles));
  EXPECT_EQ(back->all<delta::Protocol>().size(), 1u);
}

TEST_F(DeltaParquetTest, only_the_rows_that_are_wanted_are_handed_over) {
  const delta::AddFile bare{.path = "bare"};
  const std::vector<const delta::AddFile*> adds = {&bare};
  const delta::RemoveFile gone{.path = "r"};
  ASSERT_TRUE(io.write_checkpoint(
      "c", {.small = {delta::Protocol{}}, .adds = delta::FileList(adds), .removes = {&gone, 1}}));

  const auto usual = read("c", {});
  const auto removes = read("c", {.add = false, .remove = true, .small = false});

  ASSERT_TRUE(usual && removes);
  EXPECT_EQ(usual->adds.size(), 1u);
  EXPECT_EQ(usual->others.size(), 1u);
  EXPECT_THAT(removes->adds, IsEmpty());
  EXPECT_EQ(removes->all<delta::RemoveFile>().size(), 1u);
  EXPECT_EQ(removes->others.size(), 1u);
}

TEST_F(DeltaParquetTest, many_files_come_back_all) {
  std::vector<delta::AddFile> files(10'000);
  std::vector<const delta::AddFile*> adds;
  for (std::size_t i = 0; i < files.size(); ++i) {
    files[i].path = "f" + std::to_string(i);
    files[i].partition_values = {{"p", std::to_string(i % 7)}};
    adds.push_back(&files[i]);
  }
  ASSERT_TRUE(
      io.write_checkpoint("c", {.small = {}, .adds = delta::FileList(adds), .removes = {}}));

  const auto back = read("c");

  ASSERT_TRUE(back) << back.error().text();
  ASSERT_EQ(back->adds.size(), files.size());
  std::map<std::string, std::string> seen;
  for (const auto& add : back->adds) seen[add.path] = *add.partition_values.at("p");
  EXPECT_EQ(seen.size(), files.size());
  EXPECT_EQ(seen.at("f9999"), std::to_string(9999 % 7));
}

TEST_F(DeltaParquetTest, pitfall_9_every_field_may_be_null_and_no_struct_is_empty) {
  const delta::AddFile full = full_file();
  const std::vector<const delta::AddFile*> adds = {&full};
  ASSERT_TRUE(io.write_checkpoint("c", {.small = {delta::Protocol{}, delta::Metadata{}},
                                        .adds = delta::FileList(adds),
                                        .removes = {}}));
  auto session = engine->session({.access = Access::kInternal});
  ASSERT_TRUE(session) << session.error().text();

  // The protocol has map keys and nothing else that cannot be null.
  const auto rows = (*session)->query(
      "SELECT name, repetition_type, num_children, type FROM parquet_schema('lake://c')");
  ASSERT_TRUE(rows) << rows.error().text();
  const auto table = read_all(**rows);

  ASSERT_TRUE(table) << table.error().text();
  EXPECT_GT(table->rows.size(), 40u);
  bool root = true;
  for (const auto& row : table->rows) {
    if (std::exchange(root, false)) continue;
    const std::string name = *row[0];
    if (name != "key" && name != "key_value" && name != "list") {
      EXPECT_EQ(row[1], "OPTIONAL") << name;
    }
    EXPECT_TRUE(row[3] || (row[2] && *row[2] != "0")) << name << " is an empty group";
  }
}

TEST_F(DeltaParquetTest, pitfall_9_features_are_null_before_the_versions_that_have_them) {
  ASSERT_TRUE(
      io.write_checkpoint("c", {.small = {delta::Protocol{1, 2}, delta::Metadata{}},
                                .adds = delta::FileList(std::span<const delta::AddFile* const>()),
                                .removes = {}}));
  auto session = engine->session({.access = Access::kInternal});
  ASSERT_TRUE(session);

  const auto rows = (*session)->query(
      "SELECT protocol.readerFeatures IS NULL AND protocol.writerFeatures IS NULL "
      "FROM read_parquet('lake://c') WHERE protocol IS NOT NULL");
  ASSERT_TRUE(rows) << rows.error().text();
  const auto table = read_all(**rows);

  ASSERT_TRUE(table);
  ASSERT_EQ(table->rows.size(), 1u);
  EXPECT_EQ(table->rows[0][0], "true");
}

TEST_F(DeltaParquetTest, what_is_no_checkpoint_is_corrupt_and_what_is_absent_is_not_found) {
  ASSERT_TRUE(store.put("text", "this is no Parquet file at all, whatever it is"));
  ASSERT_TRUE(store.put("empty", ""));

  EXPECT_EQ(read("text").error().fault, Fault::kCorrupt);
  EXPECT_EQ(read("empty").error().fault, Fault::kCorrupt);
  EXPECT_EQ(read("text").error().where, "text");
  EXPECT_EQ(read("absent").error().fault, Fault::kNotFound);
}

TEST_F(DeltaParquetTest, a_log_writes_its_checkpoints_with_it_and_reads_from_them) {
  delta::Log log({store, io, clock, random}, "t");
  auto snapshot = log.commit(
      {.actions = {
           delta::Protocol{},
           delta::Metadata{.id = "i",
                           .schema_json = R"({"type":"struct","fields":[{"name":"a",)"
                                          R"("type":"long","nullable":true,"metadata":{}}]})"}}});
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(snapshot) << snapshot.error().text();
    snapshot =
        log.commit({.base = *snapshot, .actions = {delta::AddFile{.path = std::to_string(i)}}});
  }
  ASSERT_TRUE(snapshot);
  for (int v = 0; v <= 10; ++v) {
    ASSERT_TRUE(store.remove("t/_delta_log/000000000000000000" + std::string(v < 10 ? "0" : "") +
                             std::to_string(v) + ".json"));
  }

  const auto cold = log.snapshot();

  ASSERT_TRUE(cold) << cold.error().text();
  EXPECT_EQ((*cold)->version(), 10);
  EXPECT_EQ((*cold)->files().size(), 10u);
}

}  // namespace
}  // namespace claimlake::engine
