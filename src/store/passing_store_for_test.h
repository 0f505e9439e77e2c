#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/store.h"

namespace claimlake::store {

// Passes everything on to `inner`, for a test's store that does one thing in another way.
class PassingStore : public Store {
 public:
  explicit PassingStore(Store& inner) : inner_(inner) {}  // `inner` outlives this

  Result<ObjectInfo> head(std::string_view path) const override { return inner_.head(path); }
  Result<std::string> read(std::string_view path) const override { return inner_.read(path); }
  Result<std::unique_ptr<Reader>> open(std::string_view path) const override {
    return inner_.open(path);
  }
  Result<std::vector<ObjectInfo>> list(std::string_view folder,
                                       std::string_view start) const override {
    return inner_.list(folder, start);
  }
  Result<std::vector<ObjectInfo>> list_all(std::string_view folder) const override {
    return inner_.list_all(folder);
  }
  Result<std::vector<std::string>> list_folders(std::string_view folder) const override {
    return inner_.list_folders(folder);
  }
  Result<Put> put_if_absent(std::string_view path, std::string_view bytes) override {
    return inner_.put_if_absent(path, bytes);
  }
  void put_aside(std::string_view path, std::string_view bytes) override {
    inner_.put_aside(path, bytes);
  }
  Done put(std::string_view path, std::string_view bytes) override {
    return inner_.put(path, bytes);
  }
  Result<std::unique_ptr<Writer>> create(std::string_view path) override {
    return inner_.create(path);
  }
  Done remove(std::string_view path) override { return inner_.remove(path); }
  bool distant() const override { return inner_.distant(); }
  std::string root() const override { return inner_.root(); }

 protected:
  Store& inner_;
};

}  // namespace claimlake::store
