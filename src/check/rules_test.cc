// Each rule bites: the good table is broken in exactly one way, and the check names that rule.
#include "check/rules.h"

#include <functional>
#include <vector>

#include "check/table_for_test.h"
#include "delta/z85.h"

namespace claimlake::check {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Break;

class RuleTest : public TableTest, public testing::WithParamInterface<Break> {
 public:
  // The tools of TableTest, for the breaks below.
  using TableTest::append;
  using TableTest::checksum;
  using TableTest::classic_checkpoint;
  using TableTest::drop;
  using TableTest::drop_checkpoints;
  using TableTest::edit;
  using TableTest::entry;
  using TableTest::json_checkpoint;
  using TableTest::kLast;
  using TableTest::kSidecar;
  using TableTest::kVectorFile;
  using TableTest::line;
  using TableTest::overstate;
  using TableTest::put;
  using TableTest::sql;
  using TableTest::store_;
  using TableTest::vector_data;
  // Changes the log only: what else tells of the same is taken away, so that one rule is broken.
  void edit_log(int version, const std::string& from, const std::string& to) {
    drop_checkpoints();
    edit(entry(version), from, to);
  }
  // The vector of a.parquet, inline.
  void inline_vector(const std::string& data) {
    edit_log(2, R"("storageType":"u")", R"("storageType":"i")");
    edit(entry(2), R"(^-aqEH.-t@S}K{vb[*k^)", delta::z85_encode(data));
    edit(entry(2), R"("offset":1,"sizeInBytes":34)",
         fmt::format(R"("sizeInBytes":{})", data.size()));
  }
};

struct Break {
  const char* rule;
  std::function<void(RuleTest&)> how;
  std::set<std::string> also = {};  // rules that cannot but be broken with it
};

// What a failing test calls its parameter.
void PrintTo(const Break& one, std::ostream* out) { *out << one.rule; }

std::vector<Break> breaks_of_log() {
  return {
      {"log-gap", [](RuleTest& t) { t.drop(t.entry(2)); }},
      {"log-line", [](RuleTest& t) { t.append(t.entry(3), R"({"add":{"path":"c)"); }},
      {"log-entry-empty", [](RuleTest& t) { t.put(t.entry(4), "\n"); }, {"in-commit-timestamp"}},
      {"log-action",
       [](RuleTest& t) { t.append(t.entry(3), R"({"txn":{"appId":"b"},"add":{"path":"c"}})"); }},
      {"log-action-unknown", [](RuleTest& t) { t.append(t.entry(3), R"({"novelty":{}})"); }},
      {"action-field",
       [](RuleTest& t) { t.edit(t.entry(3), R"("version":8)", R"("version":"8")"); }},
      {"action-twice", [](RuleTest& t) { t.append(t.entry(3), t.line(t.entry(3), 2)); }},
      {"add-and-remove",
       [](RuleTest& t) {
         t.append(t.entry(3), R"({"remove":{"path":"b.parquet","dataChange":false}})");
         t.append(t.entry(3), t.line(t.entry(1), 3));
       }},
      {"checkpoint-action",
       [](RuleTest& t) { t.append(t.entry(3), R"({"checkpointMetadata":{"version":3}})"); }},
      {"protocol-missing", [](RuleTest& t) { t.edit_log(0, t.line(t.entry(0), 2), ""); }},
      {"metadata-missing", [](RuleTest& t) { t.edit_log(0, t.line(t.entry(0), 3), ""); }},
      {"file-twice",
       [](RuleTest& t) {
         t.drop_checkpoints();
         t.append(t.entry(3), t.line(t.entry(1), 2));
       }},
      {"remove-unknown",
       [](RuleTest& t) {
         t.append(t.entry(3), R"({"remove":{"path":"c.parquet","dataChange":true}})");
       }},
      {"append-only",
       [](RuleTest& t) {
         t.edit_log(0, R"("configuration":{)", R"("configuration":{"delta.appendOnly":"true",)");
       }},
      {"in-commit-timestamp",
       [](RuleTest& t) { t.edit(t.entry(3), "inCommitTimestamp", "outCommitTimestamp"); }},
      {"in-commit-timestamp-order", [](RuleTest& t) { t.edit(t.entry(3), "1003", "1002"); }},
      {"last-checkpoint", [](RuleTest& t) { t.edit(t.kLast, "3", "2"); }},
  };
}

std::vector<Break> breaks_of_metadata() {
  return {
      {"feature-list",
       [](RuleTest& t) {
         t.edit_log(0, R"("readerFeatures":[)", R"("readerFeatures":["vacuumProtocolCheck",)");
       }},
      {"feature-undeclared", [](RuleTest& t) { t.edit_log(0, R"("inCommitTimestamp",)", ""); }},
      {"feature-requires",
       [](RuleTest& t) { t.edit_log(0, R"("domainMetadata",)", ""); },
       {"feature-undeclared"}},
      {"feature-unknown",
       [](RuleTest& t) {
         t.edit_log(0, R"("writerFeatures":[)", R"("writerFeatures":["novelty",)");
       }},
      {"schema-json", [](RuleTest& t) { t.edit_log(0, R"(\"long\")", R"(\"lung\")"); }},
      {"schema-column-twice",
       [](RuleTest& t) { t.edit_log(0, R"(\"name\":\"name\")", R"(\"name\":\"ID\")"); }},
      {"partition-column",
       [](RuleTest& t) {
         t.edit_log(0, R"("partitionColumns":["day"])", R"("partitionColumns":["night"])");
       },
       {"partition-values"}},
      {"column-mapping-id",
       [](RuleTest& t) { t.edit_log(0, R"(maxColumnId":"3")", R"(maxColumnId":"2")"); }},
      {"column-mapping-name",
       [](RuleTest& t) { t.edit_log(0, R"(physicalName\":\"p2\")", R"(physicalName\":\"p1\")"); },
       {"file-column-type"}},
      {"partition-values", [](RuleTest& t) { t.edit_log(1, R"({"p3":null})", "{}"); }},
      {"partition-value",
       [](RuleTest& t) { t.edit_log(1, R"({"p3":null})", R"({"p3":"someday"})"); }},
      {"file-column-type",
       [](RuleTest& t) { t.edit_log(0, R"(\"type\":\"long\")", R"(\"type\":\"float\")"); }},
      {"row-id-missing", [](RuleTest& t) { t.edit_log(1, R"("baseRowId":4,)", ""); }},
      {"row-id-overlap",
       [](RuleTest& t) { t.edit_log(1, R"("baseRowId":4,)", R"("baseRowId":3,)"); }},
      {"row-id-high-water-mark", [](RuleTest& t) { t.edit_log(1, R"(Mark\":6)", R"(Mark\":5)"); }},
  };
}

std::vector<Break> breaks_of_files() {
  return {
      {"file-outside",
       [](RuleTest& t) { t.edit_log(1, R"("b.parquet")", R"("s3://elsewhere/b.parquet")"); }},
      {"file-missing", [](RuleTest& t) { t.drop("t/b.parquet"); }},
      {"file-size",
       [](RuleTest& t) {
         t.drop_checkpoints();
         t.overstate(t.entry(1), "t/b.parquet", "size");
       }},
      {"file-unreadable",
       [](RuleTest& t) {
         const auto size = static_cast<std::size_t>(t.store_.head("t/b.parquet")->size);
         t.put("t/b.parquet", std::string(size, 'x'));
       }},
      {"stats-json",
       [](RuleTest& t) { t.edit_log(1, R"(\"numRecords\":3)", R"(\"numRecords\":)"); }},
      {"stats-records",
       [](RuleTest& t) { t.edit_log(1, R"(\"numRecords\":3)", R"(\"numRecords\":2)"); }},
      {"stats-null-count",
       [](RuleTest& t) { t.edit_log(1, R"(\"p1\":0,\"p2\":0)", R"(\"p1\":0,\"p2\":1)"); }},
      {"stats-min", [](RuleTest& t) { t.edit_log(1, R"(\"p1\":5)", R"(\"p1\":6)"); }},
      {"stats-max", [](RuleTest& t) { t.edit_log(1, R"(\"p1\":7)", R"(\"p1\":6)"); }},
      {"stats-tight", [](RuleTest& t) { t.edit_log(1, R"(\"p1\":5)", R"(\"p1\":4)"); }},
      {"change-file-missing", [](RuleTest& t) { t.drop("t/_change_data/c.parquet"); }},
      {"change-file-size",
       [](RuleTest& t) { t.overstate(t.entry(2), "t/_change_data/c.parquet", "size"); }},
      {"change-file-column",
       [](RuleTest& t) {
         t.drop("t/_change_data/c.parquet");
         t.sql(
             "COPY (SELECT 3::BIGINT AS p1) TO 'lake://t/_change_data/c.parquet' (FORMAT parquet)");
       },
       {"change-file-size"}},
  };
}

std::vector<Break> breaks_of_vectors() {
  return {
      {"vector-descriptor",
       [](RuleTest& t) { t.edit_log(2, R"("storageType":"u")", R"("storageType":"x")"); }},
      {"vector-missing", [](RuleTest& t) { t.drop(t.kVectorFile); }},
      {"vector-size",
       [](RuleTest& t) { t.edit_log(2, R"("sizeInBytes":34)", R"("sizeInBytes":33)"); }},
      {"vector-checksum",
       [](RuleTest& t) {
         std::string bytes = *t.store_.read(t.kVectorFile);
         ++bytes.back();
         t.put(t.kVectorFile, bytes);
       }},
      {"vector-data", [](RuleTest& t) { t.inline_vector("no bitmap at all"); }},
      {"vector-cardinality",
       [](RuleTest& t) { t.edit_log(2, R"("cardinality":1)", R"("cardinality":2)"); }},
      {"vector-row", [](RuleTest& t) { t.inline_vector(t.vector_data(4)); }},
      {"vector-padding",
       [](RuleTest& t) { t.inline_vector(t.vector_data(2) + std::string(6, '\0')); }},
      {"vector-records", [](RuleTest& t) { t.edit_log(2, R"(\"numRecords\":4,)", ""); }},
  };
}

std::vector<Break> breaks_of_checkpoints() {
  return {
      {"checkpoint-unreadable", [](RuleTest& t) { t.put(t.classic_checkpoint(3), "no Parquet"); }},
      {"checkpoint-part",
       [](RuleTest& t) {
         t.put("t/_delta_log/00000000000000000003.checkpoint.0000000001.0000000002.parquet", "x");
       }},
      {"checkpoint-row",
       [](RuleTest& t) { t.append(t.json_checkpoint(1), R"({"commitInfo":{}})"); }},
      {"checkpoint-header",
       [](RuleTest& t) { t.edit(t.json_checkpoint(1), R"("version":1)", R"("version":2)"); }},
      {"checkpoint-protocol",
       [](RuleTest& t) { t.edit(t.json_checkpoint(1), R"(,"appendOnly")", ""); }},
      {"checkpoint-metadata",
       [](RuleTest& t) {
         t.edit(t.json_checkpoint(1), R"("delta.enableRowTracking":"true",)", "");
       }},
      {"checkpoint-files",
       [](RuleTest& t) { t.edit(t.json_checkpoint(1), "b.parquet", "c.parquet"); }},
      {"checkpoint-tombstone",
       [](RuleTest& t) {
         t.append(t.json_checkpoint(1), R"({"remove":{"path":"b.parquet","dataChange":true}})");
       }},
      {"checkpoint-tombstone-missing",
       [](RuleTest& t) {
         t.edit(t.entry(2), R"("deletionTimestamp":1002)", R"("deletionTimestamp":1767954660000)");
       }},
      {"checkpoint-transactions",
       [](RuleTest& t) { t.edit(t.json_checkpoint(1), R"("version":7)", R"("version":6)"); }},
      {"checkpoint-domains",
       [](RuleTest& t) { t.edit(t.json_checkpoint(1), R"(Mark\":6)", R"(Mark\":7)"); }},
      {"sidecar-missing", [](RuleTest& t) { t.drop(t.kSidecar); }},
      {"sidecar-size",
       [](RuleTest& t) { t.overstate(t.json_checkpoint(3), t.kSidecar, "sizeInBytes"); }},
      {"compacted-log",
       [](RuleTest& t) {
         t.put("t/_delta_log/00000000000000000002.00000000000000000003.compacted.json",
               t.line(t.entry(2), 2) + "\n" + t.line(t.entry(3), 2) + "\n");
       }},
      {"checksum-unreadable", [](RuleTest& t) { t.put(t.checksum(2), "{"); }},
      {"checksum-counts",
       [](RuleTest& t) { t.edit(t.checksum(2), R"("numFiles":2)", R"("numFiles":3)"); }},
      {"checksum-protocol", [](RuleTest& t) { t.edit(t.checksum(2), R"(,"appendOnly")", ""); }},
      {"checksum-metadata",
       [](RuleTest& t) { t.edit(t.checksum(2), R"(,"delta.enableRowTracking":"true")", ""); }},
      {"checksum-timestamp", [](RuleTest& t) { t.edit(t.checksum(2), "1002", "1001"); }},
      {"checksum-transactions",
       [](RuleTest& t) { t.edit(t.checksum(2), R"("version":7)", R"("version":6)"); }},
      {"checksum-domains",
       [](RuleTest& t) { t.edit(t.checksum(2), R"(Mark\":6)", R"(Mark\":7)"); }},
      {"checksum-files", [](RuleTest& t) { t.edit(t.checksum(2), "b.parquet", "c.parquet"); }},
  };
}

TEST_F(TableTest, a_compacted_log_that_says_what_its_entries_say_is_good) {
  const std::string path = "t/_delta_log/00000000000000000001.00000000000000000003.compacted.json";
  const std::string good = line(entry(2), 3) + "\n" + line(entry(1), 3) + "\n" + line(entry(2), 2) +
                           "\n" + line(entry(1), 4) + "\n" + line(entry(3), 2) + "\n";
  put(path, good);
  EXPECT_EQ(broken(), std::set<std::string>()) << said_;
  for (const std::string& bad :
       {good.substr(0, good.size() - 9), good.substr(good.find('\n') + 1)}) {
    put(path, bad);
    EXPECT_EQ(broken(), std::set<std::string>{"compacted-log"}) << said_;
  }
}

std::vector<Break> all_breaks() {
  std::vector<Break> out;
  for (const auto& some : {breaks_of_log(), breaks_of_metadata(), breaks_of_files(),
                           breaks_of_vectors(), breaks_of_checkpoints()}) {
    out.insert(out.end(), some.begin(), some.end());
  }
  return out;
}

TEST_P(RuleTest, is_broken_by_exactly_this) {
  const Break& one = GetParam();

  one.how(*this);

  std::set<std::string> expected = one.also;
  expected.insert(one.rule);
  EXPECT_EQ(broken(), expected) << said_;
}

INSTANTIATE_TEST_SUITE_P(All, RuleTest, testing::ValuesIn(all_breaks()),
                         [](const testing::TestParamInfo<Break>& one) {
                           std::string name = one.param.rule;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST_F(TableTest, a_good_table_breaks_no_rule) { EXPECT_THAT(broken(), IsEmpty()) << said_; }

// Leaves the files out of what it reads.
class LyingParquet final : public delta::ParquetIo {
 public:
  explicit LyingParquet(delta::ParquetIo& io) : io_(io) {}
  Done read_checkpoint(std::string_view path, delta::CheckpointRows rows,
                       const delta::CheckpointSink& sink) override {
    return io_.read_checkpoint(path, rows, [&](delta::CheckpointBatch&& batch) {
      batch.adds.clear();
      return sink(std::move(batch));
    });
  }
  Result<std::int64_t> write_checkpoint(std::string_view,
                                        const delta::CheckpointContent&) override {
    return Error{Fault::kUnavailable, "the check writes nothing"};
  }

 private:
  delta::ParquetIo& io_;
};

TEST_F(TableTest, a_reader_that_sees_another_table_is_found) {
  LyingParquet lying(engine_->parquet_io());
  NoProgress progress;

  const auto report =
      check_table({{store_, lying, clock_, random_}, *session_, progress, {}}, "t", {});

  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->findings.count(Rule::kReaderDiffers), 1);
}

TEST(Rules, have_each_a_name_of_their_own_and_a_test) {
  std::set<std::string> tested = {"reader-differs"};
  for (const Break& one : all_breaks()) tested.insert(one.rule);
  std::set<std::string> names;
  for (const RuleInfo& rule : all_rules()) names.emplace(rule.name);

  EXPECT_EQ(names.size(), kRuleCount);
  EXPECT_EQ(tested, names);
}

}  // namespace
}  // namespace claimlake::check
