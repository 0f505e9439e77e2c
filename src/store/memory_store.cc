#include "store/memory_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "store/path.h"
#include "store/system_error.h"

namespace claimlake::store {
namespace {

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

// The start of every path in `folder`.
std::string prefix_of(std::string_view folder) {
  return folder.empty() ? std::string() : fmt::format("{}/", folder);
}

class MemoryReader final : public Reader {
 public:
  MemoryReader(std::shared_ptr<const std::string> bytes, std::string path)
      : bytes_(std::move(bytes)), path_(std::move(path)) {}

  std::int64_t size() const override { return static_cast<std::int64_t>(bytes_->size()); }

  Done read(std::int64_t offset, std::span<char> out) const override {
    const auto length = static_cast<std::int64_t>(out.size());
    if (offset < 0 || length > size() || offset > size() - length) {
      return Error{Fault::kInvalidInput,
                   fmt::format("cannot read {} bytes at {} of '{}': it has {} bytes", length,
                               offset, path_, size())};
    }
    bytes_->copy(out.data(), out.size(), static_cast<std::size_t>(offset));
    return done();
  }

 private:
  const std::shared_ptr<const std::string> bytes_;
  const std::string path_;
};

class MemoryWriter final : public Writer {
 public:
  MemoryWriter(Store& store, std::string path) : store_(store), path_(std::move(path)) {}

  Done append(std::string_view bytes) override {
    CHECK(!finished_, "append() after finish()");
    bytes_.append(bytes);
    return done();
  }

  Done finish() override {
    CHECK(!finished_, "finish() called twice");
    finished_ = true;
    return store_.put(path_, bytes_);
  }

 private:
  Store& store_;  // outlives this: the store outlives its writers
  const std::string path_;
  std::string bytes_;
  bool finished_ = false;
};

}  // namespace

MemoryStore::MemoryStore() : MemoryStore(system_clock()) {}

ObjectInfo MemoryStore::to_info(const Objects::value_type& object) {
  return {object.first, static_cast<std::int64_t>(object.second.bytes->size()),
          object.second.modified_at};
}

Result<MemoryStore::Object> MemoryStore::find(std::string_view path) const {
  TRY_DONE(check_path(path));
  return objects_.with([&](const Objects& objects) -> Result<Object> {
    const auto found = objects.find(path);
    if (found == objects.end()) return system_error("read", path, root(), ENOENT);
    return found->second;
  });
}

void MemoryStore::set(Objects& objects, std::string_view path, std::string_view bytes) const {
  objects.insert_or_assign(std::string(path),
                           Object{std::make_shared<const std::string>(bytes), clock_.now()});
}

Result<ObjectInfo> MemoryStore::head(std::string_view path) const {
  TRY(Object object, find(path));
  return to_info({std::string(path), std::move(object)});
}

Result<std::string> MemoryStore::read(std::string_view path) const {
  TRY(const Object object, find(path));
  return *object.bytes;
}

Result<std::unique_ptr<Reader>> MemoryStore::open(std::string_view path) const {
  TRY(Object object, find(path));
  return std::unique_ptr<Reader>(
      std::make_unique<MemoryReader>(std::move(object.bytes), std::string(path)));
}

Result<std::vector<ObjectInfo>> MemoryStore::list(std::string_view folder,
                                                  std::string_view start_name) const {
  TRY_DONE(check_folder(folder));
  const std::string prefix = prefix_of(folder);
  std::vector<ObjectInfo> found;
  objects_.with([&](const Objects& objects) {
    auto at = objects.lower_bound(prefix + std::string(start_name));
    while (at != objects.end() && at->first.starts_with(prefix)) {
      const std::size_t slash = at->first.find('/', prefix.size());
      if (slash == std::string::npos) {
        found.push_back(to_info(*at));
        ++at;
      } else {
        // Past the whole folder: '0' is the byte after '/'.
        at = objects.lower_bound(at->first.substr(0, slash) + '0');
      }
    }
  });
  return found;
}

Result<std::vector<ObjectInfo>> MemoryStore::list_all(std::string_view folder) const {
  TRY_DONE(check_folder(folder));
  const std::string prefix = prefix_of(folder);
  std::vector<ObjectInfo> found;
  objects_.with([&](const Objects& objects) {
    for (auto at = objects.lower_bound(prefix);
         at != objects.end() && at->first.starts_with(prefix); ++at) {
      found.push_back(to_info(*at));
    }
  });
  return found;
}

Result<std::vector<std::string>> MemoryStore::list_folders(std::string_view folder) const {
  TRY_DONE(check_folder(folder));
  const std::string prefix = prefix_of(folder);
  std::vector<std::string> names;
  objects_.with([&](const Objects& objects) {
    auto at = objects.lower_bound(prefix);
    while (at != objects.end() && at->first.starts_with(prefix)) {
      const std::size_t slash = at->first.find('/', prefix.size());
      if (slash == std::string::npos) {
        ++at;
      } else {
        names.push_back(at->first.substr(prefix.size(), slash - prefix.size()));
        at = objects.lower_bound(at->first.substr(0, slash) + '0');
      }
    }
  });
  // "a b/" comes before "a/" among paths, and after it among names.
  std::sort(names.begin(), names.end());
  return names;
}

Result<Put> MemoryStore::put_if_absent(std::string_view path, std::string_view bytes) {
  TRY_DONE(check_path(path));
  return objects_.with([&](Objects& objects) -> Result<Put> {
    if (objects.contains(path)) return Put::kExists;
    set(objects, path, bytes);
    return Put::kDone;
  });
}

Done MemoryStore::put(std::string_view path, std::string_view bytes) {
  TRY_DONE(check_path(path));
  objects_.with([&](Objects& objects) { set(objects, path, bytes); });
  return done();
}

Result<std::unique_ptr<Writer>> MemoryStore::create(std::string_view path) {
  TRY_DONE(check_path(path));
  return std::unique_ptr<Writer>(std::make_unique<MemoryWriter>(*this, std::string(path)));
}

Done MemoryStore::remove(std::string_view path) {
  TRY_DONE(check_path(path));
  return objects_.with([&](Objects& objects) -> Done {
    const auto found = objects.find(path);
    if (found == objects.end()) return system_error("remove", path, root(), ENOENT);
    objects.erase(found);
    return done();
  });
}

}  // namespace claimlake::store
