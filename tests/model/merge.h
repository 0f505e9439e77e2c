#pragma once

#include "statement.h"

namespace claimlake::model {

struct Merge final : Statement {
  enum class When { kMatched, kNotMatched, kNotMatchedBySource };
  enum class Then { kUpdate, kDelete, kInsert, kNothing };
  struct Clause {
    When when = When::kMatched;
    Then then = Then::kUpdate;
    Condition condition;
    bool all_columns = false;
    std::vector<Assignment> assignments;
  };

  std::vector<Column> source_columns;
  std::vector<Row> source;
  std::vector<std::string> keys;  // equal in both
  std::vector<Clause> clauses;
  std::string sql() const override;
  Effect apply(const Table& before, const Past& past) const override;
  std::string operation() const override { return "MERGE"; }
  std::vector<std::pair<std::string, std::int64_t>> metrics(const Effect& effect) const override;
};

}  // namespace claimlake::model
