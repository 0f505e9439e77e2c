#include "store/system_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

namespace claimlake::store {
namespace {

using testing::HasSubstr;

TEST(SystemError, of_a_full_disk_says_what_to_do_and_where) {
  const Error error = system_error("write", "silver/x", "/data/lake", ENOSPC);

  EXPECT_EQ(error.fault, Fault::kUnavailable);
  EXPECT_THAT(error.message, HasSubstr("cannot write 'silver/x': the disk is full"));
  EXPECT_EQ(error.where, "/data/lake");
  EXPECT_THAT(error.next, HasSubstr("free space on the disk of /data/lake"));
}

TEST(SystemError, of_an_absent_object_is_not_found) {
  EXPECT_EQ(system_error("read", "x", "/l", ENOENT).fault, Fault::kNotFound);
}

TEST(SystemError, of_an_unknown_code_still_names_path_and_reason) {
  const Error error = system_error("read", "x", "/l", EDOM);

  EXPECT_EQ(error.fault, Fault::kUnavailable);
  EXPECT_THAT(error.message, HasSubstr("cannot read 'x': "));
}

}  // namespace
}  // namespace claimlake::store
