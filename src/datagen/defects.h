#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "datagen/row_text.h"

namespace claimlake::datagen {

// How a defect comes into a file.
enum class DefectPlace : std::uint8_t {
  kChanged,  // a regular row is changed
  kExtra,    // a row with a key of its own at the end of the file
  kOlder,    // an older version of a regular row at the end of the file
  kNewer,    // a newer version of a regular row at the end of the file
  kRepeat,   // a regular row again at the end of the file
};

// What an edit may look at. `claim`, `pet`, `policy` are null where the row is of another table.
struct RowContext {
  const World& world;
  const Block& block;
  Draw& draw;
  const Pet* pet = nullptr;
  const Policy* policy = nullptr;
  const Claim* claim = nullptr;
};

// One kind of defect. docs/reference/pet_defects.md describes each and is kept in step by a test.
struct DefectKind {
  RawTable table;
  DefectPlace place;
  std::string_view name;
  std::vector<std::string_view> rules;  // that must find it; empty: none is meant
  std::string_view action;
  void (*edit)(const RowContext& context, RowText& row);
  bool (*suits)(const RowContext& context) = nullptr;  // null: every row
};

// All kinds of `table`, in the order in which they are planted.
std::span<const DefectKind> defect_kinds(RawTable table);

// A planted defect; where it stands is known once all blocks are written.
struct PlantedDefect {
  const DefectKind* kind;
  bool at_end;        // among the additional rows of the block
  std::uint32_t row;  // index there, or among the block's regular rows
  std::string key;
};

// Turns a row into an older version of itself: a smaller updated_at and other values.
void make_older(const RowContext& context, RowText& row);
// A newer version that wins: a greater updated_at and other values.
void make_newer(const RowContext& context, RowText& row);
// False where the book knows only the first version of the row.
bool has_older_version(const RowContext& context);

}  // namespace claimlake::datagen
