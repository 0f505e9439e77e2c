#include "engine/duck_message.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace claimlake::engine {
namespace {

using Names = std::vector<std::string>;

constexpr std::size_t kShown = 3;  // candidates that one still reads

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Without blanks around it, and without what ends a sentence.
std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  const auto last = text.find_last_not_of(" \t\r\n!.");
  if (first == std::string_view::npos || last == std::string_view::npos || last < first) return "";
  return std::string(text.substr(first, last - first + 1));
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// DuckDB names types in errors as its source does; people write those of SQL. What stands in
// quotes is the person's own text, and stays.
void name_types_of_sql(std::string& message) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kTypes{
      {{"INT64", "BIGINT"},
       {"INT32", "INTEGER"},
       {"INT16", "SMALLINT"},
       {"INT8", "TINYINT"},
       {"BOOL", "BOOLEAN"}}};
  replace_all(message, "STRING_LITERAL", "VARCHAR");
  replace_all(message, "INTEGER_LITERAL", "INTEGER");
  char quote = '\0';
  for (std::size_t i = 0; i < message.size(); ++i) {
    const char c = message[i];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (i == 0 || !is_word(message[i - 1])) {
      for (const auto& [inside, said] : kTypes) {
        const std::size_t end = i + inside.size();
        if (message.compare(i, inside.size(), inside) == 0 &&
            (end == message.size() || !is_word(message[end]))) {
          message.replace(i, inside.size(), said);
          break;
        }
      }
    }
  }
}

// What stands in double quotes, a list within them taken apart: "a or b" are two names.
Names quoted_names(std::string_view text) {
  Names names;
  const Names parts = split(text, '"');
  for (std::size_t i = 1; i + 1 < parts.size(); i += 2) {
    std::string list = parts[i];
    replace_all(list, ", or ", "\n");
    replace_all(list, " or ", "\n");
    replace_all(list, ", ", "\n");
    for (const std::string& name : split(list, '\n')) names.push_back(name);
  }
  return names;
}

std::string last_part(const std::string& name) { return name.substr(name.rfind('.') + 1); }

// "a", "a or b", "a, b or c"; of more only the first.
std::string list_of(const Names& names, std::string_view last_word) {
  const std::size_t shown = std::min(names.size(), kShown);
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) {
    text += (i == 0 ? "" : i + 1 == shown ? fmt::format(" {} ", last_word) : ", ") + names[i];
  }
  return text;
}

// The name that `message` is about: `name` of "with name NAME does not", else the last in quotes.
std::string wanted(const std::string& message) {
  constexpr std::string_view kWithName = "with name ";
  if (const auto at = message.find(kWithName); at != std::string::npos) {
    const std::string rest = message.substr(at + kWithName.size());
    std::string name = rest.substr(0, rest.find(' '));
    std::erase(name, '"');
    return last_part(name);
  }
  const Names names = quoted_names(message);
  return names.empty() ? "" : last_part(names.back());
}

// The candidate that is a slip of the hand away, or "".
std::string nearest_name(const std::string& word, const Names& candidates) {
  Names ends;
  for (const std::string& name : candidates) ends.push_back(last_part(name));
  const std::string near = nearest(word, ends);
  for (std::size_t i = 0; i < ends.size() && !near.empty(); ++i) {
    if (ends[i] != near) continue;
    return candidates[i].starts_with("main.") ? near : candidates[i];
  }
  return "";
}

// Where the names stand of which `message` found none.
std::string where_to_look(const std::string& message) {
  if (message.starts_with("Table with name")) return "SHOW ALL TABLES lists the tables";
  if (message.find("unction with name") != std::string::npos) {
    return "SELECT function_name FROM duckdb_functions() lists the functions";
  }
  if (message.starts_with("Type ")) return "SELECT type_name FROM duckdb_types() lists the types";
  return "";
}

std::string advice_on_names(const std::string& message, std::string_view advice) {
  Names names = quoted_names(advice);
  // DuckDB's own catalog tables are never what a person meant.
  std::erase_if(names, [](const std::string& name) {
    return name.find("pg_") != std::string::npos || name.starts_with("information_schema.");
  });
  const std::string near = nearest_name(wanted(message), names);
  if (!near.empty()) return "did you mean " + near + "?";
  if (names.empty() || advice.starts_with("Did you mean")) return where_to_look(message);
  if (advice.starts_with("Candidate tables")) return "FROM has " + list_of(names, "and");
  if (advice.starts_with("Candidate bindings")) {
    return "columns there are, for example, " + list_of(names, "and");
  }
  return "there is " + list_of(names, "and");
}

// "f(A, B(1,2)) -> C": {"A", "B"}.
Names argument_types(std::string_view call) {
  Names types;
  const auto open = call.find('(');
  if (open == std::string_view::npos) return types;
  int depth = 0;
  std::string type;
  for (const char c : call.substr(open)) {
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    const bool ends = (depth == 1 && c == ',') || depth == 0;
    if (ends && !trimmed(type).empty()) types.push_back(trimmed(type));
    if (ends) type.clear();
    if (depth == 0) break;
    if (depth == 1 && c != ',' && c != '(' && c != ')') type += c;
  }
  return types;
}

// The forms that a function has, those first that take most of what it was given.
std::string advice_on_forms(const std::string& message, std::string_view advice) {
  Names forms;
  for (const std::string& line : split(advice, '\n')) {
    if (line.starts_with('\t')) forms.push_back(trimmed(line));
  }
  if (forms.empty()) return "";
  const Names given =
      argument_types(message.substr(std::min(message.size(), message.find_first_of("'\""))));
  const auto fit = [&](const std::string& form) {
    const Names takes = argument_types(form);
    int score = takes.size() == given.size() ? 1 : 0;
    for (std::size_t i = 0; i < std::min(takes.size(), given.size()); ++i) {
      score += takes[i] == given[i] ? 2 : 0;
    }
    return score;
  };
  std::stable_sort(forms.begin(), forms.end(),
                   [&](const auto& a, const auto& b) { return fit(a) > fit(b); });
  return fmt::format(
      "it takes {}{}", list_of(forms, "or"),
      forms.size() > kShown ? fmt::format(", and {} more", forms.size() - kShown) : std::string());
}

// Cuts all after the first sentence off `message` and returns it.
std::string cut_advice(std::string& message) {
  char quote = '\0';
  for (std::size_t i = 0; i + 2 < message.size(); ++i) {
    const char c = message[i];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '.' && message[i + 1] == ' ' &&
               std::isupper(static_cast<unsigned char>(message[i + 2])) != 0) {
      std::string rest = trimmed(std::string_view(message).substr(i + 2));
      message.resize(i);
      return rest;
    }
  }
  return "";
}

// Messages that need more than the rules above.
void reword_special(std::string& message, std::string& advice) {
  constexpr std::string_view kUse = " (use: ";
  if (const auto at = message.find(kUse); at != std::string::npos) {
    advice = "write " + list_of(quoted_names(message.substr(at)), "or");
    message.resize(at);
  }
  if (message.find("prepared statement parameters") != std::string::npos) {
    message = "The statement has a parameter, and no value for it";
    advice = "write the value in its place";
  }
  // What it calls a list of values is a view, as a rule.
  constexpr std::string_view kList = "Values list \"";
  if (message.starts_with(kList)) message.replace(0, kList.size(), "Table \"");
  // Of the library for regular expressions, which does not say so.
  for (const std::string_view start :
       {"missing ", "invalid escape sequence", "bad repetition operator",
        "no argument for repetition", "invalid character class", "invalid perl operator",
        "trailing \\", "unexpected ): "}) {
    if (!message.starts_with(start)) continue;
    message.insert(0, "Not a regular expression: ");
    advice = "a \\ before a character takes it as it is";
    break;
  }
}

}  // namespace

void reword(Error& error) {
  std::string message = error.message.substr(0, error.message.find("\n\nLINE "));
  std::string advice;
  if (const auto line = message.find('\n'); line != std::string::npos) {
    advice = message.substr(line + 1);
    advice.erase(0, std::min(advice.size(), advice.find_first_not_of("\n\t ")));
    message.resize(line);
  }
  name_types_of_sql(message);
  const std::string more = cut_advice(message);
  message = trimmed(message);

  constexpr std::string_view kCause = "Error: ";
  if (advice.starts_with("Candidate functions")) {
    advice = advice_on_forms(message, advice);
  } else if (advice.starts_with("Candidate ") || advice.starts_with("Did you mean")) {
    advice = advice_on_names(message, advice);
  } else if (const auto cause = advice.find(kCause); cause != std::string::npos) {
    message += ": " + trimmed(advice.substr(cause + kCause.size()));
    advice.clear();
  } else {
    std::replace(advice.begin(), advice.end(), '\n', ' ');
    advice = trimmed(advice);
  }
  if (advice.empty()) advice = more;
  if (advice.empty()) advice = where_to_look(message);
  reword_special(message, advice);
  // Settings cannot be changed here.
  if (advice.find("SET ") != std::string::npos) advice.clear();

  // Advice stands behind "try": it goes on, and does not start anew.
  if (advice.size() > 1 && std::islower(static_cast<unsigned char>(advice[1])) != 0) {
    advice[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(advice[0])));
  }

  error.message = std::move(message);
  if (error.next.empty()) error.next = std::move(advice);
}

}  // namespace claimlake::engine
