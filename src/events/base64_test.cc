#include "events/base64.h"

#include <gtest/gtest.h>

namespace claimlake::events {
namespace {

// RFC 4648, section 10.
TEST(Base64, writes_and_reads_the_vectors_of_the_standard) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
  EXPECT_EQ(to_base64(std::string("\0\xff\x10", 3)), "AP8Q");
  EXPECT_EQ(from_base64("AP8Q"), std::string("\0\xff\x10", 3));
  EXPECT_EQ(from_base64("Zg"), "f") << "padding may be left out";
}

TEST(Base64, refuses_what_is_none) {
  for (const char* text : {"Z", "Zg=", "Zh==", "Zg===", "Z-==", "Zm9v\n", "====", "Zg==Zg=="}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
}

}  // namespace
}  // namespace claimlake::events
