#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bronze/raw_source.h"

namespace claimlake::bronze {

// Memory for texts that are not in the file as they are: unescaped ones. Given back all at once.
class TextArena {
 public:
  char* allocate(std::size_t bytes);
  std::string_view keep(std::string_view text);
  // Forgets all texts; the first chunk is used again.
  void clear();

 private:
  static constexpr std::size_t kChunkBytes = 64 << 10;
  std::vector<std::unique_ptr<char[]>> chunks_;
  std::size_t used_ = 0;  // of the last chunk
  std::size_t size_ = 0;  // of the last chunk
};

// Puts the fields of records into the columns of a batch, rescues what does not fit, and fills in
// where each row comes from. Texts that are given must stay valid until the next begin().
// One thread at a time.
class RawRows {
 public:
  // `schema` and `input` outlive this.
  RawRows(const RawSchema& schema, const RawInput& input);

  // Starts to fill `batch` from its first row; texts of the batch before are gone.
  void begin(engine::Batch& batch);
  bool full() const { return row_ == engine::kBatchRows; }
  std::size_t count() const { return row_; }
  TextArena& arena() { return arena_; }

  // The fields of one row, in any order; a second value for a column replaces the first.
  // `raw_json` is the value as JSON text for _rescued_data; empty: made from `text`.
  void set_text(std::size_t column, std::string_view text, std::string_view raw_json = {}) {
    seen_[column] = serial_;
    const Target& target = targets_[column];
    if (target.type != RawType::kText) return convert(column, text, raw_json);
    if (target.text == nullptr) return;
    target.text[row_] = text;
    target.null[row_] = 0;
  }
  // A bare JSON number: a text column keeps it as it is written.
  void set_number(std::size_t column, std::string_view text) { set_text(column, text, text); }
  void set_bool(std::size_t column, bool value);
  void set_null(std::size_t column);
  // Something that no column can hold: an object, an array, a field that is not declared.
  void rescue(std::string_view name, std::string_view raw_json);
  void rescue_text(std::string_view name, std::string_view text);
  void reject(std::size_t column, std::string_view raw_json);

  bool has(std::size_t column) const { return seen_[column] == serial_; }
  // Ends the row: columns that were not set are null.
  void end_row(std::int64_t position);
  // Takes back all that was set since the last end_row().
  void drop_row();

 private:
  struct Target {
    RawType type;
    std::uint8_t* null;  // null pointer: the column is not wanted
    std::string_view* text;
    std::uint8_t* bools;
    std::int32_t* ints;
    std::int64_t* longs;
  };
  void convert(std::size_t column, std::string_view text, std::string_view raw_json);
  bool store(const Target& target, const RawColumn& column, std::string_view text);
  void set_origin(const engine::Batch& batch);

  const RawSchema& schema_;
  const RawInput& input_;
  std::vector<Target> targets_;        // by declared column
  std::vector<std::uint64_t> seen_;    // by declared column: the row that set it last
  std::uint64_t serial_ = 1;           // of the row that is filled
  std::int64_t* positions_ = nullptr;  // null: not wanted
  std::string_view* rescued_ = nullptr;
  std::uint8_t* rescued_null_ = nullptr;
  std::size_t row_ = 0;
  std::string rescue_;  // of the row that is filled, without the closing brace
  TextArena arena_;
};

// The columns of the relation: those of `schema`, then the five that say where a row comes from.
std::vector<engine::SourceColumn> relation_columns(const RawSchema& schema);

}  // namespace claimlake::bronze
