#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pack/pack.h"

namespace claimlake::pack {

// A bound model reduced to what its rows depend on, and beside that what is only told of them: what
// a lake keeps of the models that it was built with, to tell what an edit changes
// (docs/formats/plan.md). Comments, blanks and the case of plain words are not in it.
struct Definition {
  struct Column {
    std::string name;
    std::string type;
    std::string formula;  // the item of the outermost SELECT
    std::string about;    // its documentation and unit
    bool operator==(const Column&) const = default;
  };
  struct Named {  // a rule, a key of the header, a CTE
    std::string name;
    std::string text;
    bool operator==(const Named&) const = default;
  };
  std::string kind;
  std::vector<std::string> key;
  std::string grain;  // `aggregation` of the header
  std::vector<std::string> partition;
  std::vector<Named> header;  // other keys that its rows, statistics or refresh depend on
  std::vector<Column> columns;
  std::vector<Named> ctes;
  std::string rest;  // of the SQL: what is neither a column nor a CTE
  std::vector<Named> rules;
  std::string sources;  // of a Bronze model: what its sources say
  std::string about;    // description, owner and the like
  bool operator==(const Definition&) const = default;
};

// Of a bound model; `pack` has its sources.
Definition definition_of(const Pack& pack, const Model& model);

// What the rows of the model depend on, as a text: two definitions with the same one give the same
// rows from the same inputs.
std::string computed_text(const Definition& definition);

// What stands for the definition in Model::hash; 32 hex digits.
std::string definition_hash(const Definition& definition);

// For keeping. Errors of reading: kCorrupt.
std::string to_text(const Definition& definition);
Result<Definition> definition_from(std::string_view text);

// The number that stands for a model's hash in positions: its first 60 bits.
std::int64_t definition_number(std::string_view hash);

// What becomes of readers of the table; the first that holds.
enum class ChangeClass {
  kNone,
  kBreaking,  // a column goes, or is of a narrower or another type; key, grain or kind are others
  kValues,    // same columns, other values or rows
  kRules,     // only rules
  kAdditive,  // only columns that come
  kText,      // only documentation: the rows stay as they are
};
const char* change_class_name(ChangeClass change);  // "breaking", "values", ...

struct DefinitionChange {
  ChangeClass change_class = ChangeClass::kNone;
  std::vector<std::string> breaking;  // why it is breaking, for people
  std::vector<std::string> columns_added;
  std::vector<std::string> columns_removed;
  std::vector<std::string> columns_changed;  // by their own formula or type
  std::vector<std::string> ctes_changed;     // any column may change through these
  bool rest_changed = false;                 // FROM, WHERE, GROUP BY: likewise
  std::vector<std::string> header_changed;   // keys of the header
  std::vector<std::string> rules_added;
  std::vector<std::string> rules_removed;
  std::vector<std::string> rules_changed;

  // The columns that may have other values are just those that are named.
  bool columns_known() const { return ctes_changed.empty() && !rest_changed; }
};

DefinitionChange compare(const Definition& before, const Definition& after);

}  // namespace claimlake::pack
