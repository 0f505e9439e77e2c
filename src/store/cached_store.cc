#include "store/cached_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "store/cache_folder.h"

namespace claimlake::store {
namespace {

// What a file of the cache holds: as much as a small read over a network brings anyhow.
constexpr std::int64_t kBlockBytes = 256 * 1024;

// Part of one object, of which no more is asked than is not kept yet.
class CachedReader final : public Reader {
 public:
  CachedReader(const Store& inner, std::shared_ptr<CacheFolder> cache, std::string path,
               std::int64_t size, std::unique_ptr<Reader> opened)
      : inner_(inner),
        cache_(std::move(cache)),
        path_(std::move(path)),
        size_(size),
        opened_(std::move(opened)) {}

  std::int64_t size() const override { return size_; }

  Done read(std::int64_t offset, std::span<char> out) const override {
    const auto count = static_cast<std::int64_t>(out.size());
    if (offset < 0 || offset > size_ || count > size_ - offset) {
      return Error{Fault::kInvalidInput,
                   fmt::format("cannot read '{}/{}': {} bytes from {} on are not in its {} bytes",
                               inner_.root(), path_, count, offset, size_)};
    }
    std::int64_t block = offset / kBlockBytes;
    const std::int64_t end = (offset + count + kBlockBytes - 1) / kBlockBytes;
    while (block < end) {
      if (copy_kept(block, offset, out)) {
        ++block;
        continue;
      }
      // All that is missing from here on comes with one request.
      std::int64_t missing_end = block + 1;
      while (missing_end < end && !copy_kept(missing_end, offset, out)) ++missing_end;
      TRY_DONE(fetch(block, missing_end, offset, out));
      block = missing_end + 1;  // the one at missing_end was kept, and is copied
    }
    return done();
  }

 private:
  std::string key_of(std::int64_t block) const {
    return fmt::format("{}/{}#{}", inner_.root(), path_, block);
  }

  // Copies what `out`, which begins at `offset` of the object, has of the bytes of `block`.
  static void copy(std::int64_t block, std::string_view bytes, std::int64_t offset,
                   std::span<char> out) {
    const std::int64_t first = block * kBlockBytes;
    const std::int64_t from = std::max(first, offset);
    const std::int64_t to = std::min(first + static_cast<std::int64_t>(bytes.size()),
                                     offset + static_cast<std::int64_t>(out.size()));
    if (from >= to) return;
    std::memcpy(out.data() + (from - offset), bytes.data() + (from - first),
                static_cast<std::size_t>(to - from));
  }

  bool copy_kept(std::int64_t block, std::int64_t offset, std::span<char> out) const {
    const auto kept = cache_->get(key_of(block));
    const std::int64_t bytes = std::min(kBlockBytes, size_ - block * kBlockBytes);
    if (!kept || static_cast<std::int64_t>(kept->size()) != bytes) return false;
    copy(block, *kept, offset, out);
    return true;
  }

  Done fetch(std::int64_t block, std::int64_t end, std::int64_t offset, std::span<char> out) const {
    TRY(const std::shared_ptr<const Reader> reader, opened());
    const std::int64_t first = block * kBlockBytes;
    const std::int64_t last = std::min(end * kBlockBytes, size_);
    std::string bytes(static_cast<std::size_t>(last - first), '\0');
    TRY_DONE(reader->read(first, bytes));
    for (; block < end; ++block) {
      const std::string_view part = std::string_view(bytes).substr(
          static_cast<std::size_t>(block * kBlockBytes - first), kBlockBytes);
      copy(block, part, offset, out);
      cache_->put(key_of(block), part);
    }
    return done();
  }

  // The object itself is opened when something of it is missing.
  Result<std::shared_ptr<const Reader>> opened() const {
    const auto known = opened_.with([](const auto& reader) { return reader; });
    if (known) return known;
    TRY(std::shared_ptr<const Reader> reader, inner_.open(path_));
    if (reader->size() != size_) {
      return Error{
          Fault::kCorrupt,
          fmt::format("'{}/{}' has {} bytes now and had {}, although it has a name that is "
                      "used once",
                      inner_.root(), path_, reader->size(), size_),
          "", "delete the read cache, and find out who replaces files of the lake"};
    }
    opened_.with([&](auto& shared) { shared = reader; });
    return reader;
  }

  const Store& inner_;
  const std::shared_ptr<CacheFolder> cache_;
  const std::string path_;
  const std::int64_t size_;
  mutable Guarded<std::shared_ptr<const Reader>> opened_;
};

class CachedStore final : public Store {
 public:
  CachedStore(std::unique_ptr<Store> inner, std::shared_ptr<CacheFolder> cache)
      : inner_(std::move(inner)), cache_(std::move(cache)) {}

  Result<ObjectInfo> head(std::string_view path) const override { return inner_->head(path); }

  Result<std::string> read(std::string_view path) const override {
    if (!never_changes(path)) return inner_->read(path);
    TRY(const auto reader, open(path));
    std::string bytes(static_cast<std::size_t>(reader->size()), '\0');
    TRY_DONE(reader->read(0, bytes));
    return bytes;
  }

  Result<std::unique_ptr<Reader>> open(std::string_view path) const override {
    if (!never_changes(path)) return inner_->open(path);
    const std::string key = fmt::format("{}/{}#size", inner_->root(), path);
    std::int64_t size = -1;
    if (const auto kept = cache_->get(key)) size = whole_number(*kept).value_or(-1);
    std::unique_ptr<Reader> opened;
    if (size < 0) {
      TRY(opened, inner_->open(path));
      size = opened->size();
      cache_->put(key, std::to_string(size));
    }
    return std::unique_ptr<Reader>(std::make_unique<CachedReader>(
        *inner_, cache_, std::string(path), size, std::move(opened)));
  }

  Result<std::vector<ObjectInfo>> list(std::string_view folder,
                                       std::string_view start_name) const override {
    return inner_->list(folder, start_name);
  }
  Result<std::vector<ObjectInfo>> list_all(std::string_view folder) const override {
    return inner_->list_all(folder);
  }
  Result<std::vector<std::string>> list_folders(std::string_view folder) const override {
    return inner_->list_folders(folder);
  }
  Result<Put> put_if_absent(std::string_view path, std::string_view bytes) override {
    return inner_->put_if_absent(path, bytes);
  }
  Done put(std::string_view path, std::string_view bytes) override {
    return inner_->put(path, bytes);
  }
  Result<std::unique_ptr<Writer>> create(std::string_view path) override {
    return inner_->create(path);
  }
  Done remove(std::string_view path) override { return inner_->remove(path); }
  bool distant() const override { return inner_->distant(); }
  std::string root() const override { return inner_->root(); }

 private:
  const std::unique_ptr<Store> inner_;
  const std::shared_ptr<CacheFolder> cache_;  // shared with the readers that are open
};

// "12345678-1234-..." at the front of `text`.
bool begins_with_uuid(std::string_view text) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (text.size() < kForm.size()) return false;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const char c = text[i];
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (kForm[i] == '-' ? c != '-' : !digit) return false;
  }
  return true;
}

}  // namespace

bool never_changes(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (begins_with_uuid(name.substr(i))) return true;
  }
  return false;
}

Result<std::unique_ptr<Store>> make_cached_store(std::unique_ptr<Store> inner, std::string folder,
                                                 std::int64_t bytes_max) {
  TRY(auto cache, CacheFolder::open(std::move(folder), bytes_max));
  return std::unique_ptr<Store>(
      std::make_unique<CachedStore>(std::move(inner), std::shared_ptr(std::move(cache))));
}

}  // namespace claimlake::store
