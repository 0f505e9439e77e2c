#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "pack/model_reads.h"
#include "pack/references.h"

namespace claimlake::pack {

struct Model;

// How changes of a model's inputs lead to its keys, and the two texts that follow from it: which
// keys changed rows touch, and the model's SELECT for some keys only
// (docs/decisions/0007-keys-from-the-plan.md).
struct KeyMapping {
  // One place where the SQL names a table. A CTE that is read twice gives its places twice.
  struct Place {
    std::size_t reference = 0;  // in `references`
    engine::KeyRoute route;     // `other` is a number of this list
  };
  std::vector<TableReference> references;  // in the SQL, in order
  std::vector<Place> places;
  std::string lost;     // why nothing is known; then there are no places
  std::string keyless;  // why a row without a key may come or go that no place leads to; mostly ""
  ModelReads reads;

  // Why a change of `input` may touch any key; empty if it leads to keys.
  std::string touches_all(std::string_view input) const;
};

// Reads the mapping of a bound model of kind `keyed` from its SQL, and holds `changes` of its
// header against it: a column named there is taken where the SQL does not lead to the key; where
// the SQL leads through another column, that is an error at its place in the file. `session`:
// kInternal.
Result<KeyMapping> key_mapping(
    const Model& model, const std::vector<TableReference>& references,
    const std::function<const std::vector<ColumnDoc>*(const std::string&)>& columns_of,
    engine::Session& session);

// "a.x = b.y AND ...", columns of two relations in pairs.
std::string equal_columns(std::string_view a, const std::vector<std::string>& of_a,
                          std::string_view b, const std::vector<std::string>& of_b);

// Finds rows of a table: a relation, by name or as a SELECT in parentheses, that holds those that
// `look_up` asks for, with the table's columns; all rows if it asks for none.
using Finder = std::function<Result<std::string>(const engine::LookUp& look_up)>;

// What is read in the place of a table: "silver.fact_claims", or a relation that stands for it.
using RelationOf = std::function<std::string(const std::string& table)>;
std::string same_relation(const std::string& table);
// One that leaves the finding to the engine.
Finder in_one_statement(const RelationOf& relation_of = same_relation);

// A SELECT of the keys, one row each, that the rows of relation `changed` (in both forms: as they
// were and as they are) of table `input` touch. Its columns are the model's key. `input` must lead
// to keys. A key of null stands for rows that have none: what becomes of them is not known by keys.
// Errors: those of `find`.
Result<std::string> touched_keys(const Model& model, std::string_view input,
                                 std::string_view changed, const Finder& find);
std::string touched_keys(const Model& model, std::string_view input, std::string_view changed,
                         const RelationOf& relation_of = same_relation);

// The model's SELECT for the keys of relation `keys`, whose columns are the model's key.
Result<std::string> select_of_keys(const Model& model, std::string_view keys, const Finder& find);
std::string select_of_keys(const Model& model, std::string_view keys,
                           const RelationOf& relation_of = same_relation);

// The rows of table `input` that the rows of these keys are made from, as a SELECT. Where the table
// does not lead to keys (touches_all), all of its rows.
std::string rows_of_keys(const Model& model, std::string_view input, std::string_view keys,
                         const RelationOf& relation_of = same_relation);

}  // namespace claimlake::pack
