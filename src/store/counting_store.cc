#include "store/counting_store.h"

namespace claimlake::store {
namespace {

using Counts = std::shared_ptr<Guarded<StoreCounts>>;

class CountingReader final : public Reader {
 public:
  CountingReader(std::unique_ptr<Reader> inner, Counts counts)
      : inner_(std::move(inner)), counts_(std::move(counts)) {}

  std::int64_t size() const override { return inner_->size(); }

  Done read(std::int64_t offset, std::span<char> out) const override {
    counts_->with([&](auto& c) { c.bytes_read += static_cast<std::int64_t>(out.size()); });
    return inner_->read(offset, out);
  }

 private:
  const std::unique_ptr<Reader> inner_;
  const Counts counts_;
};

class CountingWriter final : public Writer {
 public:
  CountingWriter(std::unique_ptr<Writer> inner, Counts counts)
      : inner_(std::move(inner)), counts_(std::move(counts)) {}

  Done append(std::string_view bytes) override {
    counts_->with([&](auto& c) { c.bytes_written += static_cast<std::int64_t>(bytes.size()); });
    return inner_->append(bytes);
  }

  Done finish() override {
    counts_->with([](auto& c) { ++c.writes; });
    return inner_->finish();
  }

 private:
  const std::unique_ptr<Writer> inner_;
  const Counts counts_;
};

}  // namespace

StoreCounts CountingStore::counts() const {
  return counts_->with([](const StoreCounts& counts) { return counts; });
}

void CountingStore::reset() {
  counts_->with([](StoreCounts& counts) { counts = {}; });
}

void CountingStore::add(std::int64_t StoreCounts::*what, std::int64_t amount) const {
  counts_->with([&](StoreCounts& counts) { counts.*what += amount; });
}

Result<ObjectInfo> CountingStore::head(std::string_view path) const {
  add(&StoreCounts::heads);
  return inner_.head(path);
}

Result<std::string> CountingStore::read(std::string_view path) const {
  add(&StoreCounts::reads);
  TRY(std::string bytes, inner_.read(path));
  counts_->with([&](StoreCounts& counts) {
    counts.bytes_read += static_cast<std::int64_t>(bytes.size());
    counts.opened.emplace_back(path);
  });
  return bytes;
}

Result<std::unique_ptr<Reader>> CountingStore::open(std::string_view path) const {
  add(&StoreCounts::opens);
  TRY(std::unique_ptr<Reader> reader, inner_.open(path));
  counts_->with([&](StoreCounts& counts) { counts.opened.emplace_back(path); });
  return std::unique_ptr<Reader>(std::make_unique<CountingReader>(std::move(reader), counts_));
}

Result<std::vector<ObjectInfo>> CountingStore::list(std::string_view folder,
                                                    std::string_view start_name) const {
  add(&StoreCounts::lists);
  return inner_.list(folder, start_name);
}

Result<std::vector<ObjectInfo>> CountingStore::list_all(std::string_view folder) const {
  add(&StoreCounts::lists);
  return inner_.list_all(folder);
}

Result<std::vector<std::string>> CountingStore::list_folders(std::string_view folder) const {
  add(&StoreCounts::lists);
  return inner_.list_folders(folder);
}

Result<Put> CountingStore::put_if_absent(std::string_view path, std::string_view bytes) {
  add(&StoreCounts::writes);
  add(&StoreCounts::bytes_written, static_cast<std::int64_t>(bytes.size()));
  return inner_.put_if_absent(path, bytes);
}

Done CountingStore::put(std::string_view path, std::string_view bytes) {
  add(&StoreCounts::writes);
  add(&StoreCounts::bytes_written, static_cast<std::int64_t>(bytes.size()));
  return inner_.put(path, bytes);
}

Result<std::unique_ptr<Writer>> CountingStore::create(std::string_view path) {
  TRY(std::unique_ptr<Writer> writer, inner_.create(path));
  return std::unique_ptr<Writer>(std::make_unique<CountingWriter>(std::move(writer), counts_));
}

Done CountingStore::remove(std::string_view path) {
  add(&StoreCounts::removes);
  return inner_.remove(path);
}

}  // namespace claimlake::store
