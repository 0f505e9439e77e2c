#include "app/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <numeric>

namespace claimlake::app {
namespace {

constexpr std::string_view kEllipsis = "…";
constexpr std::string_view kNull = "null";

// Bytes of the UTF-8 sequence that starts with `lead`; 1 for what is no lead byte.
std::size_t sequence_size(unsigned char lead) {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  if (lead >= 0xc0) return 2;
  return 1;
}

// Takes columns from the widest until all fit. Columns keep at least kMinimum.
void shrink(std::vector<int>& widths, int available) {
  constexpr int kMinimum = 4;
  int total = std::accumulate(widths.begin(), widths.end(), 0);
  while (total > available) {
    auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= kMinimum) return;
    --*widest;
    --total;
  }
}

std::string pad(const std::string& text, int width, Align align) {
  const int missing = std::max(0, width - display_width(text));
  const std::string space(static_cast<std::size_t>(missing), ' ');
  return align == Align::kRight ? space + text : text + space;
}

std::string line(const std::vector<std::string>& cells) {
  std::string out;
  for (std::size_t i = 0; i < cells.size(); ++i) out += (i == 0 ? "" : "  ") + cells[i];
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out + "\n";
}

}  // namespace

bool stdout_is_terminal() { return isatty(STDOUT_FILENO) == 1; }
bool stderr_is_terminal() { return isatty(STDERR_FILENO) == 1; }

int terminal_width() {
  if (!stdout_is_terminal()) return 0;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

int display_width(std::string_view text) {
  int width = 0;
  for (std::size_t i = 0; i < text.size(); ++width) {
    const auto lead = static_cast<unsigned char>(text[i]);
    // Emoji and CJK take two columns on nearly all terminals.
    if (lead >= 0xf0 || (lead >= 0xe3 && lead <= 0xed)) ++width;
    i += sequence_size(lead);
  }
  return width;
}

std::string fit(std::string_view text, int width) {
  std::string flat;
  for (const char c : text) {
    if (c == '\n')
      flat += "⏎";
    else if (static_cast<unsigned char>(c) < 0x20)
      flat += ' ';
    else
      flat += c;
  }
  if (display_width(flat) <= width) return flat;
  std::string out;
  int used = 0;
  for (std::size_t i = 0; i < flat.size();) {
    const std::size_t size = sequence_size(static_cast<unsigned char>(flat[i]));
    const std::string_view next = std::string_view(flat).substr(i, size);
    if (used + display_width(next) > width - 1) break;
    out += next;
    used += display_width(next);
    i += size;
  }
  return out + std::string(kEllipsis);
}

std::string render(const TextRows& table, int width) {
  std::vector<int> widths;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    int needed = display_width(table.columns[c].name);
    for (const auto& row : table.rows) {
      needed = std::max(needed, display_width(row[c] ? fit(*row[c], 1'000) : kNull));
    }
    widths.push_back(needed);
  }
  if (width > 0) {
    shrink(widths,
           width - 2 * static_cast<int>(table.columns.size() > 0 ? table.columns.size() - 1 : 0));
  }
  std::vector<std::string> head, rule;
  for (std::size_t c = 0; c < widths.size(); ++c) {
    head.push_back(pad(fit(table.columns[c].name, widths[c]), widths[c], table.columns[c].align));
    std::string dashes;
    for (int i = 0; i < widths[c]; ++i) dashes += "─";
    rule.push_back(dashes);
  }
  std::string out = line(head) + line(rule);
  for (const auto& row : table.rows) {
    std::vector<std::string> cells;
    for (std::size_t c = 0; c < widths.size(); ++c) {
      const std::string text = row[c] ? *row[c] : std::string(kNull);
      cells.push_back(pad(fit(text, widths[c]), widths[c], table.columns[c].align));
    }
    out += line(cells);
  }
  return out;
}

std::string human_count(std::int64_t count) {
  std::string digits = std::to_string(count);
  const std::size_t first = count < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string human_bytes(std::int64_t bytes) {
  constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1'000 && unit + 1 < std::size(kUnits)) {
    value /= 1'000;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string human_seconds(double seconds) {
  if (seconds < 10) return fmt::format("{:.2f} s", seconds);
  if (seconds < 100) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::int64_t>(seconds);
  return fmt::format("{} min {} s", whole / 60, whole % 60);
}

}  // namespace claimlake::app
