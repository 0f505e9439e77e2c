#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "datagen/defects.h"

namespace claimlake::datagen {

// The lines of one block for one file.
struct TableText {
  TextBuffer regular;  // one line per row of the book
  TextBuffer at_end;   // older versions and defects: belong at the end of the file
  std::uint32_t regular_rows = 0;
  std::uint32_t at_end_rows = 0;
  std::vector<PlantedDefect> defects;  // regular ones ascending, those at the end ascending
};

struct BlockText {
  std::array<TableText, kRawTableCount> tables;
  std::int64_t paid_cents = 0;
  std::int64_t earned_cents = 0;
};

// Writes block `index` as text, with defects in `dirty_per_million` of the rows. Clears `out`
// first and keeps its memory. Pure and thread-safe. The providers belong to block 0.
void write_block(const World& world, std::uint32_t dirty_per_million, std::uint32_t index,
                 BlockText& out);

}  // namespace claimlake::datagen
