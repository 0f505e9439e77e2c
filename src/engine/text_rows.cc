#include <cstdlib>

#include "delta/json_writer.h"
#include "engine/rows.h"

namespace claimlake::engine {
namespace {

class TextRows final : public Rows {
 public:
  explicit TextRows(TextTable table) : table_(std::move(table)) {}

  const std::vector<Column>& columns() const override { return table_.columns; }
  Result<bool> next() override {
    const bool first = !given_ && !table_.rows.empty();
    given_ = true;
    return first;
  }
  std::size_t row_count() const override { return table_.rows.size(); }
  bool is_null(std::size_t column, std::size_t row) const override {
    return !table_.rows[row][column].has_value();
  }
  std::string text(std::size_t column, std::size_t row) const override {
    return *table_.rows[row][column];
  }
  std::int64_t integer(std::size_t column, std::size_t row) const override {
    return std::strtoll(table_.rows[row][column]->c_str(), nullptr, 10);
  }
  void json(std::size_t column, std::size_t row, std::string& out) const override {
    const auto& cell = table_.rows[row][column];
    const std::string& type = table_.columns[column].type;
    if (!cell) {
      out += "null";
    } else if (type == "BIGINT" || type == "DOUBLE" || type == "BOOLEAN") {
      out += *cell;
    } else {
      out += delta::json_string(*cell);
    }
  }

 private:
  TextTable table_;
  bool given_ = false;
};

}  // namespace

std::unique_ptr<Rows> rows_of(TextTable table) {
  return std::make_unique<TextRows>(std::move(table));
}

}  // namespace claimlake::engine
