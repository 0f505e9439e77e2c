#include "lake/sql_cursor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace claimlake::lake {
namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || (c & 0x80) != 0;
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

}  // namespace

SqlCursor::SqlCursor(std::string_view sql) : sql_(sql) { skip_blanks(); }

void SqlCursor::skip_blanks() {
  for (;;) {
    while (at_ < sql_.size() && std::isspace(static_cast<unsigned char>(sql_[at_])) != 0) ++at_;
    const std::string_view rest = sql_.substr(at_);
    if (rest.starts_with("--")) {
      at_ = std::min(sql_.find('\n', at_), sql_.size());
    } else if (rest.starts_with("/*")) {
      const auto close = sql_.find("*/", at_ + 2);
      at_ = close == std::string_view::npos ? sql_.size() : close + 2;
    } else {
      return;
    }
  }
}

std::size_t SqlCursor::word_end(std::size_t from) const {
  const char first = sql_[from];
  if (first == '\'' || first == '"' || first == '`') {
    for (std::size_t i = from + 1; i < sql_.size(); ++i) {
      if (sql_[i] != first) continue;
      if (i + 1 >= sql_.size() || sql_[i + 1] != first) return i + 1;
      ++i;  // doubled, it stands for itself
    }
    return sql_.size();
  }
  if (!is_word(first)) return from + 1;
  std::size_t end = from;
  while (end < sql_.size() && is_word(sql_[end])) ++end;
  return end;
}

void SqlCursor::skip() {
  if (at_end()) return;
  at_ = word_end(at_);
  skip_blanks();
}

bool SqlCursor::take(std::string_view words) {
  const std::size_t before = at_;
  for (const std::string& word : split(words, ' ')) {
    const std::size_t end = at_end() ? at_ : word_end(at_);
    if (to_lower(sql_.substr(at_, end - at_)) != to_lower(word)) {
      at_ = before;
      return false;
    }
    at_ = end;
    skip_blanks();
  }
  return true;
}

Done SqlCursor::expect(std::string_view words) {
  if (take(words)) return done();
  std::string capitals(words);
  for (char& c : capitals) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return wrong(capitals);
}

Result<std::string> SqlCursor::name() {
  if (at_end()) return wrong("a name");
  const char first = sql_[at_];
  const bool quoted = first == '"' || first == '`';
  if (!quoted && (!is_word(first) || std::isdigit(static_cast<unsigned char>(first)) != 0)) {
    return wrong("a name");
  }
  const std::size_t end = word_end(at_);
  std::string out;
  for (std::size_t i = at_ + (quoted ? 1 : 0); i + (quoted ? 1 : 0) < end; ++i) {
    out += sql_[i];
    if (quoted && sql_[i] == first) ++i;
  }
  if (out.empty()) return wrong("a name");
  at_ = end;
  skip_blanks();
  return out;
}

Result<TableName> SqlCursor::table() {
  const std::size_t start = at_;
  std::vector<std::string> parts;
  do {
    TRY(std::string part, name());
    parts.push_back(to_lower(part));
  } while (take("."));
  if (parts.size() == 3 && parts[0] == "lake") parts.erase(parts.begin());
  if (parts.size() == 1) parts.insert(parts.begin(), TableName::kDefaultSchema);
  auto parsed = parts.size() == 2 ? TableName::parse(parts[0] + "." + parts[1])
                                  : Result<TableName>(Error{Fault::kInvalidInput, ""});
  if (parsed) return parsed;
  at_ = start;
  return wrong("the name of a table: letters, digits and '_', as in gold.notes");
}

Result<std::string> SqlCursor::text() {
  if (at_end() || sql_[at_] != '\'') return wrong("a text in single quotes");
  const std::size_t end = word_end(at_);
  std::string out;
  for (std::size_t i = at_ + 1; i + 1 < end; ++i) {
    out += sql_[i];
    if (sql_[i] == '\'') ++i;
  }
  at_ = end;
  skip_blanks();
  return out;
}

Result<std::string> SqlCursor::until(const std::vector<std::string_view>& words) {
  return up_to(words, "([<", ")]>");
}

Result<std::string> SqlCursor::expression(const std::vector<std::string_view>& words) {
  return up_to(words, "([", ")]");
}

Result<std::int64_t> SqlCursor::number() {
  const SqlCursor before = *this;
  const bool negative = take("-");
  const std::string_view word = at_end() ? "" : sql_.substr(at_, word_end(at_) - at_);
  const std::string text = (negative ? "-" : "") + std::string(word);
  const auto value = whole_number(text);
  if (!value) return before.wrong("a whole number");
  at_ += word.size();
  skip_blanks();
  return *value;
}

Result<std::string> SqlCursor::up_to(const std::vector<std::string_view>& words,
                                     std::string_view open, std::string_view close) {
  const std::size_t start = at_;
  int depth = 0;
  while (!at_end()) {
    const char c = sql_[at_];
    const std::size_t end = word_end(at_);
    const std::string word = to_lower(sql_.substr(at_, end - at_));
    const bool stop = std::find(words.begin(), words.end(), word) != words.end();
    if (depth == 0 && (c == ',' || c == ')' || c == ';' || stop)) break;
    if (open.find(c) != std::string_view::npos) ++depth;
    if (close.find(c) != std::string_view::npos) --depth;
    at_ = end;
    skip_blanks();
  }
  std::string out = trimmed(sql_.substr(start, at_ - start));
  if (out.empty()) return wrong("something more");
  return out;
}

std::string SqlCursor::rest() {
  std::string out = trimmed(sql_.substr(at_));
  at_ = sql_.size();
  while (!out.empty() && out.back() == ';')
    out = trimmed(std::string_view(out).substr(0, out.size() - 1));
  return out;
}

Done SqlCursor::end() {
  while (take(";")) {
  }
  if (at_end()) return done();
  return wrong("the end of the statement");
}

Error SqlCursor::wrong(std::string_view expected) const {
  std::size_t line = 1, column = 1;
  for (std::size_t i = 0; i < at_; ++i) {
    if (sql_[i] == '\n') {
      ++line;
      column = 1;
    } else if ((static_cast<unsigned char>(sql_[i]) & 0xc0) != 0x80) {
      ++column;
    }
  }
  const std::string found =
      at_end() ? "the end" : "'" + std::string(sql_.substr(at_, word_end(at_) - at_)) + "'";
  return {Fault::kInvalidInput, fmt::format("Expected {}, and there is {}", expected, found),
          fmt::format("{}:{}", line, column), "mend the statement there"};
}

}  // namespace claimlake::lake
