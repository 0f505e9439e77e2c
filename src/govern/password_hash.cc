#include "govern/password_hash.h"

#include <fmt/format.h>
#include <sodium.h>

#include <array>
#include <chrono>

#include "base/check.h"
#include "govern/secret.h"

namespace claimlake::govern {
namespace {

constexpr std::size_t kHashBytes = 32;

std::string base64_of(const unsigned char* bytes, std::size_t count) {
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
  std::string text(sodium_base64_ENCODED_LEN(count, kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes, count, kVariant);
  text.pop_back();
  return text;
}

Error busy() {
  return {Fault::kUnavailable, "Too many sign in at once", "", "try again in a second"};
}

}  // namespace

class Argon2Hasher::Turn {
 public:
  // Waits for a turn, or finds that too many wait already.
  explicit Turn(Argon2Hasher& hasher) : hasher_(hasher) {
    std::unique_lock lock(hasher_.mutex_);
    if (hasher_.working_ >= hasher_.config_.at_once) {
      if (hasher_.waiting_ >= hasher_.config_.waiting_max) return;
      ++hasher_.waiting_;
      // No deadline: it waits for at most waiting_max hashes, each of a known length.
      hasher_.freed_.wait(lock, [&] { return hasher_.working_ < hasher_.config_.at_once; });
      --hasher_.waiting_;
    }
    ++hasher_.working_;
    is_mine_ = true;
  }
  ~Turn() {
    if (!is_mine_) return;
    {
      const std::lock_guard lock(hasher_.mutex_);
      --hasher_.working_;
    }
    hasher_.freed_.notify_one();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  bool is_mine() const { return is_mine_; }

 private:
  Argon2Hasher& hasher_;
  bool is_mine_ = false;
};

Argon2Hasher::Argon2Hasher(Argon2Config config, Random& random)
    : config_(config),
      head_(
          fmt::format("$argon2id$v=19$m={},t={},p=1$", config.memory_bytes / 1024, config.passes)),
      random_(random) {
  CHECK(sodium_init() >= 0, "libsodium cannot be initialised");
}

Result<std::string> Argon2Hasher::hash(std::string_view password) {
  const Turn turn(*this);
  if (!turn.is_mine()) return busy();
  const std::string salt = random_bytes(random_, crypto_pwhash_SALTBYTES);
  const auto* salt_bytes = reinterpret_cast<const unsigned char*>(salt.data());
  std::array<unsigned char, kHashBytes> hash{};
  const int made = crypto_pwhash(hash.data(), hash.size(), password.data(), password.size(),
                                 salt_bytes, static_cast<unsigned long long>(config_.passes),
                                 config_.memory_bytes, crypto_pwhash_ALG_ARGON2ID13);
  if (made != 0) {
    return Error{Fault::kUnavailable, "There is no memory to hash a password", "",
                 "try again in a second"};
  }
  return head_ + base64_of(salt_bytes, salt.size()) + '$' + base64_of(hash.data(), hash.size());
}

Result<bool> Argon2Hasher::verify(std::string_view password, const std::string& kept) {
  const Turn turn(*this);
  if (!turn.is_mine()) return busy();
  if (kept.size() >= crypto_pwhash_STRBYTES) return false;
  return crypto_pwhash_str_verify(kept.c_str(), password.data(), password.size()) == 0;
}

bool Argon2Hasher::is_dated(const std::string& kept) const { return !kept.starts_with(head_); }

}  // namespace claimlake::govern
