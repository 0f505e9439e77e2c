#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace claimlake::govern {

// NIST SP 800-63B-4, 3.1.1.2. In characters.
struct PasswordPolicy {
  std::size_t length_min = 15;                    // where the password alone opens the account
  std::size_t length_min_with_second_factor = 8;  // where a code is asked for as well
  std::size_t length_max = 256;
};

// Whether `password` may be chosen. `own` are texts that others know of the user: the e-mail
// address, the name. Errors: kInvalidInput, which says what is wrong and never the password.
Done check_password(std::string_view password, const PasswordPolicy& policy, bool second_factor,
                    const std::vector<std::string>& own);

}  // namespace claimlake::govern
