#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace claimlake::pack {

// SQL as a row of tokens: enough to find comments, names and forbidden forms at their place
// without understanding the statement, which is the engine's business.
enum class TokenKind {
  kWord,  // a keyword or a plain name
  kNumber,
  kString,      // '...', E'...' or $tag$...$tag$, with its marks
  kQuotedName,  // "..." or `...`, with its marks
  kSymbol,      // punctuation, the longest known operator at once
  kComment,     // "-- ..." without its line end, or "/* ... */"
};

struct Token {
  TokenKind kind;
  std::string_view text;  // part of the text that was read
  std::size_t offset = 0;

  // True for the word or symbol `what` (upper case), in any case.
  bool is(std::string_view what) const;
  std::size_t end() const { return offset + text.size(); }
};

// The tokens of `sql` in order. Errors: kInvalidInput for a string, name or comment that does not
// end; `where` is "line:column" within `sql`.
Result<std::vector<Token>> tokenize(std::string_view sql);
std::vector<Token> without_comments(const std::vector<Token>& tokens);

// One item of the outermost SELECT list.
struct SelectItem {
  std::size_t offset = 0;  // of its first token
  std::string sql;         // its text, without comments at its end
  std::string name;        // what it is called, if it is named
  std::string comment;     // the "--" comments behind it, joined by spaces
  bool star = false;       // "*" or "t.*"
  bool named = false;      // a plain column reference, or ends in AS name
};

// The items of the outermost SELECT of a statement that begins with SELECT or WITH.
// Empty if there is none.
std::vector<SelectItem> select_items(const std::vector<Token>& tokens, std::string_view sql);

// `sql` with the word CURRENT_DATE, where it is not in a string, comment or quoted name, replaced
// by DATE 'YYYY-MM-DD'. Text that cannot be read as tokens is returned as it is.
std::string sql_as_of(std::string_view sql, Date as_of);

// `sql` with each `from` token replaced by `to`, with a way back for positions of errors.
class Rewriter {
 public:
  explicit Rewriter(std::string_view sql) : sql_(sql) {}
  // Replaces [begin, end) of the original. Calls come in ascending order and do not overlap.
  void replace(std::size_t begin, std::size_t end, std::string_view text);
  std::string finish();
  // The offset in the original that belongs to `offset` in the new text.
  std::size_t original(std::size_t offset) const;

 private:
  struct Edit {
    std::size_t new_begin, new_end, old_begin, old_end;
  };
  std::string_view sql_;
  std::string out_;
  std::size_t copied_ = 0;
  std::vector<Edit> edits_;
};

}  // namespace claimlake::pack
