#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace claimlake::delta {

// A set of positions of rows in one file, kept compressed (Roaring bitmaps of 32 bits, by the upper
// half of the position). Copies are deep. Reading is thread-safe.
class RowSet {
 public:
  RowSet();
  RowSet(const RowSet& other);
  RowSet(RowSet&&) noexcept;
  RowSet& operator=(RowSet other) noexcept;
  ~RowSet();

  void add(std::uint64_t row);
  // Adds `first`, first + 1, ... `count` rows.
  void add_range(std::uint64_t first, std::uint64_t count);
  // Adds all rows of `other`.
  void add_all(const RowSet& other);
  // Takes away all rows of `other`.
  void remove_all(const RowSet& other);

  bool contains(std::uint64_t row) const;
  std::uint64_t size() const;
  bool empty() const { return size() == 0; }
  bool operator==(const RowSet& other) const;
  // Sets marked[i] to whether row first + i is in the set; the other way round for none. Faster
  // than asking for each row.
  void mark(std::uint64_t first, std::span<bool> marked) const;
  void for_each(const std::function<void(std::uint64_t)>& use) const;  // ascending

  // The bytes of a deletion vector (docs/formats/deletion_vector.md), magic number first.
  std::string serialize() const;
  // Takes any bytes. Errors: kCorrupt, saying what is wrong with them.
  static Result<RowSet> parse(std::string_view bytes);

 private:
  struct Bitmaps;
  std::unique_ptr<Bitmaps> bitmaps_;
};

}  // namespace claimlake::delta
