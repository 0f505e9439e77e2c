#include "govern/password_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/characters.h"
#include "base/text.h"

namespace claimlake::govern {
namespace {

// What people choose most, of eight letters and more; shorter ones are refused for their length.
constexpr std::array kCommon = {"password",        "passwort",         "password1",
                                "password12",      "password123",      "password1234",
                                "passw0rd",        "p@ssw0rd",         "p@ssword",
                                "iloveyou",        "sunshine",         "princess",
                                "football",        "baseball",         "superman",
                                "starwars",        "trustno1",         "whatever",
                                "computer",        "michelle",         "jennifer",
                                "corvette",        "mercedes",         "maverick",
                                "midnight",        "letmein1",         "letmeinnow",
                                "welcome1",        "welcome123",       "changeme",
                                "changeme123",     "administrator",    "admin123",
                                "admin1234",       "administrator1",   "default1",
                                "secret123",       "qwerty123",        "qwerty12345",
                                "1q2w3e4r",        "1q2w3e4r5t",       "1qaz2wsx",
                                "1qaz2wsx3edc",    "zaq12wsx",         "q1w2e3r4",
                                "q1w2e3r4t5",      "asdf1234",         "abcd1234",
                                "abc12345",        "a1b2c3d4",         "11223344",
                                "12341234",        "123qweasd",        "123qweasdzxc",
                                "qweasdzxc",       "charlie1",         "dragon123",
                                "monkey123",       "shadow123",        "master123",
                                "butterfly",       "chocolate",        "liverpool",
                                "chelsea1",        "arsenal1",         "barcelona",
                                "manchester",      "elephant",         "snowball",
                                "sparkles",        "december",         "november",
                                "september",       "february",         "winter2024",
                                "summer2024",      "spring2024",       "autumn2024",
                                "winter2025",      "summer2025",       "spring2025",
                                "autumn2025",      "winter2026",       "summer2026",
                                "test1234",        "testtest",         "guest123",
                                "user1234",        "login123",         "iloveyou1",
                                "iloveyou2",       "lovely123",        "loveme123",
                                "fuckyou1",        "pokemon1",         "pokemon123",
                                "minecraft",       "samsung1",         "samsung123",
                                "google123",       "internet",         "facebook",
                                "linkedin",        "myspace1",         "security",
                                "forever1",        "family123",        "friends1",
                                "hello123",        "helloworld",       "correcthorsebatterystaple",
                                "thisisapassword", "passwordpassword", "ilovemydog",
                                "ilovemycat",      "mydogmax",         "goodboy123",
                                "insurance",       "insurance1",       "petinsurance",
                                "petinsurance1",   "claimlake",        "claimlake1",
                                "claimlake123"};

// Keys in their order; a password that goes along one of them is none.
constexpr std::array kRuns = {
    "abcdefghijklmnopqrstuvwxyz", "01234567890123456789012345678901234567890",
    "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn", "qazwsxedcrfvtgbyhnujmikolp"};

// Without what people put between and behind words to get round a rule.
std::string letters_of(std::string_view text) {
  std::string out;
  for (const char c : to_lower(text)) {
    const bool kept =
        (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
    if (kept) out += c;
  }
  return out;
}

bool is_common(const std::string& lower, const std::string& letters) {
  return std::any_of(kCommon.begin(), kCommon.end(),
                     [&](const char* common) { return lower == common || letters == common; });
}

// "abcabcabcabc": one piece of up to a third of the length (half, where it is short) again and
// again.
bool is_repeated(const std::string& text) {
  for (std::size_t piece = 1; piece * 2 <= text.size(); ++piece) {
    if (piece > 4 && piece * 3 > text.size()) break;
    bool same = true;
    for (std::size_t i = piece; i < text.size() && same; ++i) same = text[i] == text[i - piece];
    if (same) return true;
  }
  return false;
}

bool is_run(const std::string& text) {
  return std::any_of(kRuns.begin(), kRuns.end(), [&](std::string_view run) {
    const std::string backwards(run.rbegin(), run.rend());
    return run.find(text) != std::string_view::npos || backwards.find(text) != std::string::npos;
  });
}

// Whether `text` is nothing but what others know of the user, with a few letters beside it.
bool is_own(const std::string& letters, const std::vector<std::string>& own) {
  constexpr std::size_t kBeside = 6;
  for (const std::string& known : own) {
    std::vector<std::string> parts = {known};
    if (const auto at = known.find('@'); at != std::string::npos)
      parts.push_back(known.substr(0, at));
    for (const std::string& part : parts) {
      const std::string own_letters = letters_of(part);
      if (own_letters.size() >= 4 && letters.find(own_letters) != std::string::npos &&
          letters.size() < own_letters.size() + kBeside) {
        return true;
      }
    }
  }
  return false;
}

Error refused(std::string what, std::string next) {
  return {Fault::kInvalidInput, std::move(what), "", std::move(next)};
}

}  // namespace

Done check_password(std::string_view password, const PasswordPolicy& policy, bool second_factor,
                    const std::vector<std::string>& own) {
  const std::size_t least =
      second_factor ? policy.length_min_with_second_factor : policy.length_min;
  if (!is_utf8(password) || password.find('\0') != std::string_view::npos) {
    return refused("The password has a character that is no text", "Use letters, digits, signs.");
  }
  const std::size_t length = characters_count(password);
  if (length < least) {
    return refused(fmt::format("The password has {} characters, and needs {}", length, least),
                   "Three or four words that do not belong together are long, and easy to keep.");
  }
  if (length > policy.length_max) {
    return refused(fmt::format("The password has more than {} characters", policy.length_max),
                   "Choose a shorter one.");
  }
  const std::string lower = to_lower(password);
  const std::string letters = letters_of(password);
  const char* const kNext =
      "Choose words that nobody would try: three or four that do not belong "
      "together.";
  if (is_common(lower, letters)) {
    return refused("The password is one of those that are tried first", kNext);
  }
  if (is_repeated(lower) || is_run(lower) || (!letters.empty() && is_run(letters))) {
    return refused("The password is one piece again and again, or keys in their order", kNext);
  }
  std::vector<std::string> known = own;
  known.emplace_back("claimlake");
  if (is_own(letters, known)) {
    return refused("The password is made of your name, your address or ours", kNext);
  }
  return done();
}

}  // namespace claimlake::govern
