#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "store/store.h"

namespace claimlake::store {

// What was asked of a store since the last reset.
struct StoreCounts {
  std::int64_t heads = 0;
  std::int64_t reads = 0;   // whole objects
  std::int64_t opens = 0;   // readers opened
  std::int64_t lists = 0;   // of all three kinds
  std::int64_t writes = 0;  // put_if_absent, put, and writers finished
  std::int64_t removes = 0;
  std::int64_t bytes_read = 0;  // by whole reads and by readers
  std::int64_t bytes_written = 0;
  std::vector<std::string> opened;  // paths read or opened, in order, repeated if repeated
};

// Passes everything on to `inner` and counts it. For tests and measurements that must see which
// files were touched. Thread-safe.
class CountingStore final : public Store {
 public:
  explicit CountingStore(Store& inner) : inner_(inner) {}  // `inner` outlives this

  StoreCounts counts() const;
  void reset();

  Result<ObjectInfo> head(std::string_view path) const override;
  Result<std::string> read(std::string_view path) const override;
  Result<std::unique_ptr<Reader>> open(std::string_view path) const override;
  Result<std::vector<ObjectInfo>> list(std::string_view folder,
                                       std::string_view start_name = {}) const override;
  Result<std::vector<ObjectInfo>> list_all(std::string_view folder) const override;
  Result<std::vector<std::string>> list_folders(std::string_view folder) const override;
  Result<Put> put_if_absent(std::string_view path, std::string_view bytes) override;
  void put_aside(std::string_view path, std::string_view bytes) override {
    inner_.put_aside(path, bytes);  // costs too little to be counted
  }
  Done put(std::string_view path, std::string_view bytes) override;
  Result<std::unique_ptr<Writer>> create(std::string_view path) override;
  Done remove(std::string_view path) override;
  bool distant() const override { return inner_.distant(); }
  std::string root() const override { return inner_.root(); }

 private:
  using Counts = std::shared_ptr<Guarded<StoreCounts>>;
  void add(std::int64_t StoreCounts::*what, std::int64_t amount = 1) const;

  Store& inner_;
  const Counts counts_ = std::make_shared<Guarded<StoreCounts>>();  // shared with open readers
};

}  // namespace claimlake::store
