#pragma once

#include <duckdb/common/types/vector.hpp>
#include <vector>

#include "delta/parquet_io.h"
#include "delta/stats_texts.h"

namespace claimlake::engine {

// The columns stats_parsed and partitionValues_parsed of a checkpoint's files. Values are collected
// as texts and cast a chunk at a time; one that is no value of its column's type becomes null, for
// it is in the texts that the truth stands.
class CheckpointStats {
 public:
  explicit CheckpointStats(const delta::TypedColumns& columns);

  // Structs, to stand behind the other fields of `add`; of no partition column there is none.
  duckdb::child_list_t<duckdb::LogicalType> fields() const;

  // Takes the file of `row`; the vectors are those of fields(), in their order, from `first` on.
  using Vectors = duckdb::vector<duckdb::unique_ptr<duckdb::Vector>>;
  void put(const delta::AddFile& file, Vectors& vectors, std::size_t first, std::size_t row);
  // Writes what was taken since the last call into the vectors.
  void finish(Vectors& vectors, std::size_t first, std::size_t rows);

 private:
  // A column without fields: its number among the statistics, its way down from the struct that
  // holds it, and its values as texts until they are cast.
  struct Leaf {
    std::size_t number = 0;
    std::vector<std::size_t> path;
    duckdb::LogicalType type;
    duckdb::Vector texts{duckdb::LogicalType::VARCHAR};
  };
  using Leaves = std::vector<Leaf>;

  static duckdb::LogicalType struct_of(const delta::StructType& type, bool counts, Leaves& leaves,
                                       std::vector<std::size_t>& path, std::size_t& number);
  static duckdb::Vector& at(duckdb::Vector& top, const std::vector<std::size_t>& path);
  static void put_text(Leaf& leaf, std::size_t row, const std::optional<std::string>& text);
  static void cast(Leaves& leaves, duckdb::Vector& top, std::size_t rows);

  delta::StatsTexts texts_;
  duckdb::LogicalType bounds_type_;
  duckdb::LogicalType counts_type_;
  duckdb::LogicalType partitions_type_;
  std::vector<std::string> partition_names_;
  Leaves min_;
  Leaves max_;
  Leaves counts_;
  Leaves partitions_;
};

}  // namespace claimlake::engine
