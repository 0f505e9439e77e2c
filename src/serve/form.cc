#include "serve/form.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/characters.h"
#include "base/text.h"

namespace claimlake::serve {
namespace {

std::string trimmed(const std::string& text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// Line ends and tabs may stand in notes; other control characters are of no keyboard.
bool has_control_character(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7f;
  });
}

}  // namespace

bool Form::has(const std::string& name) {
  const auto found = fields_.find(name);
  return found != fields_.end() && found->second.kind != BodyField::Kind::kNull;
}

void Form::refuse(const std::string& name, std::string detail, std::string next_step) {
  const bool known = std::any_of(errors_.begin(), errors_.end(),
                                 [&](const FieldError& error) { return error.field == name; });
  if (!known) errors_.push_back({name, std::move(detail), std::move(next_step)});
}

void Form::require(const std::string& name) {
  asked_.push_back(name);
  if (!has(name)) refuse(name, name + " is not given", fmt::format("Give {}.", name));
}

std::optional<std::string> Form::value(const std::string& name, const char* is_a,
                                       const std::vector<BodyField::Kind>& kinds) {
  asked_.push_back(name);
  if (!has(name)) return std::nullopt;
  const BodyField& field = fields_.find(name)->second;
  if (std::find(kinds.begin(), kinds.end(), field.kind) != kinds.end()) return field.text;
  refuse(name, fmt::format("{} is not {}", name, is_a), fmt::format("Write {} as {}.", name, is_a));
  return std::nullopt;
}

std::optional<std::string> Form::text(const std::string& name, std::size_t min, std::size_t max) {
  const auto given = value(name, "a text", {BodyField::Kind::kText});
  if (!given) return std::nullopt;
  std::string text = trimmed(*given);
  const std::size_t length = characters_count(text);
  if (has_control_character(text)) {
    refuse(name, name + " has a control character", "Leave it out.");
  } else if (length < min) {
    refuse(name,
           length == 0 ? name + " is empty"
                       : fmt::format("{} has {} characters, and needs {}", name, length, min),
           fmt::format("Give at least {} characters.", min));
  } else if (length > max) {
    refuse(name, fmt::format("{} has {} characters, and may have {}", name, length, max),
           "Shorten it.");
  } else {
    return text;
  }
  return std::nullopt;
}

std::optional<std::string> Form::choice(const std::string& name,
                                        const std::vector<std::string>& allowed) {
  auto given = value(name, "a text", {BodyField::Kind::kText});
  if (!given) return std::nullopt;
  if (std::find(allowed.begin(), allowed.end(), *given) != allowed.end()) return given;
  const std::string near = nearest(*given, allowed);
  refuse(name, fmt::format("{} is '{}', which is not one of its values", name, excerpt(*given)),
         fmt::format("{}Use one of: {}.", near.empty() ? "" : "Did you mean '" + near + "'? ",
                     fmt::join(allowed, ", ")));
  return std::nullopt;
}

std::optional<bool> Form::flag(const std::string& name) {
  const auto given = value(name, "true or false", {BodyField::Kind::kBoolean});
  if (!given) return std::nullopt;
  return *given == "true";
}

std::optional<Date> Form::date(const std::string& name) {
  const auto given = value(name, "a date YYYY-MM-DD", {BodyField::Kind::kText});
  if (!given) return std::nullopt;
  const auto date = parse_date(*given);
  if (date) return *date;
  refuse(name, fmt::format("{} is '{}', which is no day", name, excerpt(*given)),
         "Write it as YYYY-MM-DD.");
  return std::nullopt;
}

std::optional<std::int64_t> Form::money(const std::string& name, std::int64_t least,
                                        std::int64_t most) {
  const auto given = value(name, "an amount", {BodyField::Kind::kNumber, BodyField::Kind::kText});
  if (!given) return std::nullopt;
  const auto cents = exact_cents(*given);
  const auto dollars = [](std::int64_t of) { return fmt::format("{}.{:02}", of / 100, of % 100); };
  if (!cents) {
    refuse(
        name,
        fmt::format("{} is '{}', which is no amount in dollars and cents", name, excerpt(*given)),
        "Write it in digits with at most two decimals, such as 120.50.");
  } else if (*cents < least) {
    refuse(name,
           fmt::format("{} is {}, and the least is {}", name, excerpt(*given), dollars(least)),
           "Give a larger amount.");
  } else if (*cents > most) {
    refuse(name, fmt::format("{} is {}, and the most is {}", name, excerpt(*given), dollars(most)),
           "Give a smaller amount.");
  } else {
    return cents;
  }
  return std::nullopt;
}

std::optional<std::string> Form::measure(const std::string& name, std::int64_t limit) {
  const auto given = value(name, "a number", {BodyField::Kind::kNumber, BodyField::Kind::kText});
  if (!given) return std::nullopt;
  const auto hundredths = exact_cents(*given);
  if (hundredths && *hundredths > 0 && *hundredths < limit * 100) {
    std::string digits = fmt::format("{}.{:02}", *hundredths / 100, *hundredths % 100);
    if (digits.ends_with('0')) digits.pop_back();
    return digits;
  }
  refuse(name, fmt::format("{} is '{}'", name, excerpt(*given)),
         fmt::format("Give a number above 0 and below {} with at most two decimals.", limit));
  return std::nullopt;
}

std::optional<Problem> Form::problem() {
  for (const auto& [name, field] : fields_) {
    if (std::find(asked_.begin(), asked_.end(), name) != asked_.end()) continue;
    const std::string near = nearest(name, asked_);
    refuse(excerpt(name), "There is no member '" + excerpt(name) + "' here",
           near.empty() ? "Leave it out." : "Did you mean '" + near + "'?");
  }
  if (errors_.empty()) return std::nullopt;
  Problem problem{422, "invalid_parameter", errors_[0].detail, errors_[0].next_step,
                  errors_[0].field};
  problem.errors = std::move(errors_);
  return problem;
}

}  // namespace claimlake::serve
