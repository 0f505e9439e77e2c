#include "bronze/ingest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/counting_store.h"
#include "store/memory_store.h"
#include "store/passing_store_for_test.h"

namespace claimlake::bronze {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Raw files of which one is replaced by longer ones while it is read: each of the first `changes`
// times that it is opened for its rows (that is, not for its hash, which comes before).
class ChangingFiles final : public store::PassingStore {
 public:
  ChangingFiles(store::Store& inner, int changes, std::string changing = "claims.jsonl")
      : PassingStore(inner), changes_left_(changes), changing_(std::move(changing)) {}

  Result<std::unique_ptr<store::Reader>> open(std::string_view path) const override {
    auto reader = inner_.open(path);
    const bool for_rows = path == changing_ && ++opened_ % 2 == 0;
    if (for_rows && changes_left_ > 0) {
      --changes_left_;
      EXPECT_TRUE(inner_.put(path, *inner_.read(path) + "{\"id\":\"late\"}\n"));
    }
    return reader;
  }

 private:
  mutable int changes_left_;
  const std::string changing_;
  mutable int opened_ = 0;
};

// Somebody loses patience when the work has begun.
class CancelsAtBegin final : public Progress {
 public:
  explicit CancelsAtBegin(Cancel cancel) : cancel_(std::move(cancel)) {}
  void begin(std::string, std::int64_t, std::function<double()>) override { cancel_.cancel(); }
  void end(std::int64_t) override {}

 private:
  Cancel cancel_;
};

// A lake in memory with one Bronze table that takes *.jsonl.
class IngestTest : public testing::Test {
 protected:
  void SetUp() override {
    auto engine = engine::open_engine({.memory_bytes = 512'000'000, .threads = 2}, store_, clock_);
    ASSERT_TRUE(engine) << engine.error().text();
    engine_ = *std::move(engine);
    lake_ = std::make_unique<lake::Lake>(
        lake::LakeContext{store_, clock_, random_, engine_->parquet_io(), "tester"});
    engine_->attach(*lake_);
    source_.name = "claims";
    source_.table = {"bronze", "claims_raw"};
    source_.patterns = {"*.jsonl"};
    source_.required = {"id"};
    source_.columns = {{"id", "VARCHAR"}};
    source_.select = "SELECT id, _source_file FROM raw.claims";
    const auto schema = engine::delta_schema({{"id", "VARCHAR"}, {"_source_file", "VARCHAR"}});
    ASSERT_TRUE(lake_->create(source_.table, *schema, {}, {}, ""));
    ASSERT_TRUE(raw_.put("claims.jsonl", "{\"id\":\"first\"}\n"));
  }

  Result<IngestReport> ingest_from(const store::Store& raw) {
    auto files = find_raw_files(raw, "", source_.patterns);
    EXPECT_TRUE(files);
    return ingest_from(raw, *std::move(files));
  }
  Result<IngestReport> ingest_from(const store::Store& raw, std::vector<RawFile> files) {
    IngestContext context{
        *lake_,    *engine_, clock_,  random_,
        progress_, Cancel(), "run-1", [](const auto&, const auto&) { return done(); }};
    return bronze::ingest(context, source_, raw, std::move(files));
  }
  static std::string rows_of(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += "{\"id\":\"" + std::to_string(i) + "\"}\n";
    return text;
  }

  std::vector<std::string> ids() {
    auto session = engine_->session({});
    auto rows = (*session)->query("SELECT id FROM bronze.claims_raw ORDER BY id");
    EXPECT_TRUE(rows);
    std::vector<std::string> out;
    const auto table = engine::read_all(**rows);
    EXPECT_TRUE(table);
    for (const auto& row : table->rows) out.push_back(row[0].value_or("null"));
    return out;
  }

  SystemClock clock_;
  SeededRandom random_{7};
  NoProgress progress_;
  store::MemoryStore store_, raw_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<lake::Lake> lake_;
  BronzeSource source_;
};

TEST_F(IngestTest, takes_columns_in_as_the_types_that_they_are_declared_with) {
  source_.table = {"bronze", "typed"};
  source_.columns = {
      {"id", "VARCHAR"}, {"day", "DATE"}, {"share", "DOUBLE"}, {"sum", "DECIMAL(38,4)"}};
  source_.select = "SELECT id, day, share, sum FROM raw.claims";
  ASSERT_TRUE(lake_->create(source_.table, *engine::delta_schema(source_.columns), {}, {}, ""));
  ASSERT_TRUE(raw_.put("claims.jsonl",
                       "{\"id\":\"a\",\"day\":\"2026-01-31\",\"share\":0.5,"
                       "\"sum\":12345678901234567890.1234}\n{\"id\":\"b\"}\n"));

  const auto taken = ingest_from(raw_);

  ASSERT_TRUE(taken) << taken.error().text();
  const auto session = *engine_->session({});
  const auto rows = session->query(
      "SELECT concat_ws(' ', id, day + 1, share * 2, sum) FROM bronze.typed ORDER BY id");
  ASSERT_TRUE(rows) << rows.error().text();
  const auto table = engine::read_all(**rows);
  ASSERT_EQ(table->rows.size(), 2u);
  EXPECT_EQ(*table->rows[0][0], "a 2026-02-01 1.0 12345678901234567890.1234");
  EXPECT_EQ(*table->rows[1][0], "b") << "what is not there is null";
}

TEST_F(IngestTest, takes_a_file_that_changes_while_it_is_read_as_it_is_at_the_end) {
  const ChangingFiles changing(raw_, 1);

  const auto report = ingest_from(changing);

  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->rows, 2);
  EXPECT_THAT(ids(), ElementsAre("first", "late"));
  // What was staged for the state in between is gone.
  const auto files = store_.list("bronze/claims_raw");
  EXPECT_EQ(files->size(), 1U);
}

TEST_F(IngestTest, takes_nothing_of_a_file_that_never_stops_changing_and_says_so) {
  const ChangingFiles changing(raw_, 1'000);

  const auto report = ingest_from(changing);

  ASSERT_TRUE(report) << report.error().text();
  ASSERT_EQ(report->left_out.size(), 1U);
  EXPECT_THAT(report->left_out[0].why.text(),
              AllOf(HasSubstr("claims.jsonl"), HasSubstr("changed while it was read"),
                    HasSubstr("run ingest again when it is complete")));
  EXPECT_EQ(report->files_new, 0);
  EXPECT_THAT(ids(), ElementsAre());
  EXPECT_TRUE(store_.list("bronze/claims_raw")->empty());
  // Once it rests, it goes in.
  ASSERT_TRUE(raw_.put("claims.jsonl", "{\"id\":\"whole\"}\n"));
  ASSERT_TRUE(ingest_from(raw_));
  EXPECT_THAT(ids(), ElementsAre("whole"));
}

TEST_F(IngestTest, a_file_that_never_rests_or_is_gone_does_not_keep_the_others_out) {
  ASSERT_TRUE(raw_.put("other.jsonl", "{\"id\":\"other\"}\n"));
  ASSERT_TRUE(raw_.put("z_gone.jsonl", "{\"id\":\"gone\"}\n"));
  const ChangingFiles changing(raw_, 1'000, "claims.jsonl");
  auto files = find_raw_files(changing, "", source_.patterns);
  ASSERT_TRUE(raw_.remove("z_gone.jsonl"));

  const auto report = ingest_from(changing, *std::move(files));

  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->files_new, 1);
  EXPECT_EQ(report->left_out.size(), 2U);
  EXPECT_THAT(ids(), ElementsAre("other"));
  EXPECT_EQ(store_.list("bronze/claims_raw")->size(), 1U);
}

TEST_F(IngestTest, a_file_of_broken_records_fills_no_memory_and_does_not_keep_the_others_out) {
  std::string garbage;
  for (int i = 0; i < 200; ++i) garbage += std::string(1 << 20, 'x') + "\n";
  ASSERT_TRUE(raw_.put("garbage.jsonl", std::move(garbage)));

  const auto report = ingest_from(raw_);

  ASSERT_TRUE(report) << report.error().text();
  ASSERT_EQ(report->left_out.size(), 1U);
  EXPECT_THAT(report->left_out[0].why.text(),
              AllOf(HasSubstr("garbage.jsonl"), HasSubstr("not a JSON object")));
  EXPECT_EQ(report->broken, 0);
  EXPECT_THAT(ids(), ElementsAre("first"));
  EXPECT_EQ(store_.list("bronze/claims_raw")->size(), 1U);
}

TEST_F(IngestTest, stops_soon_when_it_is_cancelled_while_it_reads) {
  ASSERT_TRUE(raw_.put("claims.jsonl", rows_of(300'000)));
  const store::CountingStore counted(raw_);
  const Cancel cancel;
  CancelsAtBegin progress(cancel);
  IngestContext context{
      *lake_,   *engine_, clock_,  random_,
      progress, cancel,   "run-1", [](const auto&, const auto&) { return done(); }};
  auto files = find_raw_files(counted, "", source_.patterns);

  const auto report = bronze::ingest(context, source_, counted, *std::move(files));

  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().fault, Fault::kCancelled);
  // Once for its hash; of the rows hardly any.
  const auto size = raw_.head("claims.jsonl")->size;
  EXPECT_LT(counted.counts().bytes_read, size + size / 2);
  EXPECT_TRUE(store_.list("bronze/claims_raw")->empty());
}

TEST_F(IngestTest, knows_a_file_by_its_bytes) {
  ASSERT_TRUE(ingest_from(raw_));
  ASSERT_TRUE(raw_.put("copy.jsonl", *raw_.read("claims.jsonl")));

  const auto report = ingest_from(raw_);

  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->files_known, 2);
  EXPECT_EQ(report->files_new, 0);
  EXPECT_THAT(ids(), ElementsAre("first"));
}

}  // namespace
}  // namespace claimlake::bronze
