#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/guarded.h"

namespace claimlake::serve {

// One answer, ready to be sent.
struct CachedAnswer {
  std::string body;
  std::string gzip;  // the same, compressed; empty where that does not pay
};

// Answers by what they depend on: the call, its parameters and the table versions. Such an answer
// never changes, so that it is only ever dropped to make room, the least recently used first.
// Thread-safe.
class AnswerCache {
 public:
  explicit AnswerCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // Null if it is not there.
  std::shared_ptr<const CachedAnswer> find(const std::string& key);
  // An answer larger than a sixteenth of the cache is not kept.
  void keep(const std::string& key, std::shared_ptr<const CachedAnswer> answer);

  struct Counts {
    std::int64_t hits = 0;
    std::int64_t misses = 0;
    std::int64_t entries = 0;
    std::int64_t bytes = 0;
  };
  Counts counts() const;

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const CachedAnswer> answer;
  };
  struct State {
    std::list<Entry> entries;  // the most recently used first
    std::unordered_map<std::string, std::list<Entry>::iterator> by_key;
    Counts counts;
  };
  static std::size_t size_of(const Entry& entry);

  const std::size_t bytes_max_;
  Guarded<State> state_;
};

}  // namespace claimlake::serve
