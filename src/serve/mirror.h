#pragma once

#include <map>
#include <string>
#include <string_view>

#include "engine/engine.h"

namespace claimlake::serve {

// What stands for this version of `table` in a FROM clause.
std::string relation_in_place(std::string_view table, const delta::Snapshot& snapshot);

// Copies of small tables, or of some of their columns, in the memory of one session, each of one
// committed version: reading a few rows of one costs a fraction of opening, unpacking and decoding
// its Parquet file again. A copy is made when a version is first asked for, and dropped when
// another one is. Large tables are read where they are. One thread at a time.
class Mirror {
 public:
  // At scale 1 every Gold and Silver table is below both; together they take some 30 MB.
  static constexpr std::int64_t kRowsMax = 50'000;
  static constexpr std::int64_t kBytesMax = std::int64_t{8} << 20;  // of the Parquet files

  // `session` outlives this.
  explicit Mirror(engine::Session& session) : session_(session) {}

  // Whether tables of this size are copied.
  static bool is_small(const delta::Snapshot& snapshot);

  enum class Copies {
    kMade,  // where there is none yet
    kKept,  // only those that are there
  };
  // What stands for this version of `table` in a FROM clause: its copy, or the table itself.
  // It has these columns, a SELECT list.
  std::string relation(std::string_view table, std::string_view columns,
                       const delta::Snapshot& snapshot, Copies copies);

 private:
  engine::Session& session_;
  std::map<std::string, std::string> copies_;  // by relation: the identity of the version
};

}  // namespace claimlake::serve
