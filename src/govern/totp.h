#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"

namespace claimlake::govern {

// One-time codes by the clock: RFC 6238 with SHA-1, 30 s and six digits, which is what the apps of
// phones take.

// 20 random bytes, the length of a SHA-1, in base32.
std::string new_totp_secret(Random& random);
// The step of `time`: 30 s each since 1970.
std::int64_t totp_step(Timestamp time);
// The code of a step. `key` is the secret as bytes.
std::string totp_code(std::string_view key, std::int64_t step, int digits = 6);
// The step that `typed` is the code of, if it is the one at `now` or beside it and later than
// `last_step`, the last that was taken. Blanks in `typed` are passed over.
std::optional<std::int64_t> taken_totp_step(std::string_view secret, std::string_view typed,
                                            Timestamp now, std::int64_t last_step);
// What an app reads from a picture: "otpauth://totp/Claimlake:ada%40example.com?secret=…".
std::string totp_uri(std::string_view secret, std::string_view email);

}  // namespace claimlake::govern
