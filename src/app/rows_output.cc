#include "app/rows_output.h"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/terminal.h"

namespace claimlake::app {
namespace {

bool is_number(const std::string& type) {
  for (const char* prefix : {"DECIMAL", "DOUBLE", "FLOAT", "BIGINT", "INTEGER", "SMALLINT",
                             "TINYINT", "HUGEINT", "UBIGINT", "UINTEGER"}) {
    if (type.starts_with(prefix) && !type.ends_with(']')) return true;
  }
  return false;
}

Result<std::int64_t> print_box(engine::Rows& rows, std::size_t row_limit) {
  TextRows shown;
  for (const auto& column : rows.columns()) {
    shown.columns.push_back({column.name, is_number(column.type) ? Align::kRight : Align::kLeft});
  }
  std::int64_t count = 0;
  for (;;) {
    TRY(const bool more, rows.next());
    if (!more) break;
    for (std::size_t row = 0; row < rows.row_count(); ++row, ++count) {
      if (shown.rows.size() >= row_limit) continue;
      auto& cells = shown.rows.emplace_back();
      for (std::size_t c = 0; c < shown.columns.size(); ++c) {
        cells.push_back(rows.is_null(c, row) ? std::nullopt : std::optional(rows.text(c, row)));
      }
    }
  }
  std::fputs(render(shown, terminal_width()).c_str(), stdout);
  if (count > static_cast<std::int64_t>(shown.rows.size())) {
    std::fputs(
        fmt::format("… {} of {} rows shown\n",
                    human_count(static_cast<std::int64_t>(shown.rows.size())), human_count(count))
            .c_str(),
        stdout);
  }
  return count;
}

Result<std::int64_t> print_csv(engine::Rows& rows) {
  std::string out;
  for (std::size_t c = 0; c < rows.columns().size(); ++c) {
    out += (c == 0 ? "" : ",") + csv_field(rows.columns()[c].name);
  }
  out += "\r\n";
  std::int64_t count = 0;
  for (;;) {
    TRY(const bool more, rows.next());
    if (!more) break;
    for (std::size_t row = 0; row < rows.row_count(); ++row, ++count) {
      for (std::size_t c = 0; c < rows.columns().size(); ++c) {
        if (c > 0) out += ',';
        // Null is an empty field; an empty text is quoted, so that the two stay apart.
        if (rows.is_null(c, row)) continue;
        const std::string text = rows.text(c, row);
        out += text.empty() ? "\"\"" : csv_field(text);
      }
      out += "\r\n";
    }
    std::fputs(out.c_str(), stdout);
    out.clear();
  }
  std::fputs(out.c_str(), stdout);
  return count;
}

Result<std::int64_t> print_json(engine::Rows& rows) {
  std::vector<std::string> names;
  for (const auto& column : rows.columns()) names.push_back(nlohmann::json(column.name).dump());
  std::string out = "[";
  std::int64_t count = 0;
  for (;;) {
    TRY(const bool more, rows.next());
    if (!more) break;
    for (std::size_t row = 0; row < rows.row_count(); ++row, ++count) {
      out += count == 0 ? "\n {" : ",\n {";
      for (std::size_t c = 0; c < names.size(); ++c) {
        out += (c == 0 ? "" : ", ") + names[c] + ": ";
        rows.json(c, row, out);
      }
      out += '}';
    }
    std::fwrite(out.data(), 1, out.size(), stdout);
    out.clear();
  }
  out += "\n]\n";
  std::fwrite(out.data(), 1, out.size(), stdout);
  return count;
}

}  // namespace

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

Result<std::int64_t> print_rows(engine::Rows& rows, RowFormat format, std::size_t row_limit) {
  switch (format) {
    case RowFormat::kBox:
      return print_box(rows, row_limit);
    case RowFormat::kCsv:
      return print_csv(rows);
    case RowFormat::kJson:
      return print_json(rows);
  }
  return print_box(rows, row_limit);
}

}  // namespace claimlake::app
