#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"

namespace claimlake::govern {

// Turns passwords into what is kept of them. Thread-safe; each call is slow on purpose.
class PasswordHasher {
 public:
  virtual ~PasswordHasher() = default;
  // Errors of both: kUnavailable (too many at once; try again in a second).
  virtual Result<std::string> hash(std::string_view password) = 0;
  // Whether `password` is the one of `kept`; false also where `kept` is no hash.
  virtual Result<bool> verify(std::string_view password, const std::string& kept) = 0;
  // Whether `kept` was made with less, or more, work than hash() does.
  virtual bool is_dated(const std::string& kept) const = 0;
};

struct Argon2Config {
  std::size_t memory_bytes = 19 * 1024 * 1024;  // of one hash; a whole number of KiB, 8 and more
  int passes = 2;                               // 1 and more
  int at_once = 2;                              // so many times memory_bytes are taken at most
  int waiting_max = 1;                          // more are refused: each holds a worker
};

// Argon2id (RFC 9106), one lane, as texts that other tools read: "$argon2id$v=19$m=…,t=…,p=1$…$…".
class Argon2Hasher final : public PasswordHasher {
 public:
  Argon2Hasher(Argon2Config config, Random& random);  // `random` outlives this

  Result<std::string> hash(std::string_view password) override;
  Result<bool> verify(std::string_view password, const std::string& kept) override;
  bool is_dated(const std::string& kept) const override;

 private:
  class Turn;  // one of config_.at_once

  const Argon2Config config_;
  const std::string head_;  // of a hash: the parameters, up to the salt
  Random& random_;
  std::mutex mutex_;
  std::condition_variable freed_;
  int working_ = 0;
  int waiting_ = 0;
};

}  // namespace claimlake::govern
