// Key indexes that are kept on disk: what another process finds there, and what becomes of them.
#include "engine/key_index.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "lake/counted_lake_for_test.h"
#include "lake/statement_for_test.h"
#include "store/temporary_folder_for_test.h"

namespace claimlake::lake {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;
using testing::SizeIs;

class KeyIndexTest : public StatementTestOf<testing::Test> {
 protected:
  // A process of its own over the same lake and the same folder of indexes.
  struct Process : CountedLake {
    Process(KeyIndexTest& test)  // NOLINT: implicit
        : CountedLake(test.store_, test.clock_, test.random_, 2, std::int64_t{256} << 20,
                      test.folder()) {}

    // The column k of the row whose n is `n`. What is opened is counted since its look-up began.
    std::string k_of(int n) {
      const auto version = *lake.snapshot({"gold", "t"});
      EXPECT_TRUE(session->bind_version("gold.t", {version, "gold/t"}));
      EXPECT_TRUE(session->execute(
          fmt::format("CREATE OR REPLACE TEMP TABLE keys AS SELECT CAST({} AS BIGINT) AS v", n)));
      store.reset();
      const auto found = session->rows_of({"gold.t", {{{"n"}, "keys", {"v"}}}});
      if (!found) return found.error().text();
      opened = files_opened().size();
      const std::string out = rows("SELECT k FROM (" + found->select + ")");
      EXPECT_TRUE(session->drop_source("gold.t"));
      return out;
    }
    std::size_t opened = 0;
  };

  // Three files of 2,000 rows: n from 0, and k is a function of n.
  void make_table() {
    for (int i = 0; i < 3; ++i) {
      ASSERT_EQ(run(fmt::format("{} SELECT 'k' || (i % 97) AS k, i AS n FROM range({}, {}) AS r(i)",
                                i == 0 ? "CREATE TABLE gold.t AS" : "INSERT INTO gold.t", i * 2000,
                                i * 2000 + 2000)),
                "");
    }
  }
  std::string folder() const { return temporary_.path() + "/keys"; }
  std::vector<std::string> index_files() const {
    std::vector<std::string> out;
    if (!fs::exists(folder())) return out;
    for (const auto& entry : fs::recursive_directory_iterator(folder())) {
      if (entry.is_regular_file()) out.push_back(entry.path().string());
    }
    return out;
  }
  engine::TableVersion version() { return {newest(), "gold/t"}; }

  const store::TemporaryFolder temporary_;
};

TEST_F(KeyIndexTest, a_new_process_looks_up_without_reading_what_is_indexed) {
  make_table();
  Process first(*this);
  EXPECT_EQ(first.k_of(3500), "k8 ");  // 3500 % 97
  EXPECT_EQ(first.opened, 3U) << "each file was read once";
  EXPECT_THAT(index_files(), SizeIs(3));
  Process second(*this);
  EXPECT_EQ(second.k_of(3501), "k9 ");
  EXPECT_EQ(second.opened, 0U);
  ASSERT_EQ(run("INSERT INTO gold.t SELECT 'new', i FROM range(6000, 8000) AS r(i)"), "");
  EXPECT_EQ(second.k_of(6001), "new ");
  EXPECT_EQ(second.opened, 1U) << "only the new file";
  EXPECT_EQ(first.k_of(6002), "new ");
  EXPECT_EQ(first.opened, 0U) << "the other process had indexed it";
}

TEST_F(KeyIndexTest, small_files_have_no_index_on_disk) {
  make_table();
  for (int i = 0; i < 8; ++i) {
    ASSERT_EQ(run(fmt::format("INSERT INTO gold.t VALUES ('s', {})", 9000 + i)), "");
  }
  Process process(*this);
  EXPECT_EQ(process.k_of(9003), "s ");
  EXPECT_THAT(index_files(), SizeIs(3));
}

TEST_F(KeyIndexTest, the_folder_may_vanish_at_any_time) {
  make_table();
  Process process(*this);
  EXPECT_EQ(process.k_of(3500), "k8 ");
  fs::remove_all(folder());
  EXPECT_EQ(process.k_of(3501), "k9 ");
  ASSERT_EQ(run("INSERT INTO gold.t SELECT 'new', i FROM range(6000, 8000) AS r(i)"), "");
  fs::remove_all(folder());
  EXPECT_EQ(process.k_of(6001), "new ");
  EXPECT_EQ(process.k_of(77), "k77 ");
  Process fresh(*this);
  EXPECT_EQ(fresh.k_of(3500), "k8 ");
  EXPECT_THAT(index_files(), SizeIs(4));
}

TEST_F(KeyIndexTest, a_folder_that_takes_nothing_costs_memory_only) {
  make_table();
  std::ofstream(folder()) << "a file in its place";
  Process process(*this);
  EXPECT_EQ(process.k_of(3500), "k8 ");
  EXPECT_EQ(process.k_of(3501), "k9 ");
  EXPECT_EQ(process.opened, 0U);
}

TEST_F(KeyIndexTest, a_damaged_index_is_made_again) {
  make_table();
  EXPECT_EQ(Process(*this).k_of(3500), "k8 ");
  const auto files = index_files();
  ASSERT_THAT(files, SizeIs(3));
  const auto spoil = [&](std::size_t file, std::int64_t at) {
    std::fstream out(files[file], std::ios::binary | std::ios::in | std::ios::out);
    out.seekp(at).put('!').put('?').put('!');
  };
  for (std::size_t i = 0; i < files.size(); ++i) spoil(i, 20);  // the header
  Process second(*this);
  EXPECT_EQ(second.k_of(3501), "k9 ");
  EXPECT_EQ(second.opened, 3U);
  // While it is open, all leaves: some look-ups come to one of them.
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (std::int64_t page = 1; page * 4096 < std::int64_t(fs::file_size(files[i])); ++page) {
      spoil(i, page * 4096 + 100);
    }
  }
  EXPECT_EQ(second.k_of(3502), "k10 ");
  Process third(*this);
  EXPECT_EQ(third.k_of(3503), "k11 ");
  EXPECT_EQ(third.opened, 0U);
}

TEST_F(KeyIndexTest, rows_of_other_values_with_the_same_hash_are_not_found) {
  make_table();
  Process process(*this);
  EXPECT_EQ(process.k_of(3500), "k8 ");
  // As if other rows of each file had the hash of 3501, too.
  const std::string hash = process.rows("SELECT hash(CAST(3501 AS BIGINT))");
  for (std::size_t i = 0; i < 3; ++i) {
    const auto of = process.engine->key_index().of(version(), i, {"n"});
    ASSERT_TRUE(of && !of->path.empty());
    auto writer = engine::KeyFileWriter::create(of->path, of->id);
    ASSERT_TRUE(writer);
    for (std::uint32_t row = 1'000; row < 1'502; ++row) {
      ASSERT_TRUE((*writer)->add(std::stoull(hash), row));
    }
    ASSERT_TRUE((*writer)->finish());
  }
  Process other(*this);
  EXPECT_EQ(other.k_of(3501), "k9 ");
  EXPECT_EQ(other.opened, 0U);
}

TEST_F(KeyIndexTest, is_made_ahead_and_removed_with_its_data_file) {
  make_table();
  Process process(*this);
  engine::KeyIndex& index = process.engine->key_index();
  EXPECT_EQ(index.missing(version(), {"n"})->size(), 3U);
  const auto made = process.session->index_keys(version(), {"n"});
  ASSERT_TRUE(made) << made.error().text();
  EXPECT_EQ(*made, 3);
  EXPECT_THAT(*index.missing(version(), {"n"}), IsEmpty());
  EXPECT_EQ(*process.session->index_keys(version(), {"n"}), 0);
  EXPECT_EQ(process.k_of(3500), "k8 ");
  EXPECT_EQ(process.opened, 0U);
  EXPECT_EQ(index.size("gold/t").files, 3);
  EXPECT_EQ(index.size("gold/t").bytes, 3 * 8 * 4096);  // header, 2000/341 leaves, one above
  EXPECT_THAT(index.tables(), testing::ElementsAre("gold/t"));

  ASSERT_EQ(run("OPTIMIZE gold.t"), "");
  ASSERT_EQ(newest()->files().size(), 1U);
  EXPECT_EQ(*process.session->index_keys(version(), {"n"}), 1);
  EXPECT_THAT(index_files(), SizeIs(4));
  index.keep_only(version());
  EXPECT_THAT(index_files(), SizeIs(1));
  EXPECT_EQ(process.k_of(3501), "k9 ");
  EXPECT_EQ(process.opened, 0U);
  index.forget("gold/t");
  EXPECT_THAT(index_files(), IsEmpty());
}

TEST_F(KeyIndexTest, a_deletion_leaves_the_index_as_it_is) {
  ASSERT_EQ(run("CREATE TABLE gold.t TBLPROPERTIES ('delta.enableDeletionVectors' = 'true') AS "
                "SELECT 'k' || (i % 97) AS k, i AS n FROM range(2000) AS r(i)"),
            "");
  Process process(*this);
  EXPECT_EQ(process.k_of(77), "k77 ");
  ASSERT_EQ(run("DELETE FROM gold.t WHERE n = 77"), "");
  EXPECT_EQ(process.k_of(77), "");
  EXPECT_EQ(process.opened, 0U);
  process.engine->key_index().keep_only(version());
  EXPECT_THAT(index_files(), SizeIs(1));
}

}  // namespace
}  // namespace claimlake::lake
