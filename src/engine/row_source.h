#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace claimlake::engine {

// Types that a row source can hand to the engine.
enum class SourceType {
  kText,       // std::string_view, UTF-8
  kBool,       // std::uint8_t
  kInteger,    // std::int32_t
  kLong,       // std::int64_t
  kDecimal2,   // std::int64_t, DECIMAL(18,2) as hundredths
  kTimestamp,  // std::int64_t, microseconds since 1970 UTC, TIMESTAMP WITH TIME ZONE
};

struct SourceColumn {
  std::string name;
  SourceType type;
};

inline constexpr std::size_t kBatchRows = 2048;

// One column of a batch: arrays of kBatchRows entries that belong to the engine.
struct BatchColumn {
  std::string_view* text = nullptr;  // kText: must stay valid until the next call
  std::uint8_t* bools = nullptr;     // kBool
  std::int32_t* ints = nullptr;      // kInteger
  std::int64_t* longs = nullptr;     // kLong, kDecimal2, kTimestamp
  std::uint8_t* null = nullptr;      // 1 = null; all 0 when the call starts
  bool wanted = true;                // false: the query does not read it, leave it alone
};

struct Batch {
  std::vector<BatchColumn> columns;  // in the order of RowSource::columns()
  std::size_t rows = 0;              // set by next()
};

// Reads one part of a source from front to back. One thread at a time.
class PartScan {
 public:
  virtual ~PartScan() = default;
  // Fills up to kBatchRows rows; zero rows is the end.
  virtual Result<std::monostate> next(Batch& batch) = 0;
};

// Rows from our own code that SQL can read as a table, scanned once or often, by several threads.
class RowSource {
 public:
  virtual ~RowSource() = default;
  virtual const std::vector<SourceColumn>& columns() const = 0;
  // Independent parts; the rows of part i come before those of part i+1.
  virtual std::size_t part_count() const = 0;
  virtual Result<std::unique_ptr<PartScan>> scan(std::size_t part) const = 0;
  // For the optimiser and for progress; 0 if not known.
  virtual std::int64_t estimated_rows() const { return 0; }
};

}  // namespace claimlake::engine
