#include "govern/totp.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "base/check.h"
#include "govern/secret.h"

namespace claimlake::govern {
namespace {

constexpr std::int64_t kStepSeconds = 30;
constexpr std::size_t kKeyBytes = 20;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace

std::string new_totp_secret(Random& random) { return to_base32(random_bytes(random, kKeyBytes)); }

std::int64_t totp_step(Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count() / kStepSeconds;
}

std::string totp_code(std::string_view key, std::int64_t step, int digits) {
  std::array<unsigned char, 8> counter{};
  for (std::size_t i = 0; i < counter.size(); ++i) {
    counter[i] = static_cast<unsigned char>((step >> (8 * (7 - i))) & 0xff);
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const auto* made = HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), counter.data(),
                          counter.size(), digest.data(), &size);
  CHECK(made != nullptr && size == 20, "HMAC-SHA1 failed");
  // RFC 4226, 5.3: four bytes from where the last four bits of the digest say.
  const std::size_t at = digest[19] & 0xf;
  const std::uint32_t number = ((digest[at] & 0x7fU) << 24) |
                               (std::uint32_t{digest[at + 1]} << 16) |
                               (std::uint32_t{digest[at + 2]} << 8) | digest[at + 3];
  std::uint32_t limit = 1;
  for (int i = 0; i < digits; ++i) limit *= 10;
  return fmt::format("{:0{}}", number % limit, digits);
}

std::optional<std::int64_t> taken_totp_step(std::string_view secret, std::string_view typed,
                                            Timestamp now, std::int64_t last_step) {
  const auto key = from_base32(secret);
  if (!key) return std::nullopt;
  std::string digits;
  for (const char c : typed) {
    if (c != ' ') digits += c;
  }
  const std::int64_t middle = totp_step(now);
  std::optional<std::int64_t> taken;
  for (std::int64_t step = middle - 1; step <= middle + 1; ++step) {
    // All three are compared, so that the time does not tell which it was.
    if (same_secret(totp_code(*key, step), digits) && step > last_step && !taken) taken = step;
  }
  return taken;
}

std::string totp_uri(std::string_view secret, std::string_view email) {
  return fmt::format("otpauth://totp/Claimlake:{}?secret={}&issuer=Claimlake", escaped(email),
                     secret);
}

}  // namespace claimlake::govern
