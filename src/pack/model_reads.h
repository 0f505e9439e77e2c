#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "pack/references.h"

namespace claimlake::pack {

// Of which columns of its inputs, and of what of the day, the rows of a model are made.
struct ModelReads {
  // By table: a row of it that differs in others alone is the same row to the model.
  std::map<std::string, std::set<std::string>> columns;
  // Columns of the model whose values hang on the day, in its order.
  std::vector<std::string> day_columns;
  // Which rows there are hangs on the day, or how it goes in is not known.
  bool day_in_rows = false;
};

// Reads it from the lineage of the bound SQL. `relations` stand for the tables of `references`,
// each as a SELECT from an empty table of its own whose name ends in "_" and the number of the
// reference. `session`: kInternal.
Result<ModelReads> model_reads(const Model& model, const std::vector<TableReference>& references,
                               const std::vector<std::string>& relations, engine::Session& session);

// True where CURRENT_DATE stands in it.
bool holds_day(std::string_view sql);

// What the turn of the day may do to the rows of a model
// (docs/decisions/0010-the-turn-of-the-day.md).
struct DayWay {
  enum class Kind {
    kNothing,  // only its inputs change
    kColumns,  // the rows stay; their columns `columns`, and the verdicts of `rules`, may change
    kRows,     // rows may come and go
  };
  Kind kind = Kind::kNothing;
  std::vector<std::string> columns = {};
  std::vector<const Rule*> rules = {};  // row rules that hold the day; of the model
};
// Of a bound model that has a key.
DayWay day_way(const Model& model);

}  // namespace claimlake::pack
