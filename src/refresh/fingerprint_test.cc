#include "refresh/fingerprint.h"

#include <gtest/gtest.h>

namespace claimlake::refresh {
namespace {

TEST(Fingerprint, changes_with_each_of_its_parts) {
  const InputVersion one{"id", 1};
  const InputVersion two{"id", 2};
  const auto base = fingerprint("m", {{"a", one}, {"b", two}}, "2026-01-01");

  EXPECT_EQ(fingerprint("m", {{"b", two}, {"a", one}}, "2026-01-01"), base);
  EXPECT_NE(fingerprint("n", {{"a", one}, {"b", two}}, "2026-01-01"), base);
  EXPECT_NE(fingerprint("m", {{"a", two}, {"b", one}}, "2026-01-01"), base);
  EXPECT_NE(fingerprint("m", {{"a", one}}, "2026-01-01"), base);
  EXPECT_NE(fingerprint("m", {{"a", one}, {"b", two}}, "2026-01-02"), base);
  EXPECT_NE(fingerprint("m", {{"a", {"made anew", 1}}, {"b", two}}, "2026-01-01"), base);
  EXPECT_GE(base, 0);
}

}  // namespace
}  // namespace claimlake::refresh
