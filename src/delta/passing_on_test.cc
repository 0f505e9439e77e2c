// What other engines put into a log and we have no use for passes through our actions as it came.
#include "delta/log_fixture_for_test.h"
#include "delta/log_json.h"

namespace claimlake::delta {
namespace {

using testing::HasSubstr;

// Actions as the examples of the protocol's text have them, with every optional member.
constexpr const char* kMetadata =
    R"({"metaData":{"id":"i","name":"n","description":"d",)"
    R"("format":{"provider":"parquet","options":{"compression":"zstd"}},)"
    R"("schemaString":"{\"type\":\"struct\",\"fields\":[]}","partitionColumns":[],)"
    R"("configuration":{"k":"v"},"createdTime":5}})";
constexpr const char* kAdd =
    R"({"add":{"path":"a.parquet","partitionValues":{},"size":841454,)"
    R"("modificationTime":1512909768000,"dataChange":true,"stats":"{\"numRecords\":1}",)"
    R"("tags":{"INSERTION_TIME":"7"},"baseRowId":4071,"defaultRowCommitVersion":41,)"
    R"("clusteringProvider":"liquid"}})";
constexpr const char* kRemove =
    R"({"remove":{"path":"b.parquet","deletionTimestamp":1515488792485,"dataChange":true,)"
    R"("extendedFileMetadata":true,"partitionValues":{},"size":3,"tags":{"t":"u"},)"
    R"("baseRowId":4072,"defaultRowCommitVersion":42}})";

TEST(PassingOn, each_member_of_an_action_is_written_as_it_was_read) {
  for (const char* line : {kMetadata, kAdd, kRemove}) {
    std::string bytes = line;
    const auto actions = parse_commit(bytes, "log");
    ASSERT_TRUE(actions) << actions.error().text();
    std::string out;
    append_line(actions->front(), out);
    EXPECT_EQ(out, std::string(line) + "\n");
  }
}

TEST_F(LogTest, a_format_that_cannot_be_an_object_is_damage) {
  put(commit_name(0), R"({"metaData":{"id":"i","format":{"options":{"a":1}}}})");

  const auto snapshot = log.snapshot();

  ASSERT_FALSE(snapshot);
  EXPECT_THAT(snapshot.error().message, HasSubstr("options"));
}

TEST_F(LogTest, a_checkpoint_keeps_what_others_say_of_table_and_files) {
  put(commit_name(0), std::string(R"({"protocol":{"minReaderVersion":1,"minWriterVersion":2}})") +
                          "\n" + kMetadata + "\n" + kAdd + "\n");
  const auto snapshot = log.snapshot();
  ASSERT_TRUE(snapshot) << snapshot.error().text();

  ASSERT_TRUE(log.checkpoint(*snapshot));

  const auto text = store.read(log_folder(kTable) + "/" + checkpoint_name(0));
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, HasSubstr(kMetadata));
  EXPECT_THAT(*text, HasSubstr(kAdd));
}

}  // namespace
}  // namespace claimlake::delta
