#include "refresh/fingerprint.h"

#include <gtest/gtest.h>

namespace claimlake::refresh {
namespace {

TEST(Fingerprint, changes_with_each_of_its_parts) {
  const auto base = fingerprint("m", {{"a", 1}, {"b", 2}}, "2026-01-01");

  EXPECT_EQ(fingerprint("m", {{"b", 2}, {"a", 1}}, "2026-01-01"), base);
  EXPECT_NE(fingerprint("n", {{"a", 1}, {"b", 2}}, "2026-01-01"), base);
  EXPECT_NE(fingerprint("m", {{"a", 2}, {"b", 1}}, "2026-01-01"), base);
  EXPECT_NE(fingerprint("m", {{"a", 1}}, "2026-01-01"), base);
  EXPECT_NE(fingerprint("m", {{"a", 1}, {"b", 2}}, "2026-01-02"), base);
  EXPECT_GE(base, 0);
}

}  // namespace
}  // namespace claimlake::refresh
