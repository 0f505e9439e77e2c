#pragma once

#include <string>
#include <string_view>

#include "datagen/rows.h"

namespace claimlake::datagen {

// One line of a raw file, changed field by field. Used for the few rows that are not written
// straight from the book: defects and other versions. Knows only what the generator itself writes:
// CSV without quotes, and flat JSON without escapes.
class RowText {
 public:
  // `line` with its end.
  RowText(RawTable table, std::string_view line);

  std::string_view get(std::string_view column) const;
  // For claims `value` is JSON text, so texts come with their quotes.
  void set(std::string_view column, std::string_view value);
  // Sets a text, in quotes where the file is JSON.
  void set_text(std::string_view column, std::string_view value);
  // Removes the last field (CSV).
  void drop_last_field();
  // Adds a field at the end (JSON).
  void add_field(std::string_view name, std::string_view value);
  // Keeps the first half of the record (JSON).
  void break_off();
  // The business key: the first column, without quotes; empty where it is missing.
  std::string_view key() const;
  const std::string& line() const { return line_; }

 private:
  struct Place {
    std::size_t from, length;
  };
  Place find(std::string_view column) const;

  RawTable table_;
  std::string line_;
};

}  // namespace claimlake::datagen
