// What every Store promises, run against each kind of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "store/contract_stores_for_test.h"
#include "store/store.h"

namespace claimlake::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class StoreContract : public testing::TestWithParam<ContractStore> {
 protected:
  void SetUp() override { store_ = GetParam().make(); }
  Store& store() { return *store_; }
  std::vector<std::string> paths(const Result<std::vector<ObjectInfo>>& objects) {
    std::vector<std::string> paths;
    EXPECT_TRUE(objects) << objects.error().text();
    if (!objects) return paths;
    for (const ObjectInfo& object : *objects) paths.push_back(object.path);
    return paths;
  }

 private:
  std::shared_ptr<Store> store_;
};

template <class T>
Fault fault_of(const Result<T>& result) {
  EXPECT_FALSE(result);
  return result.error().fault;
}

TEST_P(StoreContract, reads_back_what_was_put) {
  const std::string bytes("a\0b\xff\n", 5);

  ASSERT_TRUE(store().put("x/y/z.bin", bytes));

  EXPECT_EQ(*store().read("x/y/z.bin"), bytes);
  EXPECT_EQ(store().head("x/y/z.bin")->size, 5);
  EXPECT_EQ(store().head("x/y/z.bin")->path, "x/y/z.bin");
}

TEST_P(StoreContract, keeps_empty_objects) {
  ASSERT_TRUE(store().put("empty", ""));

  EXPECT_EQ(*store().read("empty"), "");
  EXPECT_EQ((*store().open("empty"))->size(), 0);
}

TEST_P(StoreContract, dates_objects_near_now) {
  const SystemClock clock;
  const auto before = clock.now() - std::chrono::seconds(2);

  ASSERT_TRUE(store().put("x", "1"));

  EXPECT_GE(store().head("x")->modified_at, before);
  EXPECT_LE(store().head("x")->modified_at, clock.now() + std::chrono::seconds(2));
}

TEST_P(StoreContract, answers_not_found_for_absent_objects_and_for_folders) {
  ASSERT_TRUE(store().put("folder/x", "1"));

  for (const char* path : {"absent", "absent/x", "folder", "folder/y"}) {
    EXPECT_EQ(fault_of(store().read(path)), Fault::kNotFound) << path;
    EXPECT_EQ(fault_of(store().open(path)), Fault::kNotFound) << path;
    EXPECT_EQ(fault_of(store().head(path)), Fault::kNotFound) << path;
    EXPECT_EQ(fault_of(store().remove(path)), Fault::kNotFound) << path;
  }
}

TEST_P(StoreContract, refuses_paths_that_leave_the_store) {
  for (const char* path : {"../x", "a//b", "", "/x", "a/", "a/./b", ".tmp/x"}) {
    EXPECT_EQ(fault_of(store().read(path)), Fault::kInvalidInput) << path;
    EXPECT_EQ(fault_of(store().open(path)), Fault::kInvalidInput) << path;
    EXPECT_EQ(fault_of(store().put(path, "")), Fault::kInvalidInput) << path;
    EXPECT_EQ(fault_of(store().put_if_absent(path, "")), Fault::kInvalidInput) << path;
    EXPECT_EQ(fault_of(store().create(path)), Fault::kInvalidInput) << path;
    EXPECT_EQ(fault_of(store().remove(path)), Fault::kInvalidInput) << path;
  }
  EXPECT_EQ(fault_of(store().list("..")), Fault::kInvalidInput);
  EXPECT_EQ(fault_of(store().list_all("/")), Fault::kInvalidInput);
  EXPECT_EQ(fault_of(store().list_folders("a/..")), Fault::kInvalidInput);
}

TEST_P(StoreContract, takes_names_as_they_stand) {
  for (const char* path :
       {"a b/c d", "a%20b/%2e", "a+b/&=#;", "month=2026-01/x:y", "Müller/日本/é", "a/*?[x]"}) {
    ASSERT_TRUE(store().put(path, path)) << path;
  }

  EXPECT_THAT(paths(store().list_all("")), ElementsAre("Müller/日本/é", "a b/c d", "a%20b/%2e",
                                                       "a+b/&=#;", "a/*?[x]", "month=2026-01/x:y"));
  EXPECT_EQ(*store().read("a%20b/%2e"), "a%20b/%2e");
  EXPECT_EQ(fault_of(store().read("a b/.")), Fault::kInvalidInput);
}

TEST_P(StoreContract, put_if_absent_keeps_the_first_object) {
  EXPECT_EQ(*store().put_if_absent("x/1", "first"), Put::kDone);
  EXPECT_EQ(*store().put_if_absent("x/1", "second"), Put::kExists);

  EXPECT_EQ(*store().read("x/1"), "first");
  EXPECT_THAT(paths(store().list_all("")), ElementsAre("x/1"));
}

TEST_P(StoreContract, put_if_absent_has_one_winner_among_many_threads) {
  for (int round = 0; round < 20; ++round) {
    const std::string path = "log/" + std::to_string(round);
    std::atomic<int> winners = 0;
    std::atomic<int> losers = 0;
    std::atomic<int> winner = -1;
    std::latch start(16);
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i) {
      threads.emplace_back([&, i] {
        start.arrive_and_wait();
        const auto put = store().put_if_absent(path, std::to_string(i));
        if (put && *put == Put::kDone) {
          ++winners;
          winner = i;
        }
        if (put && *put == Put::kExists) ++losers;
      });
    }
    threads.clear();

    EXPECT_EQ(winners, 1);
    EXPECT_EQ(losers, 15);
    EXPECT_EQ(*store().read(path), std::to_string(winner));
  }
}

TEST_P(StoreContract, put_replaces_and_open_readers_keep_the_old_bytes) {
  ASSERT_TRUE(store().put("x", "old!"));
  const auto reader = store().open("x");
  ASSERT_TRUE(reader);

  ASSERT_TRUE(store().put("x", "newer"));

  std::string bytes(4, ' ');
  ASSERT_TRUE((*reader)->read(0, bytes));
  EXPECT_EQ(bytes, "old!");
  EXPECT_EQ((*reader)->size(), 4);
  EXPECT_EQ(*store().read("x"), "newer");
  ASSERT_TRUE(store().remove("x"));
  ASSERT_TRUE((*reader)->read(0, bytes));
  EXPECT_EQ(bytes, "old!");
}

TEST_P(StoreContract, reader_reads_any_part_and_refuses_what_is_past_the_end) {
  ASSERT_TRUE(store().put("x", "0123456789"));
  const auto reader = store().open("x");
  ASSERT_TRUE(reader);
  std::string three(3, ' ');

  ASSERT_TRUE((*reader)->read(7, three));
  EXPECT_EQ(three, "789");
  EXPECT_TRUE((*reader)->read(10, std::span<char>()));

  EXPECT_EQ(fault_of((*reader)->read(8, three)), Fault::kInvalidInput);
  EXPECT_EQ(fault_of((*reader)->read(-1, three)), Fault::kInvalidInput);
  EXPECT_EQ(fault_of((*reader)->read(std::numeric_limits<std::int64_t>::max(), three)),
            Fault::kInvalidInput);
}

TEST_P(StoreContract, readers_never_see_a_mixture_while_an_object_is_replaced) {
  const std::string a(100'000, 'a');
  const std::string b(50'000, 'b');
  ASSERT_TRUE(store().put("x", a));
  std::atomic<bool> stop = false;
  std::jthread replaces([&] {
    for (int i = 0; i < 40; ++i) EXPECT_TRUE(store().put("x", i % 2 == 0 ? b : a));
    stop = true;
  });

  while (!stop) {
    const auto bytes = store().read("x");
    ASSERT_TRUE(bytes);
    ASSERT_TRUE(*bytes == a || *bytes == b);
  }
}

TEST_P(StoreContract, writer_shows_nothing_before_finish) {
  const auto writer = store().create("a/b/x");
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->append("123"));
  EXPECT_EQ(fault_of(store().head("a/b/x")), Fault::kNotFound);
  EXPECT_THAT(paths(store().list_all("")), IsEmpty());

  ASSERT_TRUE((*writer)->append("45"));
  ASSERT_TRUE((*writer)->finish());

  EXPECT_EQ(*store().read("a/b/x"), "12345");
  EXPECT_THAT(paths(store().list_all("")), ElementsAre("a/b/x"));
}

TEST_P(StoreContract, writer_takes_small_and_large_appends_in_order) {
  std::string expected;
  const auto writer = store().create("x");
  ASSERT_TRUE(writer);

  for (const int size : {1, 300'000, 5, 100'000, 200'000, 0, 9'000'000, 7}) {
    const std::string part(static_cast<std::size_t>(size), static_cast<char>('a' + size % 26));
    expected += part;
    ASSERT_TRUE((*writer)->append(part));
  }
  ASSERT_TRUE((*writer)->finish());

  EXPECT_TRUE(*store().read("x") == expected);
}

TEST_P(StoreContract, writer_replaces_an_object_of_the_same_name) {
  ASSERT_TRUE(store().put("x", "old"));
  const auto writer = store().create("x");
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->append("new"));
  EXPECT_EQ(*store().read("x"), "old");

  ASSERT_TRUE((*writer)->finish());

  EXPECT_EQ(*store().read("x"), "new");
}

TEST_P(StoreContract, abandoned_writer_leaves_nothing_behind) {
  {
    const auto writer = store().create("a/x");
    ASSERT_TRUE(writer);
    ASSERT_TRUE((*writer)->append(std::string(1'000'000, 'x')));
  }

  EXPECT_THAT(paths(store().list_all("")), IsEmpty());
  EXPECT_THAT(*store().list_folders(""), IsEmpty());
}

TEST_P(StoreContract, lists_one_folder_in_byte_order_from_a_name_on) {
  for (const char* path : {"t/10", "t/9", "t/a", "t/B", "t/sub/z", "t/sub.x", "t/é", "u/1", "t"}) {
    if (GetParam().is_in_folders && std::string_view(path) == "t") continue;  // a folder's name
    ASSERT_TRUE(store().put(path, "1")) << path;
  }

  EXPECT_THAT(paths(store().list("t")), ElementsAre("t/10", "t/9", "t/B", "t/a", "t/sub.x", "t/é"));
  EXPECT_THAT(paths(store().list("t", "9")), ElementsAre("t/9", "t/B", "t/a", "t/sub.x", "t/é"));
  EXPECT_THAT(paths(store().list("t", "sub/")), ElementsAre("t/é"));
  EXPECT_THAT(paths(store().list("t", "é")), ElementsAre("t/é"));
  EXPECT_THAT(paths(store().list("t", "\xff")), IsEmpty());
  EXPECT_THAT(paths(store().list("absent")), IsEmpty());
  EXPECT_THAT(paths(store().list("t/9")), IsEmpty());
}

TEST_P(StoreContract, lists_all_below_a_folder_in_byte_order_of_the_path) {
  for (const char* path : {"a/x", "a b", "a/b/c", "a.txt", "b/x"}) {
    ASSERT_TRUE(store().put(path, "1"));
  }

  EXPECT_THAT(paths(store().list_all("")), ElementsAre("a b", "a.txt", "a/b/c", "a/x", "b/x"));
  EXPECT_THAT(paths(store().list_all("a")), ElementsAre("a/b/c", "a/x"));
  EXPECT_THAT(paths(store().list("")), ElementsAre("a b", "a.txt"));
}

TEST_P(StoreContract, lists_folders_in_byte_order) {
  for (const char* path : {"a/x", "a b/x", "c", "b/d/e/f"}) ASSERT_TRUE(store().put(path, "1"));

  EXPECT_THAT(*store().list_folders(""), ElementsAre("a", "a b", "b"));
  EXPECT_THAT(*store().list_folders("b"), ElementsAre("d"));
  EXPECT_THAT(*store().list_folders("absent"), IsEmpty());
}

TEST_P(StoreContract, removed_objects_are_gone_and_their_name_is_free) {
  ASSERT_TRUE(store().put("a/x", "1"));

  ASSERT_TRUE(store().remove("a/x"));

  EXPECT_EQ(fault_of(store().read("a/x")), Fault::kNotFound);
  EXPECT_EQ(fault_of(store().remove("a/x")), Fault::kNotFound);
  EXPECT_EQ(*store().put_if_absent("a/x", "2"), Put::kDone);
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreContract, testing::ValuesIn(contract_stores()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace claimlake::store
