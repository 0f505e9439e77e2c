#pragma once

#include <cstdint>
#include <vector>

namespace claimlake::delta {

// Where a file stands in a FileSet.
struct FilePlace {
  std::uint32_t part = 0;
  std::uint32_t index = 0;
};

// From the hash of a file to its places, by open addressing. Nothing is ever taken out: who looks
// a place up sees for himself whether the file is still alive there.
class FileIndex {
 public:
  explicit FileIndex(std::size_t expected) {
    std::size_t size = 64;
    while (size < expected * 2) size *= 2;
    slots_.resize(size);
  }

  void insert(std::uint64_t hash, FilePlace place) {
    if (++used_ * 2 > slots_.size()) grow();
    put({hash, place, true});
  }

  // The place for which `matches` holds, or null.
  template <class Matches>
  const FilePlace* find(std::uint64_t hash, const Matches& matches) const {
    for (std::size_t at = start(hash); slots_[at].used; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at].hash == hash && matches(slots_[at].place)) return &slots_[at].place;
    }
    return nullptr;
  }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    FilePlace place;
    bool used = false;
  };
  std::size_t start(std::uint64_t hash) const { return (hash ^ hash >> 32) & (slots_.size() - 1); }
  void put(const Slot& slot) {
    std::size_t at = start(slot.hash);
    while (slots_[at].used) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = slot;
  }
  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.used) put(slot);
    }
  }

  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

}  // namespace claimlake::delta
