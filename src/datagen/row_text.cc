#include "datagen/row_text.h"

#include <algorithm>

#include "base/check.h"

namespace claimlake::datagen {
namespace {

std::size_t column_index(RawTable table, std::string_view column) {
  const std::string_view names = header(table);
  std::size_t index = 0;
  std::size_t from = 0;
  while (from < names.size()) {
    const std::size_t end = names.find_first_of(",\r", from);
    if (names.substr(from, end - from) == column) return index;
    from = end + 1;
    ++index;
  }
  CHECK(false, "no such column in the header");
}

}  // namespace

RowText::RowText(RawTable table, std::string_view line) : table_(table), line_(line) {}

RowText::Place RowText::find(std::string_view column) const {
  if (table_ == RawTable::kClaims) {
    const std::string name = '"' + std::string(column) + "\":";
    const std::size_t at = line_.find(name);
    CHECK(at != std::string::npos, "no such field in the object");
    const std::size_t from = at + name.size();
    const std::size_t end = std::min(line_.find(",\"", from), line_.find("}\n", from));
    return {from, end - from};
  }
  std::size_t from = 0;
  for (std::size_t i = column_index(table_, column); i > 0; --i) from = line_.find(',', from) + 1;
  return {from, line_.find_first_of(",\r", from) - from};
}

std::string_view RowText::get(std::string_view column) const {
  const Place place = find(column);
  return std::string_view(line_).substr(place.from, place.length);
}

void RowText::set(std::string_view column, std::string_view value) {
  const Place place = find(column);
  line_.replace(place.from, place.length, value);
}

void RowText::set_text(std::string_view column, std::string_view value) {
  if (table_ == RawTable::kClaims) {
    set(column, '"' + std::string(value) + '"');
  } else {
    set(column, value);
  }
}

void RowText::drop_last_field() { line_.replace(line_.rfind(','), std::string::npos, "\r\n"); }

void RowText::add_field(std::string_view name, std::string_view value) {
  line_.insert(line_.rfind('}'), ",\"" + std::string(name) + "\":\"" + std::string(value) + '"');
}

void RowText::break_off() { line_.replace(line_.size() / 2, std::string::npos, "\n"); }

std::string_view RowText::key() const {
  if (table_ != RawTable::kClaims) return std::string_view(line_).substr(0, line_.find(','));
  const std::string_view value = get("claim_id");
  return value == "null" ? std::string_view() : value.substr(1, value.size() - 2);
}

}  // namespace claimlake::datagen
