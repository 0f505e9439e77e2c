#include "pack/references.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"

namespace claimlake::pack {
namespace {

// Words that may follow a table in a FROM clause and are no alias.
constexpr std::array<std::string_view, 24> kAfterTable = {
    "JOIN",   "INNER",   "LEFT",   "RIGHT",     "FULL",  "CROSS", "NATURAL",     "ON",
    "USING",  "WHERE",   "GROUP",  "HAVING",    "ORDER", "LIMIT", "OFFSET",      "UNION",
    "EXCEPT", "QUALIFY", "WINDOW", "INTERSECT", "SEMI",  "ANTI",  "TABLESAMPLE", "FETCH"};

bool is_name(const Token& token) {
  return token.kind == TokenKind::kWord || token.kind == TokenKind::kQuotedName;
}

std::string plain(const Token& token) {
  std::string text(token.text);
  if (token.kind == TokenKind::kQuotedName) text = text.substr(1, text.size() - 2);
  return to_lower(text);
}

// What is known of one level of parentheses.
struct Level {
  bool select = false;          // a SELECT stands in it, so a FROM in it is a FROM clause
  bool in_from = false;         // between FROM and the clause behind it
  bool table_expected = false;  // the next name is a table
};

bool leaves_from(const Token& token) {
  for (const char* word : {"WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "WINDOW", "QUALIFY",
                           "UNION", "EXCEPT", "INTERSECT", "SELECT"}) {
    if (token.is(word)) return true;
  }
  return false;
}

// Walks through the tokens and knows at each whether a table is due.
class Walker {
 public:
  explicit Walker(const std::vector<Token>& tokens) : words_(without_comments(tokens)) {}

  void walk() {
    while (at_ < words_.size()) step();
  }
  std::vector<TableReference> qualified() { return std::move(found_); }

  // Names without a schema that are no CTE: no "name AS (" or "name (columns) AS (" is there.
  std::vector<TableReference> undefined() {
    std::set<std::string> defined;
    for (std::size_t i = 0; i + 1 < words_.size(); ++i) {
      if (!is_name(words_[i])) continue;
      std::size_t after = i + 1;
      if (words_[after].is("(")) {
        while (after < words_.size() && !words_[after].is(")")) ++after;
        ++after;
      }
      if (after + 1 >= words_.size() || !words_[after].is("AS")) continue;
      const Token& body = words_[after + 1];
      if (body.is("(") || body.is("MATERIALIZED") || body.is("NOT")) {
        defined.insert(plain(words_[i]));
      }
    }
    std::erase_if(unqualified_, [&](const auto& name) { return defined.contains(name.name); });
    return std::move(unqualified_);
  }

 private:
  bool next_is(std::size_t ahead, std::string_view what) const {
    return at_ + ahead < words_.size() && words_[at_ + ahead].is(what);
  }

  void step() {
    const Token& token = words_[at_];
    Level& level = levels_.back();
    if (token.is("(")) {
      // In "FROM (a.b JOIN ...)" the parenthesis opens a part of the same clause.
      levels_.push_back({.select = level.table_expected,
                         .in_from = level.table_expected,
                         .table_expected = level.table_expected});
      levels_[levels_.size() - 2].table_expected = false;
    } else if (token.is(")")) {
      if (levels_.size() > 1) levels_.pop_back();
    } else if (token.is("FROM")) {
      level.in_from = level.table_expected = level.select && !distinct_from();
    } else if (leaves_from(token)) {
      level.in_from = level.table_expected = false;
      if (token.is("SELECT")) level.select = true;
    } else if (level.in_from && (token.is("JOIN") || token.is(","))) {
      level.table_expected = true;
    } else if (level.table_expected && is_name(token)) {
      take();
      return;
    }
    ++at_;
  }

  bool distinct_from() const {
    return at_ >= 2 && words_[at_ - 1].is("DISTINCT") &&
           (words_[at_ - 2].is("IS") || words_[at_ - 2].is("NOT"));
  }

  // Reads the name that stands where a table is expected: a table, a CTE or a function.
  void take() {
    levels_.back().table_expected = false;
    TableReference reference{.name = plain(words_[at_]), .begin = words_[at_].offset};
    reference.end = words_[at_].end();
    const std::size_t first = at_++;
    while (next_is(0, ".") && at_ + 1 < words_.size() && is_name(words_[at_ + 1])) {
      reference.name += "." + plain(words_[at_ + 1]);
      reference.end = words_[at_ + 1].end();
      at_ += 2;
    }
    if (next_is(0, "(")) return;
    if (at_ < words_.size() && is_name(words_[at_])) {
      const Token& next = words_[at_];
      reference.alias = std::none_of(kAfterTable.begin(), kAfterTable.end(),
                                     [&](std::string_view word) { return next.is(word); });
    }
    (at_ - first == 1 ? unqualified_ : found_).push_back(std::move(reference));
  }

  std::vector<Token> words_;
  std::size_t at_ = 0;
  std::vector<Level> levels_{Level{}};
  std::vector<TableReference> found_;
  std::vector<TableReference> unqualified_;
};

}  // namespace

std::vector<TableReference> table_references(const std::vector<Token>& tokens) {
  Walker walker(tokens);
  walker.walk();
  return walker.qualified();
}

std::vector<TableReference> undefined_names(const std::vector<Token>& tokens) {
  Walker walker(tokens);
  walker.walk();
  return walker.undefined();
}

std::string empty_relation(const std::vector<ColumnDoc>& columns) {
  std::string sql;
  for (const ColumnDoc& column : columns) {
    sql += sql.empty() ? "(SELECT " : ", ";
    sql += "CAST(NULL AS " + column.type + ") AS " + sql_identifier(column.name);
  }
  return sql + ")";
}

std::string replacement(const TableReference& reference, const std::string& relation) {
  if (reference.alias) return relation;
  return relation + " AS " + sql_identifier(reference.name.substr(reference.name.find('.') + 1));
}

}  // namespace claimlake::pack
