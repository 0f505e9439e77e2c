#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace claimlake::app {

enum class Align { kLeft, kRight };

struct TextColumn {
  std::string name;
  Align align = Align::kLeft;
};

// A table for people. An absent cell is shown as a dim "null".
struct TextRows {
  std::vector<TextColumn> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;
};

// Columns of the terminal on standard output, or 0 if it is not a terminal: then nothing is cut.
int terminal_width();
bool stdout_is_terminal();
bool stderr_is_terminal();

// The table with a rule under its head, no wider than `width` (0: as wide as it needs). Wide cells
// end in "…".
std::string render(const TextRows& table, int width);

// How many columns `text` takes on a terminal (UTF-8; control characters count as one).
int display_width(std::string_view text);
// `text` cut to `width` columns, ending in "…" if it was longer. Line ends become "⏎".
std::string fit(std::string_view text, int width);

std::string human_count(std::int64_t count);  // "15,000"
std::string human_bytes(std::int64_t bytes);  // "1.5 MB"
std::string human_seconds(double seconds);    // "0.42 s", "3 min 20 s"

}  // namespace claimlake::app
