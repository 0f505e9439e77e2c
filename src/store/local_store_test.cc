#include "store/local_store.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "store/temporary_folder_for_test.h"

namespace claimlake::store {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::unique_ptr<Store> opened(const std::string& folder) {
  auto store = open_local(folder);
  EXPECT_TRUE(store) << store.error().text();
  return std::move(*store);
}

std::vector<std::string> files_below(const fs::path& folder) {
  std::vector<std::string> files;
  if (!fs::exists(folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  return files;
}

// Runs `body` in a child process and returns what it wrote.
std::string in_child(const std::function<std::string()>& body) {
  int pipe_ends[2];
  EXPECT_EQ(pipe(pipe_ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    close(pipe_ends[0]);
    const std::string said = body();
    const bool all = write(pipe_ends[1], said.data(), said.size()) == ssize_t(said.size());
    _exit(all ? 0 : 1);
  }
  close(pipe_ends[1]);
  std::string said;
  char buffer[4096];
  for (ssize_t n; (n = read(pipe_ends[0], buffer, sizeof buffer)) > 0;) said.append(buffer, n);
  close(pipe_ends[0]);
  waitpid(child, nullptr, 0);
  return said;
}

TEST(LocalStore, makes_its_folder_and_names_it) {
  const TemporaryFolder folder;

  const auto store = opened(folder.path() + "/a/b/");

  EXPECT_TRUE(fs::is_directory(folder.path() + "/a/b"));
  EXPECT_EQ(store->root(), "file:" + folder.path() + "/a/b");
}

TEST(LocalStore, says_when_its_folder_is_a_file) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() + "/file") << "x";

  const auto store = open_local(folder.path() + "/file");

  ASSERT_FALSE(store);
  EXPECT_THAT(store.error().message, HasSubstr("is a file"));
  EXPECT_FALSE(open_local(""));
}

TEST(LocalStore, keeps_objects_as_plain_files_under_their_names) {
  const TemporaryFolder folder;
  const auto store = opened(folder.path());

  ASSERT_TRUE(store->put("bronze/month=2026-01/a b%20.txt", "hello"));

  std::ifstream file(folder.path() + "/bronze/month=2026-01/a b%20.txt");
  std::string text;
  std::getline(file, text);
  EXPECT_EQ(text, "hello");
}

TEST(LocalStore, leaves_no_temporary_file_behind) {
  const TemporaryFolder folder;
  {
    const auto store = opened(folder.path());
    ASSERT_TRUE(store->put("a", "1"));
    ASSERT_TRUE(store->put_if_absent("b", "1"));
    ASSERT_EQ(*store->put_if_absent("b", "2"), Put::kExists);
    const auto abandoned = store->create("c");
    ASSERT_TRUE(abandoned);
  }

  EXPECT_THAT(files_below(folder.path() + "/.tmp"), testing::IsEmpty());
  EXPECT_TRUE(fs::is_empty(folder.path() + "/.tmp"));
}

TEST(LocalStore, removes_what_a_killed_process_left_and_keeps_what_a_living_one_writes) {
  const TemporaryFolder folder;
  in_child([&] {
    const auto store = open_local(folder.path());
    const auto writer = (*store)->create("x");
    static_cast<void>((*writer)->append(std::string(1'000'000, 'x')));
    _exit(0);  // no destructor runs, as after kill -9
    return std::string();
  });
  ASSERT_EQ(files_below(folder.path() + "/.tmp").size(), 1u);
  const auto living = opened(folder.path());
  const auto writer = living->create("y");
  ASSERT_TRUE(writer);

  const auto other = opened(folder.path());
  ASSERT_TRUE(other->put("z", "1"));

  EXPECT_EQ(files_below(folder.path() + "/.tmp").size(), 1u);
  EXPECT_TRUE((*writer)->finish());
  EXPECT_TRUE(living->read("y"));
  EXPECT_FALSE(living->read("x"));
}

TEST(LocalStore, goes_on_when_somebody_removes_its_folders) {
  const TemporaryFolder folder;
  const auto store = opened(folder.path());
  ASSERT_TRUE(store->put_if_absent("a/b/1", "1"));

  fs::remove_all(folder.path() + "/a");
  fs::remove_all(folder.path() + "/.tmp");

  EXPECT_TRUE(store->put_if_absent("a/b/2", "2"));
  EXPECT_TRUE(store->put("a/b/3", "3"));
  EXPECT_EQ(store->list_all("")->size(), 2u);
}

TEST(LocalStore, a_folder_goes_with_its_last_object) {
  const TemporaryFolder folder;
  const auto store = opened(folder.path());
  ASSERT_TRUE(store->put("a/b/c/1", "1"));
  ASSERT_TRUE(store->put("a/2", "2"));

  ASSERT_TRUE(store->remove("a/b/c/1"));

  EXPECT_THAT(*store->list_folders("a"), testing::IsEmpty());
  EXPECT_TRUE(store->put("a/b/c/3", "3"));
  ASSERT_TRUE(store->remove("a/b/c/3"));
  ASSERT_TRUE(store->remove("a/2"));
  EXPECT_TRUE(fs::exists(folder.path()));
}

TEST(LocalStore, sees_only_plain_files_and_follows_links) {
  const TemporaryFolder folder;
  const TemporaryFolder elsewhere;
  std::ofstream(elsewhere.path() + "/x") << "1";
  const auto store = opened(folder.path());
  ASSERT_EQ(mkfifo((folder.path() + "/pipe").c_str(), 0600), 0);
  fs::create_symlink("nowhere", folder.path() + "/broken");
  fs::create_directory_symlink(elsewhere.path(), folder.path() + "/linked");

  EXPECT_FALSE(store->read("pipe"));
  EXPECT_FALSE(store->read("broken"));
  const auto all = store->list_all("");
  ASSERT_EQ(all->size(), 1u);
  EXPECT_EQ(all->front().path, "linked/x");
}

TEST(LocalStore, names_the_file_that_stands_where_a_folder_should) {
  const TemporaryFolder folder;
  const auto store = opened(folder.path());
  ASSERT_TRUE(store->put("a", "1"));

  const auto put = store->put("a/b", "1");

  ASSERT_FALSE(put);
  EXPECT_THAT(put.error().message, HasSubstr("cannot write 'a/b': a part of the path is a file"));
}

TEST(LocalStore, says_that_there_is_no_permission_and_leaves_nothing) {
  const TemporaryFolder folder;
  ASSERT_EQ(chmod(folder.path().c_str(), 0755), 0);

  const std::string said = in_child([&] {
    const auto store = open_local(folder.path());
    if (geteuid() == 0) {
      if (seteuid(65534) != 0) return std::string("cannot give up root");
    } else {
      chmod(folder.path().c_str(), 0555);
    }
    const auto put = (*store)->put("silver/x", "1");
    return put ? std::string("it was written") : put.error().text();
  });

  ASSERT_EQ(chmod(folder.path().c_str(), 0755), 0);
  EXPECT_THAT(said, HasSubstr("cannot write 'silver/x': no permission"));
  EXPECT_THAT(said, HasSubstr("write permission on " + folder.path()));
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(LocalStore, says_that_the_disk_is_full_and_leaves_nothing_half_written) {
  const TemporaryFolder folder;

  const std::string said = in_child([&] {
    if (unshare(geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) != 0 ||
        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=256k") != 0) {
      return std::string("skip");
    }
    const auto store = open_local(folder.path());
    const auto put = (*store)->put_if_absent("x", std::string(1'000'000, 'x'));
    auto writer = *(*store)->create("y");
    Done done_writing = writer->append(std::string(1'000'000, 'x'));
    writer.reset();
    std::string text = put ? "it was written" : put.error().text();
    text += done_writing ? "it was written" : done_writing.error().text();
    const bool nothing = (*store)->list_all("")->empty();
    const bool small = bool((*store)->put("x", "small"));
    return text + (nothing && small ? " afterwards fine" : " afterwards broken");
  });

  if (said == "skip") GTEST_SKIP() << "no right to mount a small file system here";
  EXPECT_THAT(said, HasSubstr("cannot write 'x': the disk is full"));
  EXPECT_THAT(said, HasSubstr("cannot write 'y': the disk is full"));
  EXPECT_THAT(said, HasSubstr("free space on the disk of " + folder.path()));
  EXPECT_THAT(said, HasSubstr("afterwards fine"));
}

}  // namespace
}  // namespace claimlake::store
