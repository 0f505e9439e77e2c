#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "store/courier.h"
#include "store/store.h"

namespace claimlake::store {

// A store in a bucket of S3 or a container of Azure; what differs between them is in the
// ObjectService. Before its first change it makes sure that the service puts only if absent when it
// is asked to, and refuses to change anything otherwise: two writers could then replace each
// other's commits. docs/reference/stores.md
class ObjectStore final : public Store {
 public:
  // Objects lie below the folder `prefix` of the bucket ("": in the bucket itself). `root` names it
  // for people.
  ObjectStore(std::shared_ptr<const Courier> courier, std::string root, const std::string& prefix);

  RequestCounts requests() const { return courier_->counts(); }

  Result<ObjectInfo> head(std::string_view path) const override;
  Result<std::string> read(std::string_view path) const override;
  Result<std::unique_ptr<Reader>> open(std::string_view path) const override;
  Result<std::vector<ObjectInfo>> list(std::string_view folder,
                                       std::string_view start_name = {}) const override;
  Result<std::vector<ObjectInfo>> list_all(std::string_view folder) const override;
  Result<std::vector<std::string>> list_folders(std::string_view folder) const override;
  Result<Put> put_if_absent(std::string_view path, std::string_view bytes) override;
  Done put(std::string_view path, std::string_view bytes) override;
  Result<std::unique_ptr<Writer>> create(std::string_view path) override;
  Done remove(std::string_view path) override;
  bool distant() const override { return true; }
  std::string root() const override { return root_; }

 private:
  std::string key_of(std::string_view path) const { return prefix_ + std::string(path); }
  std::string say(std::string_view verb, std::string_view path) const;
  Error not_found(std::string_view verb, std::string_view path) const;
  Result<Listing> list_pages(ListRequest request, std::string_view folder) const;
  // What is directly in `folder`, or in it and below.
  Result<Listing> list_folder(std::string_view folder, bool one_folder,
                              std::string_view start_name) const;
  Result<Put> put_if_absent_unchecked(const std::string& key, std::string_view bytes,
                                      const std::string& what);
  Done probe();
  // Probes once; afterwards the answer is known.
  Done check_writable();

  const std::shared_ptr<const Courier> courier_;  // shared with the readers that are open
  const std::string root_;
  const std::string prefix_;  // of keys; "" or ends with '/'
  std::mutex probing_;
  bool writable_ = false;              // under probing_
  std::optional<Error> not_writable_;  // under probing_
};

}  // namespace claimlake::store
