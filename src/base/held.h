#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <utility>

namespace claimlake {

// Values that can be made again, kept as long as they fit into a budget: those that were used last.
// The very last one stays even if it is too large alone. Not thread-safe: keep it in a Guarded.
template <class Key, class Value>
class Held {
 public:
  explicit Held(std::int64_t budget) : budget_(budget) {}

  // The value of `key`, or null. `size` says what the value weighs by now, for some grow in use.
  template <class Size>
  Value* find(const Key& key, const Size& size) {
    const auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    Entry& entry = entries_.front();
    weigh(entry, size(entry.value));
    let_go();
    return &entry.value;
  }
  void put(const Key& key, Value value, std::int64_t size) {
    erase(key);
    entries_.push_front({key, std::move(value), 0});
    places_[key] = entries_.begin();
    weigh(entries_.front(), size);
    let_go();
  }
  void erase(const Key& key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return;
    total_ -= found->second->size;
    entries_.erase(found->second);
    places_.erase(found);
  }
  std::int64_t total() const { return total_; }
  std::size_t count() const { return entries_.size(); }

 private:
  struct Entry {
    Key key;
    Value value;
    std::int64_t size;
  };
  void weigh(Entry& entry, std::int64_t size) {
    total_ += size - entry.size;
    entry.size = size;
  }
  void let_go() {
    while (total_ > budget_ && entries_.size() > 1) {
      total_ -= entries_.back().size;
      places_.erase(entries_.back().key);
      entries_.pop_back();
    }
  }

  const std::int64_t budget_;
  std::int64_t total_ = 0;
  std::list<Entry> entries_;  // used last first
  std::map<Key, typename std::list<Entry>::iterator> places_;
};

}  // namespace claimlake
