#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"

namespace claimlake::govern {

// What proves who somebody is: session ids, tokens, codes by mail, recovery codes. The store has
// digests of them only; a digest cannot be turned back, for each has 80 random bits and more.

// `count` random bytes.
std::string random_bytes(Random& random, std::size_t count);
// 32 random bytes as 43 characters of base64url.
std::string new_secret(Random& random);
// "ABCD-EFGH-JKLM-NPQR": 80 random bits for a person to write down and type.
std::string new_recovery_code(Random& random);
// What was typed, as new_recovery_code wrote it: upper case, without blanks, with the dashes.
std::string as_recovery_code(std::string_view typed);

// SHA-256 of a secret, 64 hexadecimal digits.
std::string digest_of(std::string_view secret);
// The token that a page shows with each change: a keyed BLAKE2b of the session id.
std::string csrf_token_of(std::string_view session_id);
// Whether both are the same, in a time that does not tell where they differ.
bool same_secret(std::string_view a, std::string_view b);

// RFC 4648 base32 without padding. Errors of the way back: kInvalidInput.
std::string to_base32(std::string_view bytes);
Result<std::string> from_base32(std::string_view text);

}  // namespace claimlake::govern
