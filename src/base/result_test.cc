#include "base/result.h"

#include <gtest/gtest.h>

namespace claimlake {
namespace {

Result<int> parse(bool ok) {
  if (ok) return 7;
  return Error{Fault::kCorrupt, "Not a number"};
}

Result<int> twice(bool ok) {
  TRY(const int n, parse(ok));
  TRY(const int m, parse(ok));
  return n + m;
}

TEST(Result, try_passes_the_error_on) {
  EXPECT_EQ(*twice(true), 14);
  EXPECT_EQ(twice(false).error().fault, Fault::kCorrupt);
}

TEST(Error, keeps_the_first_place_and_says_what_to_do) {
  const Error error = Error{Fault::kNotFound, "no column x"}
                          .at("a.sql:3:1")
                          .at("elsewhere")
                          .in("bind")
                          .then("add it");

  EXPECT_EQ(error.text(), "bind: no column x\n  where  a.sql:3:1\n  try    add it");
}

}  // namespace
}  // namespace claimlake
