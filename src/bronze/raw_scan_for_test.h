#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bronze/raw_source.h"

// Reads raw sources into plain values, for tests and fuzz targets.

namespace claimlake::bronze {

// A file in memory.
class TextReader final : public store::Reader {
 public:
  explicit TextReader(std::string bytes) : bytes_(std::move(bytes)) {}
  std::int64_t size() const override { return static_cast<std::int64_t>(bytes_.size()); }
  Done read(std::int64_t offset, std::span<char> out) const override {
    if (offset < 0 || offset + static_cast<std::int64_t>(out.size()) > size()) {
      return Error{Fault::kInvalidInput, "read past the end"};
    }
    std::copy_n(bytes_.begin() + offset, out.size(), out.begin());
    return done();
  }

 private:
  std::string bytes_;
};

inline RawInput raw_input(std::string bytes, std::string name = "customers.csv") {
  return {std::make_shared<TextReader>(std::move(bytes)), std::move(name), "20251222000000",
          Timestamp(std::chrono::microseconds(1'766'361'600'000'000))};
}

// The arrays of a batch, as an engine gives them.
class BatchMemory {
 public:
  explicit BatchMemory(const std::vector<engine::SourceColumn>& columns) : columns_(columns) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      memory_.push_back(std::make_unique_for_overwrite<Column>());
      Column& column = *memory_.back();
      batch_.columns.push_back({column.text, column.bools, column.ints, column.longs, column.null});
    }
  }
  // Ready for the next call.
  engine::Batch& fresh() {
    for (auto& column : memory_) std::fill_n(column->null, engine::kBatchRows, std::uint8_t{0});
    batch_.rows = 0;
    return batch_;
  }
  // The value as text; nothing where it is null.
  std::optional<std::string> value(std::size_t column, std::size_t row) const {
    const Column& values = *memory_[column];
    if (values.null[row] != 0) return std::nullopt;
    switch (columns_[column].type) {
      case engine::SourceType::kText:
        return std::string(values.text[row]);
      case engine::SourceType::kBool:
        return values.bools[row] != 0 ? "true" : "false";
      case engine::SourceType::kInteger:
        return std::to_string(values.ints[row]);
      default:
        return std::to_string(values.longs[row]);
    }
  }

 private:
  struct Column {
    std::string_view text[engine::kBatchRows];
    std::uint8_t bools[engine::kBatchRows];
    std::int32_t ints[engine::kBatchRows];
    std::int64_t longs[engine::kBatchRows];
    std::uint8_t null[engine::kBatchRows];
  };
  const std::vector<engine::SourceColumn>& columns_;
  std::vector<std::unique_ptr<Column>> memory_;
  engine::Batch batch_;
};

// All rows of a source: values by column name, nulls left out.
using ScannedRow = std::map<std::string, std::string, std::less<>>;
struct Scanned {
  std::vector<ScannedRow> rows;
  std::vector<UnreadableRecord> broken;
  std::size_t part_count = 0;
  std::optional<Error> error;
};

using OpenRaw = Result<std::unique_ptr<engine::RowSource>> (*)(const RawSchema&, RawInput,
                                                               RawOptions);

inline Scanned scan_all(OpenRaw open, const RawSchema& schema, RawInput input,
                        RawOptions options = {}) {
  Scanned scanned;
  options.on_broken = [&](UnreadableRecord record) { scanned.broken.push_back(std::move(record)); };
  auto source = open(schema, std::move(input), options);
  if (!source) {
    scanned.error = std::move(source).error();
    return scanned;
  }
  const auto& columns = (*source)->columns();
  scanned.part_count = (*source)->part_count();
  BatchMemory memory(columns);
  for (std::size_t part = 0; part < scanned.part_count; ++part) {
    auto scan = (*source)->scan(part);
    for (;;) {
      engine::Batch& batch = memory.fresh();
      const Done read = (*scan)->next(batch);
      if (!read) {
        scanned.error = read.error();
        return scanned;
      }
      if (batch.rows == 0) break;
      for (std::size_t row = 0; row < batch.rows; ++row) {
        ScannedRow values;
        for (std::size_t i = 0; i < columns.size(); ++i) {
          if (auto value = memory.value(i, row)) values[columns[i].name] = *std::move(value);
        }
        scanned.rows.push_back(std::move(values));
      }
    }
  }
  return scanned;
}

}  // namespace claimlake::bronze
