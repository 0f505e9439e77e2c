#include "serve/cursor.h"

#include <gtest/gtest.h>

namespace claimlake::serve {
namespace {

TEST(Cursor, survives_the_way_to_a_client_and_back) {
  Cursor cursor;
  cursor.query = "0123456789abcdef";
  cursor.versions = {{"gold.claims_analytics", 12}, {"silver.dim_pets", -1}};
  cursor.after = {"1234.50", std::nullopt, "Ünïcode \"x\"", ""};
  cursor.offset = 300;

  const auto read = Cursor::parse(cursor.text());

  ASSERT_TRUE(read);
  EXPECT_EQ(read->query, cursor.query);
  EXPECT_EQ(read->versions, cursor.versions);
  EXPECT_EQ(read->after, cursor.after);
  EXPECT_EQ(read->offset, 300);
  EXPECT_EQ(cursor.text().find_first_not_of(
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
}

TEST(Cursor, takes_nothing_that_it_did_not_write) {
  for (const char* text : {"", "not-a-cursor", "e30", "W10", "bnVsbA", "====", "\xff",
                           "eyJxIjoxLCJ2Ijp7fSwiYSI6W10sIm8iOjB9"}) {
    EXPECT_FALSE(Cursor::parse(text)) << text;
  }
}

}  // namespace
}  // namespace claimlake::serve
