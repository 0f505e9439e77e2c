#include "govern/totp.h"

#include <gtest/gtest.h>

#include "govern/secret.h"

namespace claimlake::govern {
namespace {

Timestamp at(std::int64_t seconds) { return Timestamp(std::chrono::seconds(seconds)); }

TEST(Totp, gives_the_codes_of_rfc_6238) {
  // Appendix B, the rows of SHA-1; eight digits.
  const std::string key = "12345678901234567890";
  const std::pair<std::int64_t, std::string> vectors[] = {{59, "94287082"},
                                                          {1'111'111'109, "07081804"},
                                                          {1'111'111'111, "14050471"},
                                                          {1'234'567'890, "89005924"},
                                                          {2'000'000'000, "69279037"},
                                                          {20'000'000'000, "65353130"}};
  for (const auto& [seconds, code] : vectors) {
    EXPECT_EQ(totp_code(key, totp_step(at(seconds)), 8), code) << seconds;
  }
}

TEST(Totp, gives_the_codes_of_rfc_4226) {
  // Appendix D, the first counts; six digits.
  const std::string key = "12345678901234567890";
  EXPECT_EQ(totp_code(key, 0), "755224");
  EXPECT_EQ(totp_code(key, 1), "287082");
  EXPECT_EQ(totp_code(key, 9), "520489");
}

class TotpTest : public testing::Test {
 protected:
  std::string code(std::int64_t step) const { return totp_code(key_, step); }
  std::optional<std::int64_t> taken(const std::string& typed, std::int64_t now_step,
                                    std::int64_t last_step = 0) const {
    return taken_totp_step(secret_, typed, at(now_step * 30 + 15), last_step);
  }
  const std::string key_ = "12345678901234567890";
  const std::string secret_ = to_base32(key_);
};

TEST_F(TotpTest, takes_the_code_of_now_and_of_the_steps_beside_it) {
  EXPECT_EQ(taken(code(1000), 1000), 1000);
  EXPECT_EQ(taken(code(999), 1000), 999);
  EXPECT_EQ(taken(code(1001), 1000), 1001);
  EXPECT_EQ(taken(code(998), 1000), std::nullopt);
  EXPECT_EQ(taken(code(1002), 1000), std::nullopt);
}

TEST_F(TotpTest, takes_no_step_again_nor_one_before_it) {
  EXPECT_EQ(taken(code(1000), 1000, 1000), std::nullopt);
  EXPECT_EQ(taken(code(999), 1000, 1000), std::nullopt);
  EXPECT_EQ(taken(code(1001), 1000, 1000), 1001);
}

TEST_F(TotpTest, takes_six_digits_only_however_they_are_grouped) {
  const std::string right = code(1000);
  EXPECT_EQ(taken(right.substr(0, 3) + " " + right.substr(3), 1000), 1000);
  EXPECT_EQ(taken("", 1000), std::nullopt);
  EXPECT_EQ(taken(right.substr(0, 5), 1000), std::nullopt);
  EXPECT_EQ(taken(right + "0", 1000), std::nullopt);
}

TEST_F(TotpTest, a_secret_that_is_none_takes_nothing) {
  EXPECT_EQ(taken_totp_step("not base32!", "755224", at(0), -5), std::nullopt);
}

TEST_F(TotpTest, new_secrets_have_the_length_of_a_sha1) {
  SeededRandom random(3);
  EXPECT_EQ(from_base32(new_totp_secret(random))->size(), 20U);
}

TEST_F(TotpTest, uri_escapes_the_address) {
  EXPECT_EQ(totp_uri("MZXW6", "ada&b@example.com"),
            "otpauth://totp/Claimlake:ada%26b%40example.com?secret=MZXW6&issuer=Claimlake");
}

}  // namespace
}  // namespace claimlake::govern
