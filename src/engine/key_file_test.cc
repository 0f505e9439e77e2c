// A key index that is kept as a file must say what the same one in memory says, or that it cannot.
#include "engine/key_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/random.h"
#include "store/digest.h"
#include "store/temporary_folder_for_test.h"

namespace claimlake::engine {
namespace {

using testing::IsEmpty;

class KeyFileTest : public testing::Test {
 protected:
  // `count` rows; about every fourth has the hash of another.
  static HeldKeys some_keys(std::size_t count, std::uint64_t seed) {
    SeededRandom random(seed);
    std::vector<std::pair<std::uint64_t, std::uint32_t>> pairs;
    for (std::size_t i = 0; i < count; ++i) {
      const bool again = i > 0 && random.below(4) == 0;
      const std::uint64_t hash = again ? pairs[random.below(i)].first : random.next();
      pairs.emplace_back(hash, static_cast<std::uint32_t>(i));
    }
    std::sort(pairs.begin(), pairs.end());
    HeldKeys keys;
    for (const auto& [hash, row] : pairs) {
      keys.hashes.push_back(hash);
      keys.rows.push_back(row);
    }
    return keys;
  }
  void write(const HeldKeys& keys) {
    auto writer = KeyFileWriter::create(path_, id_);
    ASSERT_TRUE(writer) << writer.error().text();
    for (std::size_t i = 0; i < keys.rows.size(); ++i) {
      ASSERT_TRUE((*writer)->add(keys.hashes[i], keys.rows[i]));
    }
    const auto finished = (*writer)->finish();
    ASSERT_TRUE(finished) << finished.error().text();
  }
  // Whether all of `hashes` can be looked up.
  bool readable(const std::vector<std::uint64_t>& hashes) const {
    const auto file = KeyFile::open(path_, id_);
    if (!file) return false;
    std::vector<std::uint32_t> rows;
    return static_cast<bool>((*file)->find(hashes, std::size_t(-1), rows));
  }
  std::string bytes() const {
    std::ostringstream text;
    text << std::ifstream(path_, std::ios::binary).rdbuf();
    return std::move(text).str();
  }
  void put(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }

  const store::TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/gold.t/x.keys";
  const std::string id_ = store::sha256("this file, these columns");
};

TEST_F(KeyFileTest, finds_what_the_index_in_memory_finds) {
  // 341 fit into a leaf, and 511 leaves below a page: up to three levels.
  for (const std::size_t count :
       std::vector<std::size_t>{0, 1, 340, 341, 342, 5'000, 341 * 511, 341 * 511 + 1, 200'000}) {
    SCOPED_TRACE(count);
    const HeldKeys keys = some_keys(count, count + 1);
    write(keys);
    const auto file = KeyFile::open(path_, id_);
    ASSERT_TRUE(file) << file.error().text();
    EXPECT_EQ((*file)->entries(), count);
    SeededRandom random(7);
    std::vector<std::uint64_t> hashes = {0, 1, ~std::uint64_t{0}};
    for (std::size_t i = 0; i < std::min<std::size_t>(count, 2'000); ++i) {
      hashes.push_back(keys.hashes[random.below(count)]);
      hashes.push_back(random.next());
    }
    std::sort(hashes.begin(), hashes.end());
    std::vector<std::uint32_t> expected;
    std::vector<std::uint32_t> found;
    ASSERT_TRUE(keys.find(hashes, std::size_t(-1), expected));
    ASSERT_TRUE((*file)->find(hashes, std::size_t(-1), found));
    EXPECT_EQ(found, expected);
  }
}

TEST_F(KeyFileTest, one_value_in_many_rows_goes_over_pages_and_stops_in_time) {
  HeldKeys keys;
  for (std::uint32_t row = 0; row < 3'000; ++row) {
    keys.hashes.push_back(row < 10 ? 5 : row < 2'990 ? 6 : 7);
    keys.rows.push_back(row);
  }
  write(keys);
  const auto file = KeyFile::open(path_, id_);
  ASSERT_TRUE(file);
  for (const auto& [hash, count] :
       {std::pair<std::uint64_t, std::size_t>{4, 0}, {5, 10}, {6, 2'980}, {7, 10}, {8, 0}}) {
    std::vector<std::uint32_t> rows;
    ASSERT_TRUE((*file)->find({hash}, 10'000, rows));
    EXPECT_EQ(rows.size(), count) << hash;
  }
  std::vector<std::uint32_t> rows;
  ASSERT_TRUE((*file)->find({6}, 100, rows));
  EXPECT_EQ(rows.size(), 101U) << "so many that it is seen that there are more";
}

TEST_F(KeyFileTest, every_changed_byte_is_noticed) {
  const HeldKeys keys = some_keys(700, 3);
  write(keys);
  ASSERT_TRUE(readable(keys.hashes));
  const store::FileDescriptor file(::open(path_.c_str(), O_RDWR | O_CLOEXEC));
  const std::string all = bytes();
  ASSERT_EQ(all.size(), 5 * KeyFile::kPageBytes);  // a header, three leaves, one page above
  SeededRandom random(1);
  for (std::size_t at = 0; at < all.size(); ++at) {
    const char other = static_cast<char>(all[at] ^ static_cast<char>(1 + random.below(255)));
    ASSERT_EQ(pwrite(file.number(), &other, 1, static_cast<off_t>(at)), 1);
    EXPECT_FALSE(readable(keys.hashes)) << at;
    ASSERT_EQ(pwrite(file.number(), &all[at], 1, static_cast<off_t>(at)), 1);
  }
  EXPECT_TRUE(readable(keys.hashes));
}

TEST_F(KeyFileTest, every_other_length_is_noticed) {
  const HeldKeys keys = some_keys(700, 3);
  write(keys);
  const std::string all = bytes();
  for (std::size_t length = all.size(); length > 0;) {
    length -= std::min<std::size_t>(length, length % 4096 < 2 ? 1 : 5);
    ASSERT_EQ(truncate(path_.c_str(), static_cast<off_t>(length)), 0);
    EXPECT_FALSE(KeyFile::open(path_, id_)) << length;
  }
  for (const std::size_t more : {std::size_t{1}, KeyFile::kPageBytes}) {
    put(all + std::string(more, '\0'));
    EXPECT_FALSE(KeyFile::open(path_, id_)) << more;
  }
}

TEST_F(KeyFileTest, whole_pages_in_other_places_or_of_other_files_are_noticed) {
  const HeldKeys keys = some_keys(700, 3);
  write(keys);
  const std::string all = bytes();
  const std::size_t page = KeyFile::kPageBytes;
  std::string swapped = all;
  swapped.replace(page, page, all, 2 * page, page).replace(2 * page, page, all, page, page);
  put(swapped);
  EXPECT_FALSE(readable(keys.hashes));
  put(all);
  const std::string other = store::sha256("another file, these columns");
  const auto opened = KeyFile::open(path_, other);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().fault, Fault::kCorrupt);
  EXPECT_EQ(KeyFile::open(path_ + "x", id_).error().fault, Fault::kNotFound);
}

TEST_F(KeyFileTest, a_header_that_is_whole_but_says_other_things_is_refused) {
  write(some_keys(700, 3));
  const std::string all = bytes();
  struct Case {
    std::size_t at;
    std::string bytes;
    const char* what;
  };
  for (const Case& each :
       {Case{0, "CLMKEYS0", "magic"}, Case{8, std::string("\2", 1), "format"},
        Case{12, std::string("\0\x20", 2), "size of a page"},
        Case{16, std::string("\0\0", 2), "no entries"},
        Case{16, std::string(8, '\xff'), "entries without end"}, Case{24, "x", "what it is of"}}) {
    std::string header = all.substr(0, KeyFile::kPageBytes);
    header.replace(each.at, each.bytes.size(), each.bytes);
    KeyFile::seal(header, 0, id_);
    put(header + all.substr(KeyFile::kPageBytes));
    EXPECT_FALSE(KeyFile::open(path_, id_)) << each.what;
  }
}

TEST_F(KeyFileTest, a_writer_that_does_not_finish_leaves_nothing) {
  const std::string folder = folder_.path() + "/gold.t";
  const auto names = [&] {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      out.push_back(entry.path().filename().string());
    }
    return out;
  };
  {
    const auto writer = KeyFileWriter::create(path_, id_);
    ASSERT_TRUE(writer);
    KeyFileWriter::remove_abandoned(folder);
    EXPECT_EQ(names().size(), 1U) << "it is alive";
  }
  EXPECT_THAT(names(), IsEmpty());
  std::ofstream(path_ + ".0123456789abcdef.part") << "of a process that was killed";
  KeyFileWriter::remove_abandoned(folder);
  EXPECT_THAT(names(), IsEmpty());
}

}  // namespace
}  // namespace claimlake::engine
