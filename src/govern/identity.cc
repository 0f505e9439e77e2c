#include "govern/identity.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/characters.h"
#include "base/text.h"

namespace claimlake::govern {
namespace {

constexpr std::size_t kEmailMax = 254;  // RFC 5321, 4.5.3.1, less its brackets
constexpr std::size_t kLocalPartMax = 64;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool is_domain(std::string_view domain) {
  if (domain.empty() || domain.find('.') == std::string_view::npos) return false;
  for (const std::string& label : split(domain, '.')) {
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') {
      return false;
    }
    const bool plain = std::all_of(label.begin(), label.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
             static_cast<unsigned char>(c) >= 0x80;
    });
    if (!plain) return false;
  }
  return true;
}

bool is_local_part(std::string_view local) {
  // RFC 5322's atoms; nothing that a mail's header or a log could take for its own.
  static constexpr std::string_view kSigns = ".!#$%&'*+-/=?^_`{|}~";
  if (local.empty() || local.size() > kLocalPartMax) return false;
  if (local.front() == '.' || local.back() == '.') return false;
  return std::all_of(local.begin(), local.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           kSigns.find(c) != std::string_view::npos || static_cast<unsigned char>(c) >= 0x80;
  });
}

}  // namespace

std::string_view name_of(CodeKind kind) {
  switch (kind) {
    case CodeKind::kInvitation:
      return "invitation";
    case CodeKind::kPasswordReset:
      return "password_reset";
    case CodeKind::kRecovery:
      return "recovery";
  }
  return "";
}

std::string session_id_of(std::string_view digest) {
  return "ses_" + std::string(digest.substr(0, 16));
}

std::string token_id_of(std::string_view digest) {
  return "tok_" + std::string(digest.substr(0, 16));
}

std::string new_user_id(Random& random) {
  return fmt::format("USR-{:012X}", random.next() & 0xffff'ffff'ffffULL);
}

Result<std::string> as_email(std::string_view typed) {
  const std::string email = to_lower(trimmed(typed));
  const auto at = email.find('@');
  const bool valid = is_utf8(email) && email.size() <= kEmailMax && at != std::string::npos &&
                     is_local_part(std::string_view(email).substr(0, at)) &&
                     is_domain(std::string_view(email).substr(at + 1));
  if (valid) return email;
  return Error{Fault::kInvalidInput, "This is no e-mail address", "",
               "Write it as name@company.example."};
}

bool is_demo_email(std::string_view email) { return email.ends_with("@demo.example"); }

Result<std::string> as_name(std::string_view typed, std::size_t most) {
  const std::string name(trimmed(typed));
  const bool valid = !name.empty() && is_utf8(name) && characters_count(name) <= most &&
                     std::none_of(name.begin(), name.end(),
                                  [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (valid) return name;
  return Error{Fault::kInvalidInput,
               fmt::format("A name has 1 to {} characters, and no line breaks", most), "",
               "Write it on one line."};
}

std::string network_of(std::string_view address) {
  const std::string text(address);
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  static constexpr std::array<unsigned char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) {
    return fmt::format("{}.{}.{}.{}", bytes[12], bytes[13], bytes[14], bytes[15]);
  }
  std::string network;
  for (std::size_t i = 0; i < 8; ++i)
    fmt::format_to(std::back_inserter(network), "{:02x}", bytes[i]);
  return network + "/64";
}

}  // namespace claimlake::govern
