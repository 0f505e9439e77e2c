#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/guarded.h"
#include "bronze/ingest.h"
#include "bronze/raw_files.h"
#include "bronze/raw_source.h"

namespace claimlake::bronze {

// What all rows of a batch have in common.
struct Arrival {
  Timestamp at{};
  std::string batch_id;
};

// The rows of several raw files of one source as one relation, file after file. Files are added
// first, then the rows are read, by any number of threads.
class RawBatch final : public engine::RowSource {
 public:
  // Broken records are kept in memory until the rows are read. A batch with more bytes of them is
  // hardly of the format that its files say.
  static constexpr std::int64_t kBrokenBytesMax = std::int64_t{128} << 20;

  // Scans end with kCancelled once `cancel` is cancelled.
  RawBatch(RawSchema schema, Arrival arrival, Cancel cancel);

  // Errors: kInvalidInput (a header that does not fit, an empty file, an ending that is neither
  // .csv nor .json nor .jsonl), kNotFound, kUnavailable. The file is left out then.
  // `store` outlives this.
  Done add(const store::Store& store, const RawFile& file);

  // The broken records that were met since the last call, by file and position.
  std::vector<BrokenRecord> take_broken();
  // If a scan ended because too much was broken: why, at the name of the file that has most of it.
  std::optional<Error> too_broken() const;

  const std::vector<engine::SourceColumn>& columns() const override;
  std::size_t part_count() const override { return parts_.size(); }
  Result<std::unique_ptr<engine::PartScan>> scan(std::size_t part) const override;
  std::int64_t estimated_rows() const override;

 private:
  struct Part {
    const engine::RowSource* source;
    std::size_t index;
  };
  class Scan;
  struct Broken {
    std::vector<BrokenRecord> records;
    std::map<std::string, std::int64_t> bytes;  // by file
    std::int64_t bytes_left;
  };
  RawSchema schema_;
  Arrival arrival_;
  Cancel cancel_;
  std::vector<std::unique_ptr<engine::RowSource>> files_;
  std::vector<Part> parts_;
  std::shared_ptr<Guarded<Broken>> broken_;
};

// The parser's schema for the declared columns of a source (SQL types).
// Errors: kInvalidInput for a type that raw files cannot hold.
Result<RawSchema> raw_schema(const BronzeSource& source);

}  // namespace claimlake::bronze
