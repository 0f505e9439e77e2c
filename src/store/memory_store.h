#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/guarded.h"
#include "store/store.h"

namespace claimlake::store {

// A store in this process's memory, for tests and simulation. It behaves as the local store does.
class MemoryStore final : public Store {
 public:
  // Times of objects come from `clock`, which outlives this.
  explicit MemoryStore(const Clock& clock) : clock_(clock) {}
  // Times of objects come from the machine's clock.
  MemoryStore();

  Result<ObjectInfo> head(std::string_view path) const override;
  Result<std::string> read(std::string_view path) const override;
  Result<std::unique_ptr<Reader>> open(std::string_view path) const override;
  Result<std::vector<ObjectInfo>> list(std::string_view folder,
                                       std::string_view start_name = {}) const override;
  Result<std::vector<ObjectInfo>> list_all(std::string_view folder) const override;
  Result<std::vector<std::string>> list_folders(std::string_view folder) const override;
  Result<Put> put_if_absent(std::string_view path, std::string_view bytes) override;
  void put_aside(std::string_view path, std::string_view bytes) override {
    (void)put_if_absent(path, bytes);
  }
  Done put(std::string_view path, std::string_view bytes) override;
  Result<std::unique_ptr<Writer>> create(std::string_view path) override;
  Done remove(std::string_view path) override;
  std::string root() const override { return "memory:"; }

 private:
  struct Object {
    std::shared_ptr<const std::string> bytes;  // shared with the readers that are open
    Timestamp modified_at;
  };
  using Objects = std::map<std::string, Object, std::less<>>;

  static ObjectInfo to_info(const Objects::value_type& object);
  Result<Object> find(std::string_view path) const;
  void set(Objects& objects, std::string_view path, std::string_view bytes) const;

  const Clock& clock_;
  Guarded<Objects> objects_;
};

}  // namespace claimlake::store
