#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lake/table_name.h"

namespace claimlake::lake {

// Reads a statement word by word, for the statements about tables that the engine's parser does not
// know. Blanks and comments are passed over. Errors say what was expected and where (line:column).
class SqlCursor {
 public:
  explicit SqlCursor(std::string_view sql);  // `sql` outlives this

  bool at_end() const { return at_ >= sql_.size(); }
  // Where the next word begins.
  std::size_t at() const { return at_; }
  // Passes over the next word, quoted text or sign.
  void skip();
  // Takes these words if they come next, in any case: take("if not exists"). A sign is a word.
  bool take(std::string_view words);
  Done expect(std::string_view words);

  // A name: plain, in "double quotes" or in `backquotes`.
  Result<std::string> name();
  // name, or name.name, or lake.name.name; a table without a schema is of "gold".
  Result<TableName> table();
  // 'text', with '' for a quote.
  Result<std::string> text();
  // What stands up to a ',' or ')' of this level, or the end, or one of these words; trimmed.
  Result<std::string> until(const std::vector<std::string_view>& words = {});
  // The same for an expression, in which '<' and '>' are no brackets.
  Result<std::string> expression(const std::vector<std::string_view>& words = {});
  // A whole number, with its sign.
  Result<std::int64_t> number();
  // All that is left, trimmed, without a ';' at the end.
  std::string rest();
  // Errors unless nothing but a ';' is left.
  Done end();

  Error wrong(std::string_view expected) const;

 private:
  // The end of the word, quoted text or sign that begins at `from`.
  std::size_t word_end(std::size_t from) const;
  void skip_blanks();
  Result<std::string> up_to(const std::vector<std::string_view>& words, std::string_view open,
                            std::string_view close);

  std::string_view sql_;
  std::size_t at_ = 0;
};

}  // namespace claimlake::lake
