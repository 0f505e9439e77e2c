#include "bronze/raw_rows.h"

#include <algorithm>
#include <cstring>

#include "bronze/raw_values.h"

namespace claimlake::bronze {
namespace {

// Behind the declared columns, in the order of docs/formats/model.md.
enum OriginColumn { kIngestedAt, kSourceFile, kBatchId, kPosition, kRescued, kOriginColumns };

template <class T>
void fill(const engine::BatchColumn& column, T* values, const T& value) {
  if (column.wanted) std::fill_n(values, engine::kBatchRows, value);
}

}  // namespace

engine::SourceType source_type(const RawColumn& column) {
  switch (column.type) {
    case RawType::kBool:
      return engine::SourceType::kBool;
    case RawType::kInteger:
      return engine::SourceType::kInteger;
    case RawType::kLong:
      return engine::SourceType::kLong;
    case RawType::kTimestamp:
      return engine::SourceType::kTimestamp;
    case RawType::kDecimal:
      return column.scale == 2 && column.precision <= 18 ? engine::SourceType::kDecimal2
                                                         : engine::SourceType::kText;
    case RawType::kText:
    case RawType::kDouble:
    case RawType::kDate:
      return engine::SourceType::kText;
  }
  return engine::SourceType::kText;
}

std::vector<engine::SourceColumn> relation_columns(const RawSchema& schema) {
  std::vector<engine::SourceColumn> columns;
  for (const RawColumn& column : schema.columns) {
    columns.push_back({column.name, source_type(column)});
  }
  columns.push_back({"_ingestion_timestamp", engine::SourceType::kTimestamp});
  columns.push_back({"_source_file", engine::SourceType::kText});
  columns.push_back({"_batch_id", engine::SourceType::kText});
  columns.push_back({"_source_position", engine::SourceType::kLong});
  columns.push_back({"_rescued_data", engine::SourceType::kText});
  return columns;
}

char* TextArena::allocate(std::size_t bytes) {
  if (used_ + bytes > size_) {
    size_ = std::max(kChunkBytes, bytes);
    chunks_.push_back(std::make_unique<char[]>(size_));
    used_ = 0;
  }
  used_ += bytes;
  return chunks_.back().get() + used_ - bytes;
}

std::string_view TextArena::keep(std::string_view text) {
  if (text.empty()) return {};
  char* copy = allocate(text.size());
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

void TextArena::clear() {
  if (chunks_.size() > 1 || size_ > kChunkBytes) {
    chunks_.clear();
    size_ = 0;
  }
  used_ = 0;
}

RawRows::RawRows(const RawSchema& schema, const RawInput& input)
    : schema_(schema), input_(input), seen_(schema.columns.size()) {}

void RawRows::begin(engine::Batch& batch) {
  const std::size_t count = schema_.columns.size();
  CHECK(batch.columns.size() == count + kOriginColumns, "the batch has the relation's columns");
  arena_.clear();
  row_ = 0;
  targets_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const engine::BatchColumn& column = batch.columns[i];
    targets_[i] =
        column.wanted
            ? Target{schema_.columns[i].type,
                     column.null,
                     column.text,
                     column.bools,
                     column.ints,
                     column.longs}
            : Target{schema_.columns[i].type, nullptr, nullptr, nullptr, nullptr, nullptr};
  }
  set_origin(batch);
}

void RawRows::set_origin(const engine::Batch& batch) {
  const auto* origin = &batch.columns[schema_.columns.size()];
  fill(origin[kIngestedAt], origin[kIngestedAt].longs,
       static_cast<std::int64_t>(input_.ingested_at.time_since_epoch().count()));
  fill(origin[kSourceFile], origin[kSourceFile].text, std::string_view(input_.source_file));
  fill(origin[kBatchId], origin[kBatchId].text, std::string_view(input_.batch_id));
  positions_ = origin[kPosition].wanted ? origin[kPosition].longs : nullptr;
  rescued_ = origin[kRescued].wanted ? origin[kRescued].text : nullptr;
  rescued_null_ = origin[kRescued].wanted ? origin[kRescued].null : nullptr;
}

bool RawRows::store(const Target& target, const RawColumn& column, std::string_view text) {
  const auto put = [&](const auto& value, auto* values) {
    if (value && target.null != nullptr) values[row_] = *value;
    return value.has_value();
  };
  const auto put_text = [&](bool fits) {
    if (fits && target.text != nullptr) target.text[row_] = text;
    return fits;
  };
  switch (target.type) {
    case RawType::kText:
      return put_text(true);
    case RawType::kBool:
      return put(parse_bool(text), target.bools);
    case RawType::kInteger:
      return put(parse_integer(text), target.ints);
    case RawType::kLong:
      return put(parse_long(text), target.longs);
    case RawType::kDouble:
      return put_text(fits_double(text));
    case RawType::kDate:
      return put_text(parse_date(text).has_value());
    case RawType::kDecimal:
      if (source_type(column) == engine::SourceType::kText) {
        return put_text(fits_decimal(text, column.precision, column.scale));
      }
      return put(parse_decimal(text, column.precision, column.scale), target.longs);
    case RawType::kTimestamp: {
      const auto time = parse_timestamp(text);
      if (time && target.null != nullptr) target.longs[row_] = time->time_since_epoch().count();
      return time.has_value();
    }
  }
  return false;
}

void RawRows::convert(std::size_t column, std::string_view text, std::string_view raw_json) {
  const Target& target = targets_[column];
  const RawColumn& declared = schema_.columns[column];
  if (store(target, declared, text)) {
    if (target.null != nullptr) target.null[row_] = 0;
  } else if (raw_json.empty()) {
    set_null(column);
    rescue_text(declared.name, text);
  } else {
    reject(column, raw_json);
  }
}

void RawRows::set_bool(std::size_t column, bool value) {
  const std::string_view text = value ? std::string_view("true") : std::string_view("false");
  if (targets_[column].type == RawType::kBool || targets_[column].type == RawType::kText) {
    set_text(column, text, text);
  } else {
    reject(column, text);
  }
}

void RawRows::set_null(std::size_t column) {
  seen_[column] = serial_;
  if (targets_[column].null != nullptr) targets_[column].null[row_] = 1;
}

void RawRows::reject(std::size_t column, std::string_view raw_json) {
  set_null(column);
  rescue(schema_.columns[column].name, raw_json);
}

void RawRows::rescue(std::string_view name, std::string_view raw_json) {
  rescue_ += rescue_.empty() ? '{' : ',';
  append_json_string(name, rescue_);
  rescue_ += ':';
  rescue_ += raw_json;
}

void RawRows::rescue_text(std::string_view name, std::string_view text) {
  std::string quoted;
  append_json_string(text, quoted);
  rescue(name, quoted);
}

void RawRows::end_row(std::int64_t position) {
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    if (seen_[i] != serial_ && targets_[i].null != nullptr) targets_[i].null[row_] = 1;
  }
  if (positions_ != nullptr) positions_[row_] = position;
  if (!rescue_.empty()) rescue_ += '}';
  if (rescued_ != nullptr) {
    rescued_[row_] = arena_.keep(rescue_);
    rescued_null_[row_] = rescue_.empty();
  }
  rescue_.clear();
  ++serial_;
  ++row_;
}

void RawRows::drop_row() {
  for (const Target& target : targets_) {
    if (target.null != nullptr) target.null[row_] = 0;
  }
  rescue_.clear();
  ++serial_;
}

}  // namespace claimlake::bronze
