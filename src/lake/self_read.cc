#include "lake/self_read.h"

#include <cctype>
#include <set>

#include "base/text.h"

namespace claimlake::lake {
namespace {

// True if `name` (lower case) stands in `sql` as a word of its own, or as a part of one in quotes.
bool names(const std::string& sql, const std::string& name) {
  const std::string text = to_lower(sql);
  const auto in_word = [&](std::size_t at) {
    if (at >= text.size()) return false;
    const auto byte = static_cast<unsigned char>(text[at]);
    return std::isalnum(byte) != 0 || byte == '_' || byte >= 0x80;
  };
  for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    if (!in_word(at - 1) && !in_word(at + name.size())) return true;
  }
  return false;
}

}  // namespace

bool reads_itself(const engine::ChangeStatement& statement,
                  const std::map<TableName, std::string>& definitions) {
  std::string conditions = statement.condition;
  const auto add = [&](const std::string& text) { conditions += " " + text; };
  for (const engine::ChangeStatement::Clause& clause : statement.clauses) {
    add(clause.condition);
    for (const auto& assignment : clause.assignments) add(assignment.value.value_or(""));
  }
  for (const auto& assignment : statement.assignments) add(assignment.value.value_or(""));
  add(statement.replace);
  const bool subquery = to_lower(conditions).find("select") != std::string::npos;
  std::string read = statement.with + " " + statement.source + " " + (subquery ? conditions : "");
  // Definitions may name each other in any order: each that is named adds its text, until none
  // does.
  std::set<TableName> added;
  for (bool more = true; more;) {
    more = false;
    for (const auto& [name, sql] : definitions) {
      if (added.contains(name) || !names(read, name.table)) continue;
      added.insert(name);
      read += " " + sql;
      more = true;
    }
  }
  return names(read, to_lower(statement.table));
}

}  // namespace claimlake::lake
