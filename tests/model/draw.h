#pragma once

#include "base/random.h"
#include "merge.h"

namespace claimlake::model {

// Draws statements that fit a table, most of which do something to it. Values come from small sets,
// so that rows meet often; some of them are awkward for paths, statistics and texts.
class Draw {
 public:
  explicit Draw(Random& random) : random_(random) {}  // outlives this

  StatementPtr create();
  // `newest`: the number of `table`'s version.
  StatementPtr any(const Table& table, delta::LogVersion newest);
  // One that changes rows.
  StatementPtr change(const Table& table);

  std::uint64_t below(std::uint64_t limit) { return random_.below(limit); }
  bool one_in(std::uint64_t count) { return random_.below(count) == 0; }

 private:
  Cell cell(const Column& column, const std::string& partition);
  Row row(const std::vector<Column>& columns, const std::string& partition);
  std::vector<Column> some_columns(const Table& table);
  Condition condition(const Table& table, std::uint64_t most);
  Comparison comparison(const Table& table);
  std::vector<Assignment> assignments(const Table& table, bool with_source, bool insert);
  StatementPtr insert(const Table& table);
  StatementPtr update(const Table& table);
  StatementPtr remove(const Table& table);
  StatementPtr merge(const Table& table);
  Merge::Clause clause(const Table& table, Merge::When when);
  StatementPtr column_change(const Table& table);
  std::string fresh_name(Type type);
  StatementPtr property();
  StatementPtr optimize(const Table& table);

  Random& random_;
};

}  // namespace claimlake::model
