#include "engine/time_travel.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "base/text.h"

namespace claimlake::engine {
namespace {

// Words that may follow a table and are no alias.
constexpr std::array kNoAlias{
    "anti",        "asof",      "cross",   "except",     "full",    "group",   "having",
    "inner",       "intersect", "join",    "left",       "limit",   "natural", "offset",
    "on",          "order",     "pivot",   "positional", "qualify", "right",   "semi",
    "tablesample", "union",     "unpivot", "using",      "when",    "where",   "window"};

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || (c & 0x80) != 0;
}

struct Token {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string word;  // lower case
};

std::size_t end_of(std::string_view sql, std::size_t at) {
  const std::string_view rest = sql.substr(at);
  std::size_t end = at + 1;
  if (rest.starts_with("--")) {
    end = sql.find('\n', at);
  } else if (rest.starts_with("/*")) {
    end = sql.find("*/", at + 2);
    if (end != std::string_view::npos) end += 2;
  } else if (sql[at] == '\'' || sql[at] == '"') {
    end = sql.find(sql[at], at + 1);  // a doubled quote begins another text, which is as good
    if (end != std::string_view::npos) ++end;
  } else if (is_word(sql[at])) {
    while (end < sql.size() && is_word(sql[end])) ++end;
  }
  return std::min(end, sql.size());
}

// Blanks and comments are no tokens.
std::vector<Token> tokens_of(std::string_view sql) {
  std::vector<Token> out;
  for (std::size_t at = 0; at < sql.size();) {
    const std::size_t end = end_of(sql, at);
    const std::string_view text = sql.substr(at, end - at);
    const bool blank = std::isspace(static_cast<unsigned char>(sql[at])) != 0;
    if (!blank && !text.starts_with("--") && !text.starts_with("/*")) {
      out.push_back({at, end, to_lower(text)});
    }
    at = end;
  }
  return out;
}

class Rewriter {
 public:
  explicit Rewriter(std::string_view sql) : sql_(sql), tokens_(tokens_of(sql)) {}

  std::optional<std::string> rewrite() {
    std::size_t copied = 0;
    std::string out;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      const std::size_t begin = i;
      const auto clause = read_clause(i);
      if (!clause) continue;
      out += sql_.substr(copied, tokens_[begin].begin - copied);
      out += *clause;
      copied = tokens_[i - 1].end;
      --i;
    }
    if (copied == 0) return std::nullopt;
    return out + std::string(sql_.substr(copied));
  }

 private:
  bool is(std::size_t i, std::string_view word) const {
    return i < tokens_.size() && tokens_[i].word == word;
  }

  // The clause at token `i` in the engine's words, with the alias after it; `i` is then behind
  // both.
  std::optional<std::string> read_clause(std::size_t& i) const {
    std::size_t at = i;
    if (is(at, "for")) ++at;
    const bool version = is(at, "version") || is(at, "system_version");
    const bool time = is(at, "timestamp") || is(at, "system_time");
    if ((!version && !time) || !is(at + 1, "as") || !is(at + 2, "of")) return std::nullopt;
    at += 3;
    const std::size_t value = at;
    if (is(at, "timestamp") || is(at, "date")) ++at;
    if (at >= tokens_.size()) return std::nullopt;
    ++at;
    if (is(at, "(")) at = behind_brackets(at);
    const std::string text(
        sql_.substr(tokens_[value].begin, tokens_[at - 1].end - tokens_[value].begin));
    std::string alias;
    if (is(at, "as")) ++at;
    if (at < tokens_.size() && is_alias(tokens_[at])) {
      alias = fmt::format("AS {} ",
                          sql_.substr(tokens_[at].begin, tokens_[at].end - tokens_[at].begin));
      ++at;
    }
    i = at;
    if (version) return fmt::format("{}AT (VERSION => {})", alias, text);
    return fmt::format("{}AT (TIMESTAMP => CAST({} AS TIMESTAMP))", alias, text);
  }

  std::size_t behind_brackets(std::size_t at) const {
    int depth = 0;
    for (; at < tokens_.size(); ++at) {
      if (is(at, "(")) ++depth;
      if (is(at, ")") && --depth == 0) return at + 1;
    }
    return at;
  }

  static bool is_alias(const Token& token) {
    const char first = token.word[0];
    if (first == '"') return true;
    if (!is_word(first) || std::isdigit(static_cast<unsigned char>(first)) != 0) return false;
    return std::find(kNoAlias.begin(), kNoAlias.end(), token.word) == kNoAlias.end();
  }

  std::string_view sql_;
  std::vector<Token> tokens_;
};

}  // namespace

std::optional<std::string> with_at_clauses(std::string_view sql) { return Rewriter(sql).rewrite(); }

}  // namespace claimlake::engine
