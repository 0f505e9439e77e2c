#include "govern/secret.h"

#include <gtest/gtest.h>

#include "govern/identity.h"

namespace claimlake::govern {
namespace {

TEST(Secret, digest_is_sha256) {
  // FIPS 180-2, appendix B.1.
  EXPECT_EQ(digest_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Secret, base32_is_that_of_rfc_4648) {
  // Section 10, without the padding.
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "MY"},
                                                         {"fo", "MZXQ"},
                                                         {"foo", "MZXW6"},
                                                         {"foob", "MZXW6YQ"},
                                                         {"fooba", "MZXW6YTB"},
                                                         {"foobar", "MZXW6YTBOI"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(to_base32(bytes), text);
    EXPECT_EQ(*from_base32(text), bytes);
  }
  EXPECT_FALSE(from_base32("M1"));
}

TEST(Secret, new_ones_have_32_bytes_and_differ) {
  SeededRandom random(1);

  const std::string one = new_secret(random);
  const std::string other = new_secret(random);

  EXPECT_EQ(one.size(), 43U);
  EXPECT_EQ(
      one.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
      std::string::npos);
  EXPECT_NE(one, other);
}

TEST(Secret, recovery_code_is_read_as_people_type_it) {
  SeededRandom random(1);
  const std::string code = new_recovery_code(random);
  ASSERT_EQ(code.size(), 19U);

  std::string typed = " ";
  for (const char c : code) {
    if (c != '-') typed += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }

  EXPECT_EQ(as_recovery_code(typed), code);
}

TEST(Secret, csrf_token_hangs_on_the_session_alone) {
  EXPECT_EQ(csrf_token_of("a"), csrf_token_of("a"));
  EXPECT_NE(csrf_token_of("a"), csrf_token_of("b"));
  EXPECT_EQ(csrf_token_of("a").size(), 48U);
}

TEST(Secret, compares_whole_texts) {
  EXPECT_TRUE(same_secret("abc", "abc"));
  EXPECT_FALSE(same_secret("abc", "abd"));
  EXPECT_FALSE(same_secret("abc", "abcd"));
  EXPECT_TRUE(same_secret("", ""));
}

TEST(Email, is_one_whatever_its_case_and_the_blanks_round_it) {
  EXPECT_EQ(*as_email(" Ada@Example.COM "), "ada@example.com");
}

TEST(Email, is_refused_where_a_mail_or_a_log_could_break_on_it) {
  for (const char* bad :
       {"", "ada", "@example.com", "ada@", "ada@example", "a b@example.com",
        "ada@example.com\r\nBcc: x@example.com", "ada@exa mple.com", "ada@-a.com",
        ".ada@example.com", "<ada@example.com>", "ada@b@example.com", "ada\"@example.com"}) {
    EXPECT_FALSE(as_email(bad)) << bad;
  }
  EXPECT_FALSE(as_email(std::string(65, 'a') + "@example.com"));
  EXPECT_FALSE(as_email("a@" + std::string(63, 'b') + "." + std::string(63, 'b') + "." +
                        std::string(63, 'b') + "." + std::string(63, 'b') + ".com"));
}

TEST(Network, is_the_half_of_an_ipv6_address_that_a_provider_gives) {
  EXPECT_EQ(network_of("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(network_of("2001:db8:1:2:3:4:5:6"), network_of("2001:db8:1:2::9"));
  EXPECT_NE(network_of("2001:db8:1:2::1"), network_of("2001:db8:1:3::1"));
  EXPECT_EQ(network_of("::ffff:192.0.2.7"), "192.0.2.7");
}

}  // namespace
}  // namespace claimlake::govern
