#include "pack/sql_text.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "pack/place.h"

namespace claimlake::pack {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_word(char c) { return is_word_start(c) || is_digit(c); }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// Operators of two or three characters that must not be read as several tokens.
constexpr std::array<std::string_view, 24> kLongSymbols = {
    "->>", "!~*", "::", "->", "==", "//", "**", "<>", "<=", ">=", "!=", "||",
    "{{",  "}}",  "{%", "%}", "${", "=>", ":=", "!~", "~*", "~~", "<<", ">>"};

// Reads one token after another from the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view sql) : sql_(sql) {}

  Result<std::vector<Token>> all() {
    std::vector<Token> tokens;
    while (at_ < sql_.size()) {
      if (is_space(sql_[at_])) {
        ++at_;
        continue;
      }
      const std::size_t begin = at_;
      TRY(const TokenKind kind, next());
      tokens.push_back({kind, sql_.substr(begin, at_ - begin), begin});
    }
    return tokens;
  }

 private:
  Result<TokenKind> next() {
    const char c = sql_[at_];
    if (starts("--")) return line_comment();
    if (starts("/*")) return block_comment();
    if (c == '\'') return quoted('\'', false, TokenKind::kString);
    if (c == '"' || c == '`') return quoted(c, false, TokenKind::kQuotedName);
    if ((c == 'e' || c == 'E') && at_ + 1 < sql_.size() && sql_[at_ + 1] == '\'') {
      ++at_;
      return quoted('\'', true, TokenKind::kString);
    }
    if (is_word_start(c)) {
      while (at_ < sql_.size() && is_word(sql_[at_])) ++at_;
      return TokenKind::kWord;
    }
    if (is_digit(c) || (c == '.' && at_ + 1 < sql_.size() && is_digit(sql_[at_ + 1]))) {
      return number();
    }
    if (c == '$' && !starts("${")) return dollar();
    for (const std::string_view symbol : kLongSymbols) {
      if (!starts(symbol)) continue;
      at_ += symbol.size();
      return TokenKind::kSymbol;
    }
    ++at_;
    return TokenKind::kSymbol;
  }

  bool starts(std::string_view what) const { return sql_.substr(at_).starts_with(what); }

  Error unfinished(std::size_t begin, const char* what) const {
    const Place place = place_of(sql_, begin);
    return Error{Fault::kInvalidInput, std::string(what) + " has no end",
                 std::to_string(place.line) + ":" + std::to_string(place.column)};
  }

  Result<TokenKind> line_comment() {
    at_ = std::min(sql_.find('\n', at_), sql_.size());
    return TokenKind::kComment;
  }

  // Block comments nest in DuckDB.
  Result<TokenKind> block_comment() {
    const std::size_t begin = at_;
    int depth = 0;
    while (at_ < sql_.size()) {
      if (starts("/*")) {
        ++depth;
        at_ += 2;
      } else if (starts("*/")) {
        at_ += 2;
        if (--depth == 0) return TokenKind::kComment;
      } else {
        ++at_;
      }
    }
    return unfinished(begin, "this comment");
  }

  // A mark is written twice inside; in E'...' a backslash takes the next character along.
  Result<TokenKind> quoted(char mark, bool backslash, TokenKind kind) {
    const std::size_t begin = at_++;
    while (at_ < sql_.size()) {
      const char c = sql_[at_++];
      if (backslash && c == '\\') ++at_;
      if (c != mark) continue;
      if (at_ < sql_.size() && sql_[at_] == mark) {
        ++at_;
      } else {
        return kind;
      }
    }
    at_ = sql_.size();
    return unfinished(begin, kind == TokenKind::kString ? "this string" : "this quoted name");
  }

  Result<TokenKind> number() {
    while (at_ < sql_.size() && (is_word(sql_[at_]) || sql_[at_] == '.')) {
      const char c = sql_[at_++];
      const bool exponent = c == 'e' || c == 'E';
      if (exponent && at_ < sql_.size() && (sql_[at_] == '+' || sql_[at_] == '-')) ++at_;
    }
    return TokenKind::kNumber;
  }

  // $tag$ ... $tag$, or the sign alone, or a parameter like $1.
  Result<TokenKind> dollar() {
    const std::size_t begin = at_++;
    std::size_t tag_end = at_;
    while (tag_end < sql_.size() && is_word(sql_[tag_end])) ++tag_end;
    if (tag_end >= sql_.size() || sql_[tag_end] != '$' || (at_ < tag_end && is_digit(sql_[at_]))) {
      return TokenKind::kSymbol;
    }
    const std::string_view tag = sql_.substr(begin, tag_end + 1 - begin);
    const std::size_t end = sql_.find(tag, tag_end + 1);
    if (end == std::string_view::npos) return unfinished(begin, "this string");
    at_ = end + tag.size();
    return TokenKind::kString;
  }

  std::string_view sql_;
  std::size_t at_ = 0;
};

// The position of the outermost SELECT: the first that no parenthesis encloses.
std::size_t outer_select(const std::vector<Token>& tokens) {
  int depth = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].is("(")) ++depth;
    if (tokens[i].is(")")) --depth;
    if (depth == 0 && tokens[i].is("SELECT")) return i;
  }
  return tokens.size();
}

bool ends_select_list(const Token& token, const Token* before, const Token* before_that) {
  const bool distinct_from = token.is("FROM") && before && before->is("DISTINCT") && before_that &&
                             (before_that->is("IS") || before_that->is("NOT"));
  if (distinct_from) return false;
  return token.is("FROM") || token.is("WHERE") || token.is("UNION") || token.is("EXCEPT") ||
         token.is("INTERSECT") || token.is(";");
}

// The words of a "--" comment without the dashes and the space around them.
std::string comment_words(std::string_view text) {
  const std::size_t begin = text.find_first_not_of("- \t");
  if (begin == std::string_view::npos) return "";
  const std::size_t end = text.find_last_not_of(" \t\r");
  return std::string(text.substr(begin, end + 1 - begin));
}

// Fills in what follows from the tokens of one item.
void describe_item(const std::vector<Token>& words, std::string_view sql, SelectItem& item) {
  if (words.empty()) return;
  item.offset = words.front().offset;
  item.sql = sql.substr(item.offset, words.back().end() - item.offset);
  item.star = words.back().is("*") && (words.size() == 1 || words[words.size() - 2].is("."));
  const auto is_name = [](const Token& t) {
    return t.kind == TokenKind::kWord || t.kind == TokenKind::kQuotedName;
  };
  bool reference = words.size() % 2 == 1;
  for (std::size_t i = 0; i < words.size(); ++i) {
    reference = reference && (i % 2 == 0 ? is_name(words[i]) : words[i].is("."));
  }
  const bool alias = words.size() >= 3 && is_name(words.back()) && words[words.size() - 2].is("AS");
  item.named = reference || alias;
  if (!item.named) return;
  item.name = words.back().text;
  if (words.back().kind == TokenKind::kQuotedName) {
    item.name = item.name.substr(1, item.name.size() - 2);
  }
}

}  // namespace

bool Token::is(std::string_view what) const {
  if (kind != TokenKind::kWord && kind != TokenKind::kSymbol) return false;
  return text.size() == what.size() && std::equal(text.begin(), text.end(), what.begin(),
                                                  [](char a, char b) { return upper(a) == b; });
}

Result<std::vector<Token>> tokenize(std::string_view sql) { return Scanner(sql).all(); }

std::vector<Token> without_comments(const std::vector<Token>& tokens) {
  std::vector<Token> words;
  std::copy_if(tokens.begin(), tokens.end(), std::back_inserter(words),
               [](const Token& token) { return token.kind != TokenKind::kComment; });
  return words;
}

std::vector<SelectItem> select_items(const std::vector<Token>& tokens, std::string_view sql) {
  std::vector<SelectItem> items;
  std::size_t i = outer_select(tokens);
  if (i == tokens.size()) return items;
  SelectItem item;
  std::vector<Token> words;
  const auto finish_item = [&] {
    describe_item(words, sql, item);
    if (!words.empty()) items.push_back(item);
    words.clear();
    item = {};
  };
  int depth = 0;
  bool comma = false;  // the item has ended; only comments may still belong to it
  for (++i; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (token.kind == TokenKind::kComment) {
      if (!words.empty() && token.text.starts_with("--")) {
        const std::string text = comment_words(token.text);
        item.comment += (item.comment.empty() || text.empty() ? "" : " ") + text;
      }
      continue;
    }
    const std::size_t n = words.size();
    if (depth == 0 &&
        ends_select_list(token, n > 0 ? &words[n - 1] : nullptr, n > 1 ? &words[n - 2] : nullptr)) {
      break;
    }
    if (items.empty() && words.empty() && (token.is("DISTINCT") || token.is("ALL"))) continue;
    if (comma) finish_item();
    comma = depth == 0 && token.is(",");
    if (comma) continue;
    if (token.is("(") || token.is("[") || token.is("{")) ++depth;
    if (token.is(")") || token.is("]") || token.is("}")) --depth;
    words.push_back(token);
  }
  finish_item();
  return items;
}

std::string sql_as_of(std::string_view sql, Date as_of) {
  const auto tokens = tokenize(sql);
  if (!tokens) return std::string(sql);
  const std::string date = "DATE '" + to_text(as_of) + "'";
  Rewriter rewriter(sql);
  for (const Token& token : *tokens) {
    if (token.is("CURRENT_DATE")) rewriter.replace(token.offset, token.end(), date);
  }
  return rewriter.finish();
}

void Rewriter::replace(std::size_t begin, std::size_t end, std::string_view text) {
  CHECK(begin >= copied_ && end >= begin && end <= sql_.size(), "edits out of order");
  out_ += sql_.substr(copied_, begin - copied_);
  edits_.push_back({out_.size(), out_.size() + text.size(), begin, end});
  out_ += text;
  copied_ = end;
}

std::string Rewriter::finish() {
  out_ += sql_.substr(copied_);
  copied_ = sql_.size();
  return out_;
}

std::size_t Rewriter::original(std::size_t offset) const {
  std::size_t new_end = 0;
  std::size_t old_end = 0;
  for (const Edit& edit : edits_) {
    if (offset < edit.new_begin) break;
    if (offset < edit.new_end) return edit.old_begin;
    new_end = edit.new_end;
    old_end = edit.old_end;
  }
  return std::min(old_end + (offset - new_end), sql_.size());
}

}  // namespace claimlake::pack
