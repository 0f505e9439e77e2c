#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "pack/model.h"
#include "pack/references.h"

namespace claimlake::pack {

// The columns of a table, view or raw source by its full name, or null if there is none.
using ColumnsOf = std::function<const std::vector<ColumnDoc>*(const std::string&)>;

// The SQL of `model` with `relations` in the places of what it reads, in their order, and nulls in
// those of a function's parameters.
std::string bindable_sql(const Model& model, const std::vector<TableReference>& references,
                         const std::vector<std::string>& relations);

// Gives the columns of `model` their types by binding its SELECT against empty relations in place
// of what it reads, and checks what the header says about columns. Errors: kInvalidInput with
// file, line and column.
Done bind_model(Model& model, const std::vector<TableReference>& references,
                const ColumnsOf& columns_of, engine::Session& session);

// Checks the rules of a bound model: columns, literals, SQL conditions, parents.
Done bind_rules(Model& model, const ColumnsOf& columns_of, engine::Session& session);

// The tables that the rules of `model` read.
std::vector<std::string> rule_tables(const TableRules& rules);

}  // namespace claimlake::pack
