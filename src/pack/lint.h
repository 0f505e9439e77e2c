#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pack/model.h"
#include "pack/sql_text.h"

namespace claimlake::pack {

// A form that one of DuckDB, Spark and Trino does not take, or takes differently
// (docs/formats/model.md, "Portable SQL").
struct Lint {
  std::size_t offset = 0;  // in the SQL
  std::string what;        // "a::type is not portable: DuckDB only"
  std::string write;       // the portable form; may be empty
};

// What is not portable in `tokens`, in order.
std::vector<Lint> lint_sql(const std::vector<Token>& tokens);

// The same for a model and the SQL in its rules, as errors with their places in the files.
std::vector<Error> lint_model(const Model& model);

// The uses of the clock that make a result depend on when it runs, but CURRENT_DATE
// where `clock_day` allows it.
struct ClockUse {
  std::size_t offset;
  std::string word;
};
std::vector<ClockUse> clock_uses(const std::vector<Token>& tokens, bool clock_day);

// What draws by chance or counts its calls, so that a result cannot be computed twice.
std::vector<ClockUse> chance_uses(const std::vector<Token>& tokens);

}  // namespace claimlake::pack
