#include "store/path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/store.h"

namespace claimlake::store {
namespace {

TEST(CheckPath, takes_any_text_between_slashes) {
  for (const char* path : {"a", "a/b", "raw/claims 2026/a%20b.csv", "silver/x/month=2026-01/p:1",
                           "bronze/Müller/日本", "a/.hidden", "a/...", ".tmpfile", "a/.tmp/b"}) {
    EXPECT_TRUE(check_path(path)) << path;
  }
}

TEST(CheckPath, refuses_what_could_leave_the_store_or_has_two_spellings) {
  for (const std::string& path :
       {std::string(), std::string("/x"), std::string("../x"), std::string("a/../b"),
        std::string("./a"), std::string("a/."), std::string("a//b"), std::string("a/"),
        std::string("a\0b", 3), std::string("a\xff"), std::string(256, 'x')}) {
    const Done checked = check_path(path);
    ASSERT_FALSE(checked) << path;
    EXPECT_EQ(checked.error().fault, Fault::kInvalidInput);
  }
}

TEST(CheckPath, refuses_the_folder_of_the_store_itself) {
  EXPECT_FALSE(check_path(".tmp"));
  EXPECT_FALSE(check_path(".tmp/a"));
}

TEST(CheckPath, names_the_path_and_the_reason) {
  const Done checked = check_path("a/../b");

  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message, testing::HasSubstr("'a/../b'"));
  EXPECT_THAT(checked.error().message, testing::HasSubstr("'..'"));
}

TEST(ParentOf, is_the_folder_of_the_path) {
  EXPECT_EQ(parent_of("a/b/c"), "a/b");
  EXPECT_EQ(parent_of("c"), "");
}

}  // namespace
}  // namespace claimlake::store
