#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace claimlake::delta {

// A list whose copies share what they hold, block by block: a copy costs one reference per block,
// and a change the copy of one block. One thread changes a list; who copied it is not touched.
template <class T>
class SharedList {
 public:
  SharedList() = default;
  SharedList(const SharedList& other)
      : blocks_(other.blocks_), own_(blocks_.size(), false), size_(other.size_) {}
  SharedList(SharedList&& other) noexcept : SharedList() { swap(other); }
  SharedList& operator=(SharedList other) noexcept {
    swap(other);
    return *this;
  }
  ~SharedList() = default;

  std::size_t size() const { return size_; }
  const T& operator[](std::size_t i) const { return (*blocks_[i / kBlock])[i % kBlock]; }
  // The entry, to be changed. Valid until the next call.
  T& change(std::size_t i) { return (*own_block(i / kBlock))[i % kBlock]; }
  void push_back(T value) {
    if (size_ % kBlock == 0) {
      blocks_.push_back(std::make_shared<std::vector<T>>());
      own_.push_back(true);
    }
    own_block(size_ / kBlock)->push_back(std::move(value));
    ++size_;
  }

 private:
  static constexpr std::size_t kBlock = 32;
  using Block = std::shared_ptr<std::vector<T>>;

  void swap(SharedList& other) noexcept {
    blocks_.swap(other.blocks_);
    own_.swap(other.own_);
    std::swap(size_, other.size_);
  }
  const Block& own_block(std::size_t i) {
    if (!own_[i]) blocks_[i] = std::make_shared<std::vector<T>>(*blocks_[i]);
    own_[i] = true;
    return blocks_[i];
  }

  std::vector<Block> blocks_;  // all full but the last
  std::vector<bool> own_;      // by block: made by this list since it was copied
  std::size_t size_ = 0;
};

}  // namespace claimlake::delta
