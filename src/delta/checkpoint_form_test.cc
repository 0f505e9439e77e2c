// The forms of checkpoints that a table asks for (the Parquet columns have their test in engine).
#include "delta/log_cleanup.h"
#include "delta/log_fixture_for_test.h"
#include "delta/log_json.h"
#include "delta/log_reader.h"
#include "store/passing_store_for_test.h"

namespace claimlake::delta {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

constexpr int kManyFiles = 60'000;  // one sidecar of 50,000 is full, and one is not

// Lets so many calls that write pass, and no more.
class StoppingStore final : public store::PassingStore {
 public:
  using PassingStore::PassingStore;
  int left = 1'000'000;
  Done put(std::string_view path, std::string_view bytes) override {
    if (left-- <= 0) return Error{Fault::kUnavailable, "the power is gone", std::string(path)};
    return inner_.put(path, bytes);
  }
};

class CheckpointFormTest : public LogTest {
 public:
  static Metadata v2_metadata(std::string interval = "10") {
    return metadata(
        {{"delta.checkpointPolicy", "v2"}, {"delta.checkpointInterval", std::move(interval)}});
  }
  SnapshotPtr create_v2(std::string interval = "10") {
    auto made = log.commit({.actions = {Protocol{3, 7, {"v2Checkpoint"}, {"v2Checkpoint"}},
                                        v2_metadata(std::move(interval))},
                            .info = {.operation = "CREATE TABLE"}});
    EXPECT_TRUE(made) << made.error().text();
    return made ? *made : nullptr;
  }
  std::vector<std::string> names(const std::string& folder) {
    std::vector<std::string> out;
    const auto listed = store.list(folder);
    for (const auto& object : *listed) {
      out.push_back(object.path.substr(object.path.rfind('/') + 1));
    }
    return out;
  }
  std::vector<std::string> sidecars() { return names(sidecar_folder(kTable)); }
  std::vector<std::string> checkpoints() {
    auto out = names(log_folder(kTable));
    std::erase_if(out,
                  [](const std::string& name) { return name.find(".checkpoint.") == name.npos; });
    return out;
  }
  std::string text(const std::string& name) { return *store.read(log_folder(kTable) + "/" + name); }
  std::vector<Action> many_files() {
    std::vector<Action> out;
    for (int i = 0; i < kManyFiles; ++i) out.emplace_back(file("f" + std::to_string(i)));
    return out;
  }
  void drop_commits(LogVersion last) {
    for (LogVersion v = 0; v <= last; ++v) ASSERT_TRUE(store.remove(commit_path(kTable, v)));
  }
};

TEST_F(CheckpointFormTest, the_v2_form_is_named_by_a_uuid_and_begins_with_its_version) {
  auto snapshot = create_v2();
  for (int v = 1; v <= 10; ++v) snapshot = must_commit(snapshot, {file(std::to_string(v))});

  ASSERT_THAT(checkpoints(), ElementsAre(StartsWith("00000000000000000010.checkpoint.")));
  const std::string name = checkpoints().front();
  EXPECT_EQ(name.size(), checkpoint_name(10, std::string(36, '0')).size());
  EXPECT_THAT(text(name), StartsWith("{\"checkpointMetadata\":{\"version\":10}}\n"));
  EXPECT_THAT(sidecars(), IsEmpty());
  EXPECT_THAT(text("_last_checkpoint"),
              AllOf(HasSubstr(R"("version":10,"size":13)"), HasSubstr(R"("numOfAddFiles":10)"),
                    HasSubstr(R"("v2Checkpoint":{"path":")" + name + '"')));
  drop_commits(10);
  const auto cold = log.snapshot();
  ASSERT_TRUE(cold) << cold.error().text();
  EXPECT_THAT((*cold)->files(), SizeIs(10));
}

TEST_F(CheckpointFormTest, the_feature_alone_does_not_ask_for_it) {
  auto snapshot = must_commit(
      create_v2("1"),
      {metadata({{"delta.checkpointPolicy", "classic"}, {"delta.checkpointInterval", "1"}})});

  EXPECT_THAT(checkpoints(), ElementsAre("00000000000000000001.checkpoint.parquet"));
  EXPECT_THAT(text(checkpoints().front()), Not(HasSubstr("checkpointMetadata")));
}

TEST_F(CheckpointFormTest, every_tenth_has_the_name_that_older_readers_know) {
  auto snapshot = create_v2("1");
  for (int v = 1; v <= 11; ++v) snapshot = must_commit(snapshot, {file(std::to_string(v))});

  ASSERT_THAT(checkpoints(), SizeIs(11));
  EXPECT_EQ(checkpoints()[9], checkpoint_name(10));
  EXPECT_THAT(text(checkpoint_name(10)), StartsWith("{\"checkpointMetadata\":{\"version\":10}}\n"));
  EXPECT_THAT(checkpoints()[10], HasSubstr("-"));
  EXPECT_EQ(log.last_use("v2Checkpoint")->value_or(0), 11);
}

TEST_F(CheckpointFormTest, a_classic_name_is_found_out_when_the_feature_is_dropped) {
  auto snapshot = create_v2("1");
  for (int v = 1; v <= 10; ++v) snapshot = must_commit(snapshot, {file(std::to_string(v))});
  for (const std::string& name : checkpoints()) {
    if (name == checkpoint_name(10)) continue;
    ASSERT_TRUE(store.remove(log_folder(kTable) + "/" + name));
  }

  EXPECT_EQ(log.last_use("v2Checkpoint")->value_or(0), 10);
}

TEST_F(CheckpointFormTest, many_files_stand_in_sidecars_and_all_are_read) {
  must_commit(create_v2("1"), many_files());

  EXPECT_THAT(sidecars(), SizeIs(2));
  const std::string head = text(checkpoints().front());
  EXPECT_THAT(head, Not(HasSubstr("\"add\"")));
  for (const std::string& name : sidecars()) EXPECT_THAT(head, HasSubstr(name));
  drop_commits(1);
  const auto cold = log.snapshot();
  ASSERT_TRUE(cold) << cold.error().text();
  EXPECT_THAT((*cold)->files(), SizeIs(kManyFiles));
}

TEST_F(CheckpointFormTest, removed_files_go_into_sidecars_too) {
  const auto full = must_commit(create_v2("1"), many_files());
  std::vector<Action> removes;
  const std::int64_t now =
      std::chrono::floor<std::chrono::milliseconds>(clock.now()).time_since_epoch().count();
  for (int i = 0; i < kManyFiles; i += 2)
    removes.emplace_back(removal("f" + std::to_string(i), now));

  const auto half = must_commit(full, std::move(removes));

  EXPECT_THAT(sidecars(), SizeIs(4));
  drop_commits(2);
  const auto cold = log.snapshot();
  ASSERT_TRUE(cold) << cold.error().text();
  EXPECT_THAT((*cold)->files(), SizeIs(kManyFiles / 2));
  const auto gone = log.tombstones(2, Timestamp{});
  ASSERT_TRUE(gone) << gone.error().text();
  EXPECT_THAT(*gone, SizeIs(kManyFiles / 2));
}

TEST_F(CheckpointFormTest, whatever_write_is_the_last_one_the_table_is_whole) {
  const auto before = must_commit(create_v2("100"), many_files());
  for (int writes = 0; writes < 4; ++writes) {
    StoppingStore stopping(store);
    JsonParquetIo io(stopping);
    Log interrupted({stopping, io, clock, random}, kTable);
    stopping.left = writes;

    EXPECT_FALSE(interrupted.checkpoint(before)) << writes;

    const auto after = log.snapshot();
    ASSERT_TRUE(after) << after.error().text();
    EXPECT_THAT((*after)->files(), SizeIs(kManyFiles));
    // A sidecar that no checkpoint names is no part of the table; what names one names all.
    EXPECT_EQ(checkpoints().size(), writes < 3 ? 0u : 1u) << writes;
  }
}

TEST_F(CheckpointFormTest, clean_up_takes_the_sidecars_that_no_checkpoint_names) {
  const auto snapshot = must_commit(create_v2("1"), many_files());
  const auto named = sidecars();
  put("_sidecars/orphan.parquet", "of a writer that was killed");
  clock.advance(std::chrono::days(3));
  put("_sidecars/young.parquet", "of a writer that is at work");

  ASSERT_TRUE(log.clean_up(*snapshot));

  auto expected = named;
  expected.push_back("young.parquet");
  EXPECT_THAT(sidecars(), testing::UnorderedElementsAreArray(expected));
}

TEST_F(CheckpointFormTest, clean_up_leaves_all_sidecars_while_a_checkpoint_cannot_be_read) {
  const auto snapshot = must_commit(create_v2("1"), many_files());
  put("_sidecars/orphan.parquet", "of a writer that was killed");
  put(checkpoint_name(0, "80a083e8-7026-4e79-81be-64bd76c43a11"), "{broken");
  clock.advance(std::chrono::days(3));

  EXPECT_FALSE(log.clean_up(*snapshot));

  EXPECT_THAT(sidecars(), SizeIs(3));
}

TEST(OrphanSidecars, are_a_day_old_counted_from_midnight) {
  const Timestamp noon = Timestamp(std::chrono::days(20'000)) + std::chrono::hours(12);
  const auto at = [&](std::chrono::hours ago) { return noon - ago; };
  const std::vector<store::ObjectInfo> sidecars = {{"a", 1, at(std::chrono::hours(37))},
                                                   {"b", 1, at(std::chrono::hours(35))},
                                                   {"c", 1, at(std::chrono::hours(99))}};

  EXPECT_THAT(orphan_sidecars(sidecars, {"c"}, noon), ElementsAre("a"));
}

}  // namespace
}  // namespace claimlake::delta
